package build_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// failing fails in its second step, after which OUT gets a line.
const failing = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one > /srv/one"] }
  provisioner "shell" { inline = ["echo half > /srv/half; exit 7"] }
  error-cleanup-provisioner "file" {
    direction   = "download"
    source      = "/srv/half"
    destination = "OUT"
  }
}`

func TestFailedStep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := filepath.Join(b.dir, "out")
	hcl := edit(t, failing, "OUT", out)
	for i := range 2 {
		r := b.build(hcl, build.Options{}).fails("fake.web: step 2 (shell echo half > /srv/half; exit 7): script inline (1 line) ended with exit status 7", build.Failed)
		if i == 0 {
			r.wantSteps("base", "shell", "shell")
		} else {
			r.wantSteps("base*", "shell*", "shell")
		}
		if n := strings.Count(r.text(), "Running the error-cleanup provisioner"); n != 1 {
			t.Errorf("error clean-up ran %d times", n)
		}
		if text, err := os.ReadFile(out); err != nil || string(text) != "half\n" {
			t.Errorf("clean-up got %q, %v", text, err)
		}
		b.wantVersions()
		b.wantClean()
		report := r.reports[0]
		last := report.Steps[len(report.Steps)-1]
		if !strings.Contains(last.Error, "exit status 7") || !strings.Contains(report.Error, "exit status 7") || report.Status != "" {
			t.Errorf("report = %+v", report)
		}
	}
	s := b.open()
	defer s.close()
	if entries, err := s.Cache.List(); err != nil || len(entries) != 2 {
		t.Errorf("layers = %v, %v, want those of the steps before", entries, err)
	}
}

func TestNothingBeginsWithoutKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault = fake.FailNth(fake.OpFingerprint, 0, errors.New("mirror is dead"))
	r := b.build(three, build.Options{}).fails("base of fake.web: fingerprint: mirror is dead", build.Failed)
	if _, err := os.Stat(b.home); !errors.Is(err, os.ErrNotExist) || r.reports[0].Log != "" || r.reports[0].Files != nil {
		t.Errorf("home = %v, report %+v", err, r.reports[0])
	}
}

func TestPlatformFailsAtEachOperation(t *testing.T) {
	t.Parallel()
	broken := errors.New("the platform is on fire")
	for _, op := range []string{fake.OpStart, fake.OpMade, fake.OpConnect, fake.OpRun, fake.OpRunDone, fake.OpPut, fake.OpSnapshot,
		fake.OpRestore, fake.OpGate, fake.OpSeal, fake.OpCapture, fake.OpBoot, fake.OpPublish} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				b := newBench(t)
				calls := 0
				b.fault = during(op, func(c fake.Call) error {
					if calls++; calls == n {
						return broken
					}
					return nil
				})
				r := b.build(bare, build.Options{})
				if r.err == nil {
					if n == 1 {
						t.Errorf("%s was never called", op)
					}
					return
				}
				if !strings.Contains(r.err.Error(), broken.Error()) {
					t.Errorf("call %d: err = %v", n, r.err)
				}
				b.wantVersions()
				b.wantClean()
			}
		})
	}
}

func TestMachineThatCannotBeClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	booted := false
	b.fault = func(_ context.Context, c fake.Call) error {
		if booted = booted || c.Op == fake.OpBoot; booted && c.Op == fake.OpClose {
			return errors.New("it is stuck")
		}
		return nil
	}
	r := b.build(three, build.Options{}).must(build.Built) // the scope destroys what Close could not
	r.wantSaid("warning  close machine: close fake machine: close: it is stuck")
	b.wantClean()
}

func TestLostConnectionIsNoSuccess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault = lostWhere("chmod +x /tmp/script_")
	b.build(three, build.Options{}).fails("connection to the machine lost", build.Failed).wantSteps("base", "shell")
	b.wantClean()
	b.fault = nil
	b.build(edit(t, three, "echo two", "reboot; sleep 10; echo two"), build.Options{}).fails("set expect_disconnect = true", build.Failed)
	b.wantClean()
	hcl := edit(t, three, `{ inline = ["echo two >> /srv/steps"] }`, "{\n inline = [\"echo two >> /srv/steps; reboot; sleep 10\"]\n expect_disconnect = true\n}")
	b.build(hcl, build.Options{}).must(build.Built)
}

func TestRetriesAndTimeouts(t *testing.T) {
	t.Parallel()
	step := func(keys string) string {
		return edit(t, three, `{ inline = ["echo two >> /srv/steps"] }`, "{\n"+keys+"\n}")
	}
	b := newBench(t)
	out := filepath.Join(b.dir, "out")
	hcl := step(`
		inline      = ["echo try >> /srv/tries; test $(wc -l < /srv/tries) = 3; echo two >> /srv/steps"]
		max_retries = 2`)
	b.build(hcl, build.Options{}).must(build.Built)

	r := b.build(step(`
		inline      = ["exit 1"]
		max_retries = 2`), build.Options{}).fails("exit status 1", build.Failed)
	r.wantSaid("retrying with 1 trie(s) left", "retry limit reached")

	hcl = step(`
		inline  = ["sleep 100000"]
		timeout = "50ms"`)
	hcl = edit(t, hcl, "  verify", "  error-cleanup-provisioner \"shell-local\" { inline = [\"echo cleaned >> "+out+"\"] }\n  verify")
	b.build(hcl, build.Options{}).fails(`not finished after 50ms, the step's "timeout"`, build.Failed)
	if text, err := os.ReadFile(out); err != nil || string(text) != "cleaned\n" {
		t.Errorf("clean-up wrote %q, %v", text, err)
	}
	b.wantClean()
}

