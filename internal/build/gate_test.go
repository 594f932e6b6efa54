package build_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// during calls f whenever the builder is about to do something.
func during(op string, f func(fake.Call) error) func(context.Context, fake.Call) error {
	return func(_ context.Context, c fake.Call) error {
		if c.Op == op {
			return f(c)
		}
		return nil
	}
}

// gates counts the verdicts of the report's checks by gate: "1 pass" → 3.
func gates(r build.Report) map[string]int {
	count := map[string]int{}
	for _, c := range r.Checks {
		count[fmt.Sprint(c.Gate, " ", c.Verdict)]++
	}
	return count
}

func TestRefused(t *testing.T) {
	t.Parallel()
	broken := errors.New("the platform is on fire")
	tests := map[string]struct {
		old, now string // an edit of the template
		fault    func(b *bench) func(context.Context, fake.Call) error
		reason   string
		gate     int
	}{
		"a check that does not hold in the machine": {
			old: `"one", "two"`, now: `"one", "three"`, reason: "gate 1: refused by its checks: 1 of", gate: 1},
		"a check that does not hold in the image": {
			// Sealing empties it.
			old: `"echo one`, now: `"echo id > /etc/machine-id; echo one`,
			reason: "gate 2: refused by its checks: 1 of", gate: 2},
		"residue in the image": {
			fault: func(b *bench) func(context.Context, fake.Call) error {
				return during(fake.OpCapture, func(fake.Call) error {
					for _, m := range b.below("fake", "machines") {
						if err := os.WriteFile(b.path("fake", "machines", m, "etc", "machine-id"), []byte("id\n"), 0o644); err != nil {
							return err
						}
					}
					return nil
				})
			}, reason: "gate 2: refused by its checks: 1 of", gate: 2},
		"a damaged capture": {
			fault: func(b *bench) func(context.Context, fake.Call) error {
				return during(fake.OpBoot, func(c fake.Call) error {
					text, err := os.ReadFile(c.Path)
					if err != nil {
						return err
					}
					text[len(text)/2] ^= 1
					return os.WriteFile(c.Path, text, 0o644)
				})
			}, reason: "gate 2: refused by its checks: it cannot be started: ", gate: 2},
		"an image that does not boot": {
			old: `"web" {}`, now: `"web" { files = { "/sbin/init" = "#!/bin/sh\nexit 1\n" } }`,
			reason: "gate 1: refused by its checks: it cannot be started: ", gate: 1},
		"a machine that cannot be reached": {
			fault: func(b *bench) func(context.Context, fake.Call) error {
				booted := false
				return func(_ context.Context, c fake.Call) error {
					booted = booted || c.Op == fake.OpBoot
					if booted && c.Op == fake.OpConnect {
						return broken
					}
					return nil
				}
			}, reason: "the platform is on fire", gate: 2},
		"a check that cannot be answered": {
			old: `file "/srv/steps" {`, now: "process \"nginx\" { running = false }\nfile \"/srv/steps\" {",
			reason: "1 of 4 could not be checked", gate: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			hcl := three
			if tt.old != "" {
				hcl = edit(t, hcl, tt.old, tt.now)
			}
			if strings.Contains(hcl, "machine-id") {
				hcl = edit(t, hcl, `"one", "two"] }`, "\"one\"] }\nfile \"/etc/machine-id\" { size = 3 }")
			}
			for i := range 2 { // a refusal is not remembered: there is no image
				if tt.fault != nil {
					b.fault = tt.fault(b)
				}
				r := b.build(hcl, build.Options{}).refused(tt.reason)
				if i == 1 {
					r.wantSteps("base*", "shell*", "shell*")
				}
				b.wantClean()
				b.wantVersions()
				report := r.reports[0]
				if report.Version != 0 || report.Image != "" || report.Status != "" {
					t.Errorf("report = %+v", report)
				}
				for _, f := range append(report.Files, report.Log) {
					if _, err := os.Stat(f); err != nil {
						t.Error(err)
					}
				}
				if len(report.Files) != 3 || len(b.below("images")) != 0 {
					t.Errorf("report files %q, images %q", report.Files, b.below("images"))
				}
				last := report.Checks[len(report.Checks)-1]
				if last.Gate != tt.gate {
					t.Errorf("last check = %+v, want one of gate %d", last, tt.gate)
				}
				if bad := slices.IndexFunc(report.Checks, func(c catalog.Check) bool { return c.Verdict != "pass" }); report.Checks[bad].Gate != tt.gate {
					t.Errorf("check = %+v, want one of gate %d", report.Checks[bad], tt.gate)
				}
			}
		})
	}
}

