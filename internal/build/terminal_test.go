package build_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// person answers with one line after the other, and is gone after the last.
func person(lines ...string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if len(lines) == 0 {
			return "", io.EOF
		}
		line := lines[0]
		lines = lines[1:]
		return line + "\n", nil
	}
}

// reported are the base and the provisioners of the report, by the first words of their
// names.
func (r result) reported() (names []string) {
	for _, s := range r.reports[0].Steps {
		if s.Kind == "base" || s.Kind == "provisioner" {
			word, _, _ := strings.Cut(s.Name, " ")
			names = append(names, word)
		}
	}
	return names
}

// TestOnError: what is left of a failed step, and whether it was cleaned up.
func TestOnError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts             build.Options
		cleaned, machine bool
	}{
		"cleanup":          {build.Options{}, true, false},
		"abort":            {build.Options{OnError: build.Abort}, false, true},
		"clean-up only":    {build.Options{OnError: build.CleanupOnly}, true, true},
		"ask nobody":       {build.Options{OnError: build.Ask}, true, false},
		"ask, c":           {build.Options{OnError: build.Ask, Line: person("what?", " C ")}, true, false},
		"ask, a":           {build.Options{OnError: build.Ask, Line: person("a")}, false, true},
		"ask, p":           {build.Options{OnError: build.Ask, Line: person("p")}, true, true},
		"ask, r and again": {build.Options{OnError: build.Ask, Line: person("r", "r", "c")}, true, false},
		"ask, gone":        {build.Options{OnError: build.Ask, Line: person()}, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			out := filepath.Join(b.dir, "out")
			r := b.build(edit(t, failing, "OUT", out), test.opts).fails("exit status 7", build.Failed)
			if got := r.reported(); !slices.Equal(got, []string{"base", "shell", "shell"}) {
				t.Errorf("steps of the report: %q", got)
			}
			if _, err := os.Stat(out); (err == nil) != test.cleaned {
				t.Errorf("cleaned up: %v", err)
			}
			if left := len(b.below("fake", "machines")) > 0; left != test.machine {
				t.Errorf("a machine is left: %v", left)
			}
		})
	}
}

// TestRetriedStep: the build goes on when the step works at last, and nothing of it
// is reused, since nobody knows what the first try left.
func TestRetriedStep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := edit(t, three, "echo two", "test -e /srv/tried || { touch /srv/tried; exit 1; }; echo two")
	r := b.build(hcl, build.Options{OnError: build.Ask, Line: person("r")}).must(build.Built)
	r.wantSteps("base", "shell", "shell", "shell") // each try is told of
	if got := r.reported(); !slices.Equal(got, []string{"base", "shell", "shell"}) {
		t.Errorf("steps of the report: %q", got)
	}
	r.wantSaid("[c] clean up and exit", "[r] retry the step")
	b.wantClean()
	b.build(hcl, build.Options{}).fails("exit status 1", build.Failed).wantSteps("base*", "shell*", "shell")
	b.wantClean()
}

// TestAskedForAShell: the machine goes after the person has left it.
func TestAskedForAShell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	found := ""
	r := b.build(edit(t, failing, "OUT", filepath.Join(b.dir, "out")), build.Options{OnError: build.Ask, Line: person("s"),
		Interact: func(ctx context.Context, c machine.Communicator, _ string) error {
			var text strings.Builder
			err := c.Get(ctx, "/srv/half", &text)
			found = text.String()
			return err
		}}).fails("exit status 7", build.Failed)
	r.wantSaid("[s] a shell in the machine")
	if found != "half\n" {
		t.Errorf("in the machine there was %q", found)
	}
	b.wantClean()
}

// TestDebugPauses: with a person there, the build stops after each step that ran.
func TestDebugPauses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pauses := 0
	line := func(context.Context) (string, error) {
		pauses++
		return "\n", nil
	}
	b.build(three, build.Options{Debug: true, Line: line}).must(build.Built).
		wantSaid("Pausing after step 0 (base). Press enter to continue.", "Pausing after step 2 (")
	if pauses != 3 {
		t.Errorf("it stopped %d times", pauses)
	}
	b = newBench(t)
	b.build(three, build.Options{Debug: true}).must(build.Built)
	b = newBench(t)
	b.build(three, build.Options{Debug: true, Line: person()}).must(build.Built) // the terminal was closed
	b = newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	b.buildIn(ctx, three, build.Options{Debug: true, Line: func(ctx context.Context) (string, error) {
		cancel(errors.New("enough"))
		<-ctx.Done()
		return "", context.Cause(ctx)
	}}).fails("enough", build.Cancelled)
	b.wantClean()
}
