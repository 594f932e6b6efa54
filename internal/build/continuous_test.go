package build_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// going is a builder whose layers hold machines as they run.
type going struct {
	*fake.Builder
	cost func() time.Duration // of a layer; nil: nothing
}

func (going) Continuous() bool { return true }

func (g going) LayerCost(machine.Machine) time.Duration {
	if g.cost == nil {
		return 0
	}
	return g.cost()
}

// single is one whose machines cannot be copied.
type single struct{ going }

func (single) Snapshot(_ context.Context, m machine.Machine, _ machine.Env) (string, machine.Machine, error) {
	return "", m, nil
}

// counted counts the calls of an operation.
func (b *bench) counted(op string) *int {
	n := new(int)
	b.fault = func(_ context.Context, c fake.Call) error {
		if c.Op == op {
			*n++
		}
		return nil
	}
	return n
}

// TestLayersOfRunningMachines: layers that nobody will read are not made of them, but for
// the one that gate 1 has a copy of.
func TestLayersOfRunningMachines(t *testing.T) {
	t.Parallel()
	hcl := strings.ReplaceAll(three, "fake", "going")
	b := newBench(t)
	n := b.counted(fake.OpSnapshot)
	b.build(hcl, build.Options{}).must(build.Built)
	if layers := len(b.below("fake", "layers")); *n != layers || layers < 2 {
		t.Errorf("%d calls, and %d layers", *n, layers)
	}
	*n = 0
	b.build(hcl, build.Options{NoCache: true}).must(build.Built)
	if *n != 1 {
		t.Errorf("%d layers without the cache, want the last", *n)
	}
	b.wantClean()
}

// TestRunningMachineWithoutChecks: the built-in ones are asked of the machine itself, and a
// layer that only a copy would be made of is not.
func TestRunningMachineWithoutChecks(t *testing.T) {
	t.Parallel()
	without := edit(t, strings.ReplaceAll(three, "fake", "going"), `  verify "inline" {
    file "/srv/steps" { contains = ["one", "two"] }
  }
`, "")
	for name, tt := range map[string]struct {
		hcl            string
		options        build.Options
		copies, layers int
	}{
		"no checks":              {without, build.Options{}, 0, 1},
		"no checks and no cache": {without, build.Options{NoCache: true}, 0, 0},
		"with checks":            {strings.ReplaceAll(three, "fake", "going"), build.Options{}, 1, 1},
	} {
		b := newBench(t)
		calls := map[string]int{}
		b.fault = func(_ context.Context, c fake.Call) error {
			calls[c.Op]++
			return nil
		}
		b.build(tt.hcl, tt.options).must(build.Built)
		if calls[fake.OpRestore] != tt.copies || min(calls[fake.OpSnapshot], 1) != tt.layers {
			t.Errorf("%s: %v", name, calls)
		}
		b.wantClean()
	}
}

// long has steps of which the last two share a type.
const long = `
source "going" "web" {}
build {
  sources = ["source.going.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
  provisioner "file" {
    content     = "two"
    destination = "/srv/two"
  }
  provisioner "shell" { inline = ["echo three >> /srv/steps"] }
  provisioner "shell" { inline = ["echo four >> /srv/steps"] }
  verify "inline" {
    file "/srv/steps" { content = "one\nthree\nfour\n" }
    file "/srv/two" { exists = true }
  }
}`

// dear makes layers of some steps cost more than they save: those of the first steps, the
// base too, where the letter is x.
func (b *bench) dear(steps string) {
	asked := 0
	b.cost = func() time.Duration {
		asked++
		if asked <= len(steps) && steps[asked-1] == 'x' {
			return time.Hour
		}
		return 0
	}
}

// TestLayersThatDoNotPay: a step that takes less than a layer of it costs has none. A later
// layer holds it; without one it runs again, with what is after it.
func TestLayersThatDoNotPay(t *testing.T) {
	t.Parallel()
	changed := edit(t, long, "echo four", "true; echo four")
	for name, tt := range map[string]struct {
		dear   string
		layers int
		then   string
		steps  []string
	}{
		"in the middle":           {".xx.", 3, changed, []string{"base*", "shell*", "file*", "shell*", "shell"}},
		"the base":                {"x...", 4, changed, []string{"base*", "shell*", "file*", "shell*", "shell"}},
		"all but the last":        {"xxxx", 1, changed, []string{"base", "shell", "file", "shell", "shell"}},
		"one of them changes":     {".xx.", 3, edit(t, long, `content     = "two"`, `content     = "other"`), []string{"base*", "shell", "file", "shell", "shell"}},
		"one beside runs always":  {".xx.", 3, edit(t, changed, `  provisioner "file"`, "  provisioner \"shell-local\" { inline = [\"true\"] }\n  provisioner \"file\""), []string{"base*", "shell", "shell-local", "file*", "shell*", "shell"}},
		"nothing changes":         {".xx.", 3, long, nil},
		"the layer above is gone": {"..xx", 3, changed, []string{"base*", "shell*", "file", "shell", "shell"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.dear(tt.dear)
			b.build(long, build.Options{}).must(build.Built).wantSteps("base", "shell", "file", "shell", "shell")
			if got := len(b.below("fake", "layers")); got != tt.layers {
				t.Errorf("%d layers, want %d", got, tt.layers)
			}
			b.cost = nil
			outcome := build.Built
			if tt.steps == nil {
				outcome = build.Unchanged
			}
			b.build(tt.then, build.Options{}).must(outcome).wantSteps(tt.steps...)
			b.wantClean()
			b.pruneAll()
			if left := b.below("fake", "layers"); len(left) > 0 {
				t.Errorf("layers are left: %q", left)
			}
		})
	}
}