func TestChangedChecksAreAskedOfTheSameImage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.build(three, build.Options{}).must(build.Built).reports[0]

	more := edit(t, three, `"one", "two"`, `"two"`)
	r := b.build(more, build.Options{}).must(build.ProvenAgain)
	r.wantSteps()
	if g := gates(r.reports[0]); g["1 pass"] != 3 || g["2 pass"] < 16 || len(g) != 2 {
		t.Errorf("checks = %v", g)
	}
	b.wantVersions("web:1 proven")
	if v := b.versions()[0]; v.Image.ID != first.Image || v.Log == first.Log || v.Report == first.Files[0] {
		t.Errorf("version = %+v", v)
	}
	b.build(more, build.Options{}).must(build.Unchanged)

	worse := edit(t, three, `"one", "two"`, `"three"`)
	b.build(worse, build.Options{}).refused("gate 1: refused by its checks: 1 of 3 failed")
	b.wantVersions("web:1 refused")
	before := snapshot(t, b.home)
	b.build(worse, build.Options{}).refused("web:1 was refused before, and nothing has changed since")
	wantSame(t, before, snapshot(t, b.home))
	if _, err := os.Stat(first.Image); err != nil {
		t.Errorf("the image of a refused version belongs to the catalog: %v", err)
	}
	b.build(worse, build.Options{NoCache: true}).refused("gate 1")
	b.wantVersions("web:1 refused")

	b.build(more, build.Options{}).must(build.ProvenAgain)
	b.wantVersions("web:1 proven")
	b.wantClean()

	none := more[:strings.Index(more, "  verify")] + "}"
	b.build(none, build.Options{}).must(build.ProvenAgain)
	b.wantVersions("web:1 UNPROVEN")
}

func TestProvingAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil  func(t *testing.T, b *bench, v catalog.Version)
		fault  func(context.Context, fake.Call) error
		checks string
		reason string // "" for a proof
		status catalog.Status
		heals  bool // the next build tries again
	}{
		"without the last layer": {spoil: func(t *testing.T, b *bench, _ catalog.Version) {
			if err := os.RemoveAll(b.path("fake", "layers")); err != nil {
				t.Fatal(err)
			}
		}, status: catalog.Proven},
		"without entries of layers": {spoil: func(t *testing.T, b *bench, _ catalog.Version) {
			if err := os.RemoveAll(b.path("cache", "entries")); err != nil {
				t.Fatal(err)
			}
		}, status: catalog.Proven},
		"of a damaged image": {spoil: func(t *testing.T, b *bench, v catalog.Version) {
			if err := os.WriteFile(v.Image.ID, make([]byte, v.Image.Size), 0o644); err != nil {
				t.Fatal(err)
			}
		}, reason: "web:1 could not be proven again, and stays proven: gate 2: it cannot be started", status: catalog.Proven, heals: true},
		"on a host that starts no machine": {fault: func(_ context.Context, c fake.Call) error {
			if c.Op == fake.OpGate {
				return errors.New("no user namespaces here")
			}
			return nil
		}, reason: "and stays proven: gate 1: it cannot be started: ", status: catalog.Proven, heals: true},
		"with a check that cannot be answered": {checks: `process "x" {}`,
			reason: "and stays proven: gate 1: 1 of 4 could not be checked", status: catalog.Proven, heals: true},
		"with one that cannot, and one that fails": {checks: "process \"x\" {}\nfile \"/srv/x\" {}", reason: "1 failed and 1 could not", status: catalog.Refused},
		"with a check that fails":                  {checks: `file "/srv/x" {}`, reason: "failed", status: catalog.Refused},
		"with a lost connection":                   {fault: lostWhere("serve"), reason: "connection to the machine lost", status: catalog.Proven, heals: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.build(three, build.Options{}).must(build.Built)
			if tt.spoil != nil {
				tt.spoil(t, b, b.versions()[0])
			}
			if b.fault = tt.fault; b.fault != nil {
				b.probe = func() bool { return false }
			}
			hcl := edit(t, three, `"one", "two"] }`, "\"one\"] }\n"+tt.checks)
			r := b.build(hcl, build.Options{})
			switch {
			case tt.reason == "":
				r.must(build.ProvenAgain)
			case tt.status == catalog.Refused:
				r.refused(tt.reason)
			default:
				r.fails(tt.reason, build.Failed)
			}
			r.wantSteps()
			b.wantVersions("web:1 " + string(tt.status))
			if tt.reason == "" {
				b.build(hcl, build.Options{}).must(build.Unchanged)
				return
			}
			again := b.build(hcl, build.Options{})
			if tt.heals {
				again.fails(tt.reason, r.reports[0].Outcome)
			} else {
				again.refused("nothing has changed since")
			}
		})
	}
}

