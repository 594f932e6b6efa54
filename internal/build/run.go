package build

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
)

// errTimeout is the cause when a run's own time limit ends it.
var errTimeout = errors.New("the time limit of the whole build is over (--timeout)")

// Execute builds everything in the plan: independent builds at the same time, a
// build whose parent is in the plan after it. It returns a report for each build
// in template order, and the joined errors of those that failed; ErrRefused is
// among them when checks refused an image. A plan is executed once. Nothing is
// started when it holds what this version cannot run, or builds that clash: then the error is
// Cannot's, or Clashes'.
func (p *Plan) Execute(ctx context.Context) ([]Report, error) {
	if err := cmp.Or(p.cannot.Err(), p.clashes.Err()); err != nil {
		return nil, err
	}
	if p.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.opts.Timeout, errTimeout)
		defer cancel()
	}
	p.kit.Sink.Event(Event{Time: time.Now(), Run: p.run, Type: RunStarted, Names: p.Builds()})
	if p.opts.Before != nil {
		p.opts.Before(ctx)
	}
	limit := p.opts.Parallel
	if limit <= 0 {
		limit = len(p.builds)
	}
	slots := make(chan struct{}, limit)
	reports := make([]Report, len(p.builds))
	for i, j := range p.builds {
		go func() {
			defer close(j.done)
			reports[i], j.err = p.one(ctx, j, slots)
		}()
	}
	var errs []error
	for _, j := range p.builds {
		<-j.done
		if j.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", j.Name, j.err))
		}
	}
	if p.opts.After != nil {
		p.opts.After(ctx, reports)
	}
	p.kit.Sink.Event(Event{Time: time.Now(), Run: p.run, Type: RunFinished})
	return reports, errors.Join(errs...)
}

// one builds when it is the job's turn.
func (p *Plan) one(ctx context.Context, j *job, slots chan struct{}) (Report, error) {
	err := p.turn(ctx, j, slots)
	r := newRunner(p, j)
	if err == nil {
		defer func() { <-slots }()
		err = r.Flow(ctx)
	}
	return r.finish(ctx, err)
}

// turn waits for the job's parent, and takes a slot.
func (p *Plan) turn(ctx context.Context, j *job, slots chan struct{}) error {
	if parent := p.parentOf(j); parent != nil {
		<-parent.done
		if parent.err != nil {
			return fmt.Errorf("not built, because its parent %s was not", parent.Name)
		}
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// newRunID returns an id that sorts by time and does not repeat.
func newRunID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6])
}
