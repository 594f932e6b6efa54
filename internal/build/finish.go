package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// finish ends the build: what it still holds is destroyed, the report is written,
// the last event is sent. It returns the build's error with all that went wrong here.
func (r *runner) finish(ctx context.Context, err error) (Report, error) {
	switch {
	case err == nil:
	case errors.Is(err, ErrRefused):
		r.report.Outcome = Refused
	case ctx.Err() != nil:
		r.report.Outcome = Cancelled
		err = because(context.Cause(ctx), err)
	default:
		r.report.Outcome = Failed
		err = r.noRoom(err)
	}
	err = errors.Join(err, r.cleanUp(ctx))
	r.report.Took = time.Since(r.started)
	r.compare()
	r.report.Error = r.masked(err)
	if r.log.begun() {
		r.report.Commit = cmp.Or(r.report.Commit, r.gitCommit())
		if e := r.writeReport(); e != nil {
			err = errors.Join(err, e)
			r.report.Error = r.masked(err)
		}
	}
	r.log.emit(Event{Type: BuildDone, Took: r.report.Took, Refused: errors.Is(err, ErrRefused), Error: r.report.Error})
	return r.report, errors.Join(err, r.log.end())
}

// cleanUp destroys what the build still holds, also when ctx is done.
func (r *runner) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	switch err := errors.Join(r.res.Close(ctx), r.own.Close(ctx)); {
	case errors.Is(err, ledger.ErrLeft): // nobody finishes that
		return fmt.Errorf("clean up: %w", err)
	case err != nil:
		return fmt.Errorf("clean up (proofmark gc finishes it): %w", err)
	}
	return nil
}

// masked is the text of an error without sensitive values; "" for none.
func (r *runner) masked(err error) string {
	if err == nil {
		return ""
	}
	return r.log.mask.Replace(err.Error())
}

// because explains why a build ended early.
func because(cause, err error) error {
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (while: %w)", cause, err)
}