func TestLayersAreNotReadForGate2(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault = during(fake.OpBoot, func(fake.Call) error { return os.Rename(b.path("fake", "layers"), b.path("fake", "elsewhere")) })
	b.build(three, build.Options{}).must(build.Built)
	b.wantVersions("web:1 proven")
}

func TestWhatProves(t *testing.T) {
	t.Parallel()
	goss := "file:\n  /srv/steps: {exists: true, skip: SKIP}\n"
	tests := map[string]struct {
		template string
		attach   string
		want     string
	}{
		"own checks":           {template: three, want: "web:1 proven"},
		"none":                 {template: bare, want: "web:1 UNPROVEN"},
		"attached checks":      {template: bare, attach: strings.Replace(goss, "SKIP", "false", 1), want: "web:1 proven"},
		"skipped checks":       {template: bare, attach: strings.Replace(goss, "SKIP", "true", 1), want: "web:1 UNPROVEN"},
		"no way to boot again": {template: strings.NewReplacer(`"fake"`, `"plain"`, "source.fake", "source.plain").Replace(three), want: "web:1 UNPROVEN"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if tt.attach != "" {
				b.attach = []string{b.write("goss.yaml", tt.attach)}
			}
			r := b.build(tt.template, build.Options{}).must(build.Built)
			b.wantVersions(tt.want)
			if status := strings.TrimPrefix(tt.want, "web:1 "); string(r.reports[0].Status) != status {
				t.Errorf("status = %q", r.reports[0].Status)
			}
			if strings.Contains(tt.attach, "true, skip: true") {
				if g := gates(r.reports[0]); g["2 skipped"] != 1 {
					t.Errorf("checks = %v", g)
				}
			}
			b.build(tt.template, build.Options{}).must(build.Unchanged)
			b.wantClean()
		})
	}
}

// TestChecksWithLateValues: build.* is known in a gate, of each gate's own machine.
func TestChecksWithLateValues(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := edit(t, three, "  verify", "  provisioner \"shell\" { inline = [\"echo ${build.ID} > /srv/id\"] }\n  verify")
	hcl = edit(t, hcl, `"one", "two"] }`, "\"one\"] }\n file \"/srv/id\" { contains = [build.ID] }")
	b.build(hcl, build.Options{}).must(build.Built)
	b.wantVersions("web:1 proven")
	b.build(edit(t, hcl, "[build.ID]", `["x${build.ID}"]`), build.Options{}).refused("gate 1: refused by its checks: 1 of 4 failed")

	plain := strings.NewReplacer(`"fake"`, `"plain"`, "source.fake", "source.plain", `"one", "two"`, "build.Host").Replace(three)
	plain = edit(t, plain, "echo two", "echo 192.0.2.7 two")
	b = newBench(t)
	b.build(plain, build.Options{}).must(build.Built)
}

