package provision

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// tries is a provisioner whose tries end one after the other as its elements say.
type tries []func(ctx context.Context) error

func (p *tries) Fingerprint(context.Context, *cache.Hash) error { return nil }

func (p *tries) Provision(ctx context.Context, _ Run, _ machine.Communicator) error {
	f := (*p)[0]
	*p = (*p)[1:]
	return f(ctx)
}

var errBad = errors.New("bad")

func fails(context.Context) error { return errBad }
func works(context.Context) error { return nil }
func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func takes(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error { return sleep(ctx, d) }
}

func TestRunStep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		step  template.Step
		tries tries
		says  []string
		took  time.Duration
		is    error
	}{
		{name: "plain", tries: tries{works}},
		{name: "plain failure", tries: tries{fails}, is: errBad},
		{
			name:  "pause",
			step:  template.Step{PauseBefore: "90s"},
			tries: tries{works},
			says:  []string{"Pausing 1m30s before the next provisioner..."},
			took:  90 * time.Second,
		},
		{
			name:  "retries, pausing each time",
			step:  template.Step{PauseBefore: "1s", MaxRetries: 2},
			tries: tries{fails, fails, works},
			says: []string{
				"Pausing 1s before the next provisioner...",
				`Provisioner failed with "bad", retrying with 2 trie(s) left`,
				"Pausing 1s before the next provisioner...",
				`Provisioner failed with "bad", retrying with 1 trie(s) left`,
				"Pausing 1s before the next provisioner...",
			},
			took: 3 * time.Second,
		},
		{
			name:  "retry limit",
			step:  template.Step{MaxRetries: 1},
			tries: tries{fails, fails},
			says: []string{
				`Provisioner failed with "bad", retrying with 1 trie(s) left`,
				"retry limit reached.",
			},
			is: errBad,
		},
		{
			name:  "in time",
			step:  template.Step{Timeout: "1m"},
			tries: tries{takes(59 * time.Second)},
			says:  []string{"Setting a 1m0s timeout for the next provisioner..."},
			took:  59 * time.Second,
		},
		{
			name:  "timeout",
			step:  template.Step{Timeout: "1s"},
			tries: tries{hangs},
			says: []string{
				"Setting a 1s timeout for the next provisioner...",
				"! Cancelling provisioner after a timeout...",
			},
			took: time.Second,
			is:   context.DeadlineExceeded,
		},
		{
			name:  "each try has its own time, pauses apart",
			step:  template.Step{Timeout: "10s", PauseBefore: "20s", MaxRetries: 1},
			tries: tries{hangs, takes(9 * time.Second)},
			says: []string{
				"Pausing 20s before the next provisioner...",
				"Setting a 10s timeout for the next provisioner...",
				"! Cancelling provisioner after a timeout...",
				`Provisioner failed with "not finished after 10s, the step's \"timeout\" (context deadline exceeded)", retrying with 1 trie(s) left`,
				"Pausing 20s before the next provisioner...",
				"Setting a 10s timeout for the next provisioner...",
			},
			took: 59 * time.Second,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				run, log := run(t)
				start := time.Now()
				err := RunStep(t.Context(), tt.step, &tt.tries, run, nil)
				if !errors.Is(err, tt.is) {
					t.Errorf("error %v, want %v", err, tt.is)
				}
				if tt.is == context.DeadlineExceeded {
					wantError(t, err, "not finished after 1s", `"timeout"`)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %s, want %s", took, tt.took)
				}
				if d := cmp.Diff(strings.Join(tt.says, "\n"), log.said()); d != "" {
					t.Error(d)
				}
				if len(tt.tries) > 0 {
					t.Errorf("%d tries were not made", len(tt.tries))
				}
			})
		})
	}
}

func TestRunStepCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("received interrupt")
	for _, step := range []template.Step{
		{},
		{Timeout: "1h", MaxRetries: 3},
		{PauseBefore: "1h", MaxRetries: 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			run, log := run(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute, func() { cancel(cause) })
			start := time.Now()
			err := RunStep(ctx, step, &tries{hangs}, run, nil)
			if !errors.Is(err, cause) {
				t.Errorf("%+v: got %v", step, err)
			}
			if took := time.Since(start); took != time.Minute {
				t.Errorf("%+v: took %s", step, took)
			}
			if s := log.said(); strings.Contains(s, "timeout...\n!") || strings.Contains(s, "retry") {
				t.Errorf("%+v: said %s", step, s)
			}
		})
	}
}

func TestRunStepBadDuration(t *testing.T) {
	t.Parallel()
	run, _ := run(t)
	wantError(t, RunStep(t.Context(), template.Step{Timeout: "-1s"}, &tries{}, run, nil), "-1s", "negative")
	wantError(t, RunStep(t.Context(), template.Step{PauseBefore: "soon"}, &tries{}, run, nil), `"soon"`)
}
