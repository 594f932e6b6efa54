package build_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// going is a builder whose layers hold machines as they run.
type going struct{ *fake.Builder }

func (going) Continuous() bool { return true }

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