// bare has no checks of its own.
const bare = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
}`

func TestAttachedChecks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.attach = []string{b.write("goss.yaml", "file:\n  /srv/steps: {exists: true}\n")}
	b.build(bare, build.Options{}).must(build.Built)
	b.build(bare, build.Options{}).must(build.Unchanged)
	b.write("goss.yaml", "file:\n  /srv/other: {exists: true}\n")
	b.build(bare, build.Options{}).refused("gate 1")
	b.attach = nil
	b.build(bare, build.Options{}).must(build.ProvenAgain)
	b.wantVersions("web:1 UNPROVEN")
}

func TestChecksAreAskedAsTheyWereRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.attach = []string{b.write("goss.yaml", "file:\n  /srv/base: {exists: true}\n")}
	b.fault = during(fake.OpRun, func(fake.Call) error { // while the parent is built
		b.write("goss.yaml", "file:\n  /srv/other: {exists: true}\n")
		return nil
	})
	b.build(parentAndChild, build.Options{}).must(build.Built, build.Built)
	b.fault = nil
	r := b.build(parentAndChild, build.Options{}) // and not what the first build has proven
	if !errors.Is(r.err, build.ErrRefused) {
		t.Errorf("err = %v, want a refusal", r.err)
	}
	r.outcomes(build.Failed, build.Refused)
}

func TestPublishingComesLast(t *testing.T) {
	t.Parallel()
	var ops []string
	record := func(_ context.Context, c fake.Call) error {
		if slices.Contains([]string{fake.OpCapture, fake.OpBoot, fake.OpPublish, fake.OpGate}, c.Op) {
			ops = append(ops, c.Op)
		}
		return nil
	}
	b := newBench(t)
	b.fault = record
	b.build(three, build.Options{}).must(build.Built)
	if want := []string{fake.OpGate, fake.OpCapture, fake.OpBoot, fake.OpGate, fake.OpPublish}; !slices.Equal(ops, want) {
		t.Errorf("order = %q, want %q", ops, want)
	}
	if v := b.versions()[0]; v.Image.Facts["published"] != "true" {
		t.Errorf("image = %+v, want what Publish returned", v.Image)
	}
	ops = nil
	b.build(edit(t, three, `"one", "two"`, `"none"`), build.Options{NoCache: true}).refused("gate 1")
	if slices.Contains(ops, fake.OpPublish) || slices.Contains(ops, fake.OpCapture) {
		t.Errorf("a refused image went on: %q", ops)
	}
	b.fault = fake.FailNth(fake.OpPublish, 0, errors.New("no room in the cloud"))
	b.build(edit(t, three, "echo two", "echo  two"), build.Options{}).fails("publish fake image: publish: no room in the cloud", build.Failed)
	b.wantVersions("web:1 proven")
	b.wantClean()
}

func TestConnectionLostInAGate(t *testing.T) {
	t.Parallel()
	for gate := 1; gate <= 2; gate++ {
		b := newBench(t)
		sessions := 0
		b.probe = func() bool {
			sessions++
			return sessions != gate
		}
		b.fault = lostWhere("serve")
		b.build(three, build.Options{}).fails(fmt.Sprintf("gate %d: verify: run command: run-done: connection to the machine lost", gate), build.Failed)
		b.wantVersions()
		b.wantClean()
	}
}

// lostWhere loses the connection whenever a command that holds the word has run.
func lostWhere(word string) func(context.Context, fake.Call) error {
	return during(fake.OpRunDone, func(c fake.Call) error {
		if strings.Contains(c.Line, word) {
			return machine.ErrDisconnected
		}
		return nil
	})
}

func TestNoProbe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.probeErr = errors.New("none for this architecture")
	b.build(three, build.Options{}).refused("gate 1: refused by its checks: 3 of 3 could not be checked")
	b.probeErr = nil
	b.fault = during(fake.OpRun, func(c fake.Call) error {
		if strings.Contains(c.Line, " serve") {
			return machine.ErrDisconnected
		}
		return nil
	})
	b.build(three, build.Options{}).fails("gate 1: verify: run command: run: connection to the machine lost", build.Failed)
	b.wantVersions()
	b.wantClean()
}

func TestProbeThatDies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.probe = func() bool { return false }
	b.build(three, build.Options{}).refused("gate 1: refused by its checks: 3 of 3 could not be checked")
	b.wantClean()
}