func TestContinueOnError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := edit(t, three, `{ inline = ["echo one >> /srv/steps"] }`, "{\n inline = [\"echo one >> /srv/steps; exit 1\"]\n continue_on_error = true\n}")
	for i := 1; i <= 2; i++ { // nothing of it is reused: the next build tries again
		r := b.build(hcl, build.Options{}).must(build.Built)
		r.wantSaid("step 1 (shell echo one >> /srv/steps; exit 1) failed, and the build goes on (continue_on_error): script inline (1 line) ended with exit status 1")
		want := []string{"base*", "shell", "shell"}
		if i == 1 {
			want[0] = "base"
		}
		r.wantSteps(want...)
		b.wantClean()
	}
	b.wantVersions("web:2 proven", "web:1 proven")
}

func TestFailedMachineMayStay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template string
		opts     build.Options
		keep     time.Duration
	}{
		"keep":           {failing, build.Options{Keep: 30 * time.Minute}, 30 * time.Minute},
		"abort":          {failing, build.Options{OnError: build.Abort}, build.AbortKeep},
		"abort and keep": {failing, build.Options{OnError: build.Abort, Keep: time.Hour}, time.Hour},
		"gate 1":         {edit(t, three, `"one", "two"`, `"three"`), build.Options{Keep: time.Hour}, time.Hour},
		"gate 2": {edit(t, edit(t, three, "echo one", "echo id > /etc/machine-id; echo one"), `"one", "two"] }`, "\"one\"] }\nfile \"/etc/machine-id\" { size = 3 }"),
			build.Options{Keep: time.Hour}, time.Hour},
		"without layers":            {strings.NewReplacer(`"fake"`, `"plain"`, "source.fake", "source.plain").Replace(failing), build.Options{Keep: time.Hour}, time.Hour},
		"gate 1 without layers":     {strings.NewReplacer(`"fake"`, `"plain"`, "source.fake", "source.plain", `"one", "two"`, `"three"`).Replace(three), build.Options{Keep: time.Hour}, time.Hour},
		"time of the build is over": {edit(t, three, "echo two", "sleep 1000; echo two"), build.Options{Keep: time.Hour, Timeout: 10 * time.Second}, time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			before := time.Now()
			r := b.build(strings.ReplaceAll(tt.template, "OUT", filepath.Join(b.dir, "out")), tt.opts)
			if r.err == nil {
				t.Fatal("the build went well")
			}
			r.wantSaid("The machine stays until")
			if strings.Contains(tt.template, "source.plain") {
				r.wantSaid("to look inside: ssh root@192.0.2.7")
			}
			machines := b.below("fake", "machines")
			if len(machines) != 1 {
				t.Fatalf("%d machines stay\n%s", len(machines), r.text())
			}
			s := b.open()
			records, err := s.Ledger.Records()
			s.close()
			if err != nil || len(records) == 0 {
				t.Fatalf("records = %v, %v", records, err)
			}
			for _, rec := range records {
				if rec.State != ledger.Kept || rec.Expires.Before(before.Add(tt.keep)) || rec.Expires.After(time.Now().Add(tt.keep)) {
					t.Errorf("record = %+v", rec)
				}
			}
			b.reap()
			if got := b.below("fake", "machines"); !slices.Equal(got, machines) {
				t.Errorf("machines = %q after the reaper, had %q", got, machines)
			}
			layers, stays := len(b.layers()), b.pruneAll()
			if want := layers; strings.HasPrefix(name, "gate 2") && stays != 0 || !strings.HasPrefix(name, "gate 2") && stays != want {
				t.Errorf("%d layers stay under the machine, had %d", stays, layers)
			}
			b.expire()
			b.reap()
			b.wantClean()
			if stays := b.pruneAll(); stays != 0 {
				t.Errorf("%d layers stay when the machine is gone", stays)
			}
			b.wantVersions()
		})
	}
}