// TestSecretBetweenLayers: a layer that holds a step with a secret is made with one.
func TestSecretBetweenLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dear(".xx.")
	hcl := edit(t, long, `content     = "two"`, `content     = var.word`)
	b.build("variable \"word\" {\n  default   = \"hunter2\"\n  sensitive = true\n}\n"+hcl, build.Options{}).must(build.Built)
	for _, e := range b.layers() {
		if want := e.Index == 3; e.Secret != want {
			t.Errorf("layer of step %d: secret %t", e.Index, e.Secret)
		}
	}
	b.wantClean()
}

// TestLookingBetweenLayers: a step that only a later layer holds is run again to be looked at.
func TestLookingBetweenLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dear(".xx.")
	b.build(long, build.Options{}).must(build.Built)
	b.dear("xxxxx")
	for step, want := range map[string]string{"1": "one\n", "2": "one\ntwo", "3": "one\nthree\ntwo", "4": "one\nthree\nfour\ntwo"} {
		var out strings.Builder
		err := b.at(long, step, func(ctx context.Context, c machine.Communicator, _ string) error {
			_, err := c.Run(ctx, machine.Command{Line: "cat /srv/steps; cat /srv/two || :", Stdout: &out})
			return err
		})
		if err != nil || out.String() != want {
			t.Errorf("after step %s: %q, %v, want %q", step, out.String(), err, want)
		}
	}
	b.wantClean()
}

// TestExplainBetweenLayers: what a later layer holds is known of a step, too.
func TestExplainBetweenLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dear(".xx.")
	b.build(long, build.Options{}).must(build.Built)
	s := b.open()
	defer s.close()
	explain := func(hcl string) []build.Explanation {
		plan, err := s.plan(hcl, build.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := plan.Explain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, x := range explain(long) {
		if !x.Image && (x.Entry == nil || x.Step == 2 && x.Entry.Index != 3) {
			t.Errorf("%+v", x)
		}
	}
	all := explain(edit(t, long, `content     = "two"`, `content     = "other"`))
	if x := all[1]; x.Entry != nil || !x.Known || len(x.Changes) != 0 {
		t.Errorf("before the change: %+v", x)
	}
	if x := all[2]; x.Entry != nil || len(x.Changes) == 0 || !strings.Contains(x.Changes[0].Name, "content") {
		t.Errorf("the change: %+v", x)
	}
}

// TestRetryWithoutAMachine: what only the lost machine had is done again.
func TestRetryWithoutAMachine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dear(".xx")
	b.fault = fake.FailNth(fake.OpSnapshot, 2, errors.New("no room"))
	b.build(long, build.Options{OnError: build.Ask, Line: person("r")}).must(build.Built).
		wantSteps("base", "shell", "file", "shell", "shell", "file", "shell", "shell")
	b.wantClean()
}

// TestRunningMachineNotReached: a machine that is not reached is dealt with as one in which
// a step failed.
func TestRunningMachineNotReached(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault = fake.FailNth(fake.OpConnect, 0, errors.New("nobody answers"))
	b.build(strings.ReplaceAll(three, "fake", "going"), build.Options{}).fails("step 0 (base): connect: connect to fake machine: connect: nobody answers", build.Failed)
	b.wantClean()
}

// TestMachinesThatCannotBeCopied: gates and capture have the machine itself.
func TestMachinesThatCannotBeCopied(t *testing.T) {
	t.Parallel()
	hcl := strings.ReplaceAll(three, "fake", "single")
	b := newBench(t)
	n := b.counted(fake.OpRestore)
	b.build(hcl, build.Options{}).must(build.Built)
	b.build(hcl, build.Options{}).must(build.Unchanged)
	if layers := b.below("fake", "layers"); *n != 0 || len(layers) > 0 {
		t.Errorf("%d machines from the layers %v", *n, layers)
	}
	b.wantClean()
}
