package provision

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// RunStep runs one step with the options that every provisioner has: each try
// waits for pause_before and ends after timeout, and max_retries says how many
// more tries follow a failed one. When ctx ends there is no further try, and the
// error is the cause of that end. The error of a try that took too long is
// context.DeadlineExceeded and names the option.
func RunStep(ctx context.Context, step template.Step, p Provisioner, run Run, c machine.Communicator) error {
	pause, err := duration("pause_before", step.PauseBefore)
	if err != nil {
		return err
	}
	timeout, err := duration("timeout", step.Timeout)
	if err != nil {
		return err
	}
	for left := step.MaxRetries; ; left-- {
		err := try(ctx, pause, timeout, p, run, c)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return because(ctx, err)
		case left <= 0:
			if step.MaxRetries > 0 {
				run.Out.Say("retry limit reached.")
			}
			return err
		}
		run.Out.Say("Provisioner failed with %q, retrying with %d trie(s) left", err, left)
	}
}

func try(ctx context.Context, pause, timeout time.Duration, p Provisioner, run Run, c machine.Communicator) error {
	if pause > 0 {
		run.Out.Say("Pausing %s before the next provisioner...", pause)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	if timeout == 0 {
		return p.Provision(ctx, run, c)
	}
	run.Out.Say("Setting a %s timeout for the next provisioner...", timeout)
	tctx, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{timeout})
	defer cancel()
	told := make(chan struct{})
	stop := context.AfterFunc(tctx, func() {
		defer close(told)
		if ctx.Err() == nil {
			run.Out.Warn("Cancelling provisioner after a timeout...")
		}
	})
	err := p.Provision(tctx, run, c)
	if !stop() {
		<-told
	}
	if err != nil && tctx.Err() != nil && ctx.Err() == nil {
		return because(tctx, err)
	}
	return err
}

// because makes the cause of ctx's end part of err, and the first thing it says.
func because(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (%w)", cause, err)
}

// timeoutError is why a try was stopped.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf(`not finished after %s, the step's "timeout"`, e.limit)
}

func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

func duration(option, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errors.New("is negative")
	}
	if err != nil {
		return 0, template.At(option, fmt.Errorf("read duration %q: %w", text, err))
	}
	return d, nil
}

// sleep returns the cause of ctx's end when that comes first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