// layers lists those of the cache.
func (b *bench) layers() []cache.Entry {
	b.t.Helper()
	s := b.open()
	defer s.close()
	entries, err := s.Cache.List()
	if err != nil {
		b.t.Fatal(err)
	}
	return entries
}

// pruneAll prunes as gc and cache prune --all do, and counts the layers that stay.
func (b *bench) pruneAll() int {
	b.t.Helper()
	s := b.open()
	defer s.close()
	discard := func(_ context.Context, e cache.Entry) error { return os.RemoveAll(e.Ref) }
	_, err := s.Cache.Prune(b.t.Context(), cache.PrunePlan{All: true}, discard)
	if err := errors.Join(s.LetGo(), err); err != nil {
		b.t.Error(err)
	}
	if _, err = s.Cache.Prune(b.t.Context(), cache.PrunePlan{All: true}, discard); err != nil {
		b.t.Error(err)
	}
	return len(b.layers())
}

// expire lets the time pass for which things are kept.
func (b *bench) expire() {
	b.t.Helper()
	for _, name := range b.below("ledger") {
		path := b.path("ledger", name)
		text, err := os.ReadFile(path)
		if err != nil {
			b.t.Fatal(err)
		}
		year := fmt.Sprint(time.Now().UTC().Year())
		past := strings.ReplaceAll(string(text), `"expires":"`+year, `"expires":"2001`)
		past = strings.ReplaceAll(past, fmt.Sprintf(`"expires":"%d`, time.Now().UTC().Year()+1), `"expires":"2001`)
		if past == string(text) {
			b.t.Fatalf("nothing expires in %s", text)
		}
		if err := os.WriteFile(path, []byte(past), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestShellInTheFailedMachine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template string
		where    string
	}{
		"step":   {failing, "step 2 (shell echo half > /srv/half; exit 7)"},
		"gate 1": {edit(t, strings.Replace(failing, "; exit 7", "", 1), "  error", "  verify \"inline\" {\n file \"/srv/three\" {}\n }\n  error"), "gate 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var where, found []string
			r := b.build(strings.ReplaceAll(tt.template, "OUT", filepath.Join(b.dir, "out")), build.Options{OnError: build.Shell,
				Interact: func(ctx context.Context, c machine.Communicator, at string) error {
					var out strings.Builder
					_, err := c.Run(ctx, machine.Command{Line: "cat /srv/half", Stdout: &out})
					where, found = append(where, at), append(found, out.String())
					return err
				}})
			if r.err == nil || !slices.Equal(where, []string{tt.where}) || !slices.Equal(found, []string{"half\n"}) {
				t.Errorf("err = %v, in %q found %q", r.err, where, found)
			}
			b.wantClean()
		})
	}
}

// TestShellsComeOneByOne: two builds fail at once, and there is one terminal.
func TestShellsComeOneByOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var open, shown atomic.Int32
	var both sync.WaitGroup
	both.Add(2)
	b.sees = func(e build.Event) {
		if e.Type == build.Say && strings.Contains(e.Text, "failed:") {
			both.Done()
		}
	}
	r := b.build(`
source "fake" "a" {}
source "fake" "b" {}
build {
  sources = ["source.fake.a", "source.fake.b"]
  provisioner "shell" { inline = ["exit 7 # ${source.name}"] }
}`, build.Options{OnError: build.Shell, Interact: func(ctx context.Context, c machine.Communicator, at string) error {
		if open.Add(1) > 1 {
			t.Error("two shells on one terminal")
		}
		shown.Add(1)
		both.Wait() // the other has failed, too
		_, err := c.Run(ctx, machine.Command{Line: "sleep 0.1"})
		open.Add(-1)
		return err
	}})
	r.fails("exit status 7", build.Failed, build.Failed)
	if shown.Load() != 2 {
		t.Errorf("%d shells", shown.Load())
	}
	b.wantClean()
}

func TestShellThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(edit(t, failing, "OUT", filepath.Join(b.dir, "out")), build.Options{OnError: build.Shell,
		Interact: func(context.Context, machine.Communicator, string) error { return errors.New("no terminal") }})
	r.fails("exit status 7", build.Failed).wantSaid("shell: no terminal")
	b.wantClean()
}

func TestDirectoriesThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"images", "logs", "reports"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if err := errors.Join(os.MkdirAll(b.home, 0o755), os.WriteFile(b.path(name), nil, 0o644)); err != nil {
				t.Fatal(err)
			}
			r := b.build(three, build.Options{})
			if r.err == nil || !strings.Contains(r.err.Error(), b.path(name)) {
				t.Errorf("err = %v, want one that names the directory", r.err)
			}
			if name == "reports" { // the image was there before its report
				b.wantVersions("web:1 proven")
			} else {
				b.wantVersions()
			}
			b.wantClean()
		})
	}
}
