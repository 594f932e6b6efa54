package build

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// errTimeout is the cause when a run's own time limit ends it.
var errTimeout = errors.New("the time limit of the whole build is over (--timeout)")

// Execute builds everything in the plan: independent builds at the same time, a
// build whose parent is in the plan after it. It returns a report for each build
// in template order, and the joined errors of those that failed; ErrRefused is
// among them when checks refused an image.
func (p *Plan) Execute(ctx context.Context) ([]Report, error) {
	if p.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, p.opts.Timeout, errTimeout)
		defer cancel()
	}
	p.kit.Sink.Event(Event{Time: time.Now(), Run: p.run, Type: RunStarted, Names: p.Builds()})
	slots := make(chan struct{}, max(p.opts.Parallel, 0))
	if p.opts.Parallel <= 0 {
		slots = make(chan struct{}, len(p.builds))
	}
	reports := make([]Report, len(p.builds))
	for i, j := range p.builds {
		go func() {
			defer close(j.done)
			reports[i] = p.one(ctx, j, slots)
		}()
	}
	var errs []error
	for _, j := range p.builds {
		<-j.done
		if j.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", j.Name, j.err))
		}
	}
	p.kit.Sink.Event(Event{Time: time.Now(), Run: p.run, Type: RunFinished})
	return reports, errors.Join(errs...)
}

// one waits for the job's parent and a slot, and builds it.
func (p *Plan) one(ctx context.Context, j *job, slots chan struct{}) Report {
	if parent := p.parentOf(j); parent != nil {
		<-parent.done
		if parent.err != nil {
			j.err = fmt.Errorf("not built, because its parent %s was not", parent.Name)
			p.kit.Sink.Event(Event{Time: time.Now(), Run: p.run, Build: j.Name, Type: BuildDone, Error: j.err.Error()})
			return Report{Run: p.run, Build: j.Name, Name: j.image, Outcome: Failed, Error: j.err.Error()}
		}
	}
	slots <- struct{}{}
	defer func() { <-slots }()
	r := newRunner(p, j)
	j.err = r.Flow(ctx)
	if j.err != nil && ctx.Err() != nil && !errors.Is(j.err, ErrRefused) {
		j.err = r.cancelled(context.Cause(ctx), j.err)
	}
	return r.finish(j.err)
}

// parentOf returns the job of this plan that makes j's parent, or nil.
func (p *Plan) parentOf(j *job) *job {
	name, _, pinned := strings.Cut(j.parent, ":")
	if name == "" || pinned {
		return nil
	}
	i := slices.IndexFunc(p.builds, func(o *job) bool { return o.image == name && o != j })
	if i < 0 {
		return nil
	}
	return p.builds[i]
}

// newRunID returns an id that sorts by time and does not repeat.
func newRunID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + strings.ToLower(rand.Text()[:6])
}
