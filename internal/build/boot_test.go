package build_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// silent is a log that nobody reads, but for its warnings.
type silent struct {
	machine.Log
	t *testing.T
}

func (silent) Say(string, ...any)                       {}
func (silent) Message(string, ...any)                   {}
func (s silent) Warn(format string, a ...any)           { s.t.Errorf("warning: "+format, a...) }
func (silent) Progress(string, int64) func(int64, bool) { return func(int64, bool) {} }

// word is the check that a file of the image is there.
type word struct{}

func (word) Evaluate(_ context.Context, s *verify.Session) []verify.Result {
	f, known, err := verify.Fact[probe.File](s, probe.Question{Kind: probe.KindFile, Name: "/srv/steps"})
	r := verify.Result{Verdict: verify.Fail}
	switch {
	case !known:
		r.Verdict = verify.Open
	case err != nil:
		r.Verdict, r.Reason = verify.Unknown, err.Error()
	case f.Exists:
		r.Verdict = verify.Pass
	}
	return []verify.Result{r}
}

func TestBootIsAThrowAwayMachine(t *testing.T) {
	t.Parallel()
	broken := errors.New("the platform is on fire")
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	for name, c := range map[string]struct {
		fault string // the operation that fails
		f     error  // what the caller's part ends with
		want  error
	}{
		"well":                 {},
		"no machine":           {fault: fake.OpBoot, want: broken},
		"an error inside":      {f: broken, want: broken},
		"cancelled inside":     {f: context.Canceled, want: context.Canceled},
		"it cannot be reached": {fault: fake.OpConnect, want: broken},
	} {
		t.Run(name, func(t *testing.T) {
			b.fault = nil
			if c.fault != "" {
				b.fault = during(c.fault, func(fake.Call) error { return broken })
			}
			defer func() { b.fault = nil }()
			s := b.open()
			defer s.close()
			v, err := s.Catalog.Get(t.Context(), b.versions()[0].Name)
			if err != nil {
				t.Fatal(err)
			}
			booter, err := b.builder(config{}, s.Catalog)
			if err != nil {
				t.Fatal(err)
			}
			called := false
			err = s.Boot(t.Context(), booter, v.Image, silent{t: t}, func(ctx context.Context, c2 machine.Communicator, o verify.Options) error {
				called = true
				if exit, err := c2.Run(ctx, machine.Command{Line: "echo spoilt > /srv/steps"}); exit != 0 || err != nil {
					return fmt.Errorf("exit %d, %w", exit, err)
				}
				results, err := verify.NewSession(c2, o).Run(ctx, []verify.Spec{word{}})
				if err != nil || len(results) != 1 || results[0].Verdict != verify.Pass {
					t.Errorf("%+v, %v", results, err)
				}
				return c.f
			})
			if !errors.Is(err, c.want) || c.want == nil && err != nil || called != (c.fault == "") {
				t.Errorf("err = %v, want %v; called: %v", err, c.want, called)
			}
			if left := b.below("fake", "machines"); len(left) > 0 {
				t.Errorf("left machines %q", left)
			}
			if records, err := s.Ledger.Records(); err != nil || len(records) > 0 {
				t.Errorf("left records %v, %v", records, err)
			}
		})
	}
}
