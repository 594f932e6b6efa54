package build

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Terminal is the one at which a person sits. Whoever shows something there, or waits for
// an answer, takes it first.
type Terminal chan struct{}

// NewTerminal returns one that nobody has taken.
func NewTerminal() Terminal { return make(Terminal, 1) }

// Take waits until nobody else has the terminal. It fails with ctx's cause when that
// ends first. release is called once.
func (t Terminal) Take(ctx context.Context) (release func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// retry is what a person may answer besides the actions of OnError.
const retry OnError = "retry"

// chosen is what happens after a failure: what the options say, or what a person
// answers. That is retry only where it can be.
func (r *runner) chosen(ctx context.Context, where string, cause error, again bool) OnError {
	if r.opts.OnError != Ask {
		return r.opts.OnError
	}
	if r.opts.Line == nil || ctx.Err() != nil {
		return Cleanup
	}
	answers := map[string]OnError{"c": Cleanup, "a": Abort, "p": CleanupOnly}
	question := "[c] clean up and exit, [a] abort without clean-up, [p] run the clean-up provisioner alone"
	if r.opts.Interact != nil && !r.machineless() {
		answers["s"] = Shell
		question += ", [s] a shell in the machine"
	}
	if again {
		answers["r"] = retry
		question += ", [r] retry the step (what it left stays)"
	}
	release, err := r.terminal.Take(ctx)
	if err != nil {
		return Cleanup
	}
	defer release()
	r.log.Say("%s failed: %v", where, cause)
	for {
		r.log.Say("%s?", question)
		line, err := r.opts.Line(ctx)
		if err != nil {
			return Cleanup
		}
		if action, ok := answers[strings.ToLower(strings.TrimSpace(line))]; ok {
			return action
		}
	}
}

// pause waits, with Options.Debug, until a person wants the build to go on. Once it
// waited nobody knows what that person did in the machine meanwhile.
func (r *runner) pause(ctx context.Context, m machine.Machine, where string) (waited bool, err error) {
	if !r.opts.Debug || r.opts.Line == nil || m == nil {
		return false, nil
	}
	release, err := r.terminal.Take(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	r.log.Say("Pausing after %s. Press enter to continue.", where)
	if e, ok := m.(machine.Entering); ok {
		r.log.Message("to look inside: %s", e.EnterCommand())
	}
	if _, err = r.opts.Line(ctx); errors.Is(err, io.EOF) {
		err = nil // nobody is there any more
	}
	return true, err
}

func (r *runner) offerShell(ctx context.Context, m machine.Machine, where string, cause error) {
	r.log.Say("%s failed: %v", where, cause)
	release, err := r.terminal.Take(ctx)
	if err != nil {
		return
	}
	defer release()
	c, err := m.Connect(ctx)
	if err == nil {
		err = r.opts.Interact(ctx, c, where)
	}
	if err != nil {
		r.log.Warn("shell: %v", err)
	}
}
