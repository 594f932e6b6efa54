package build

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// failed decides what happens to the machine of a gate that failed: a person may look
// at it, now or later, unless it was a person who ended the build.
func (r *runner) failed(ctx context.Context, m machine.Machine, where string, cause error) {
	if m == nil {
		return
	}
	r.leaveOrClose(ctx, m, r.chosen(ctx, where, cause, false), where, cause)
}

// leaveOrClose does to the machine what was chosen.
func (r *runner) leaveOrClose(ctx context.Context, m machine.Machine, action OnError, where string, cause error) {
	if m == nil {
		return
	}
	if action == Shell && !r.machineless() && r.opts.Interact != nil && ctx.Err() == nil {
		r.offerShell(ctx, m, where, cause)
	}
	keep := r.opts.Keep
	if keep == 0 && (action == Abort || action == CleanupOnly) {
		keep = AbortKeep
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTimeout) {
		keep = 0
	}
	if keep == 0 || !r.keepMachine(m, keep) {
		r.closeMachine(ctx, m)
	}
}

// keepMachine leaves the machine, and all that it may stand on, for a while and
// says how to get into it. Where there is none, that is what the build has written.
func (r *runner) keepMachine(m machine.Machine, d time.Duration) bool {
	until := time.Now().Add(d)
	err := errors.Join(r.res.KeepUntil(until), r.own.KeepUntil(until))
	if err == nil && r.held != "" {
		err = r.kit.Cache.KeepUntil(r.held, r.run, until)
	}
	if err != nil {
		r.log.Warn("cannot keep what the build made: %v", err)
		return false
	}
	what := "The machine"
	if r.machineless() {
		made := r.files.Made()
		if len(made) == 0 {
			return true // nothing stays
		}
		what = "What was written (" + strings.Join(made, ", ") + ")"
	}
	r.log.Say("%s stays until %s; proofmark gc removes it after that, proofmark gc --kept at once", what, until.Format(time.DateTime))
	if e, ok := m.(machine.Entering); ok {
		r.log.Message("to look inside: %s", e.EnterCommand())
	}
	return true
}

// closeMachine destroys a machine, also when ctx is done. What it cannot destroy
// stays in the ledger, and the scope tries again when the build ends.
func (r *runner) closeMachine(ctx context.Context, m machine.Machine) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	if err := m.Close(ctx); err != nil {
		r.log.Warn("close machine: %v", err)
	}
}
