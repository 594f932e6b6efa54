package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/provision"
)

// useLayers tells whether layers of the cache are read and written.
func (r *runner) useLayers() bool { return r.snap != nil && !r.opts.NoCache }

// provision brings the machine to the state after the last step, from layers as
// far as they reach. A layer that is gone is forgotten, and the walk begins anew.
func (r *runner) provision(ctx context.Context) (*state, error) {
	for try := 0; ; try++ {
		s, err := r.walk(ctx)
		var gone *goneError
		if !errors.As(err, &gone) || try == len(r.chain) {
			if err == nil && s.spoil {
				r.key = r.imageKey("") // no other build is this one: the next tries the step again
			}
			return s, err
		}
		r.log.Warn("a layer is gone from disk, and is made again: %v", err)
		r.report.Steps = nil
		if err := r.kit.Cache.Drop(gone.key); err != nil {
			return nil, fmt.Errorf("forget lost layer: %w", err)
		}
	}
}

// walk takes the steps one by one. The machine of a step that failed is dealt with.
func (r *runner) walk(ctx context.Context) (*state, error) {
	s := &state{r: r, top: -1}
	var gone *goneError
	for i := 0; i < len(r.chain); i++ {
		err := r.step(ctx, s, i)
		where := fmt.Sprintf("step %d (%s)", i, r.chain[i].name)
		if err == nil {
			var waited bool
			waited, err = r.pause(ctx, s.m, where)
			s.spoil = s.spoil || waited
		}
		if err != nil && !errors.As(err, &gone) {
			err = r.noRoom(err)
			action := r.chosen(ctx, where, err, true)
			if action == retry {
				s.spoil = s.spoil || i > 0 && !r.chain[i].outside // nobody knows what the first try left
				if s.m == nil {
					i = s.top + 1 // what only the machine had is gone with it
					s.on(s.ref, s.key, s.top)
				}
				r.report.Steps = r.report.Steps[:i]
				i--
				continue
			}
			if action != Abort {
				r.errorCleanup(ctx, s)
			}
			r.leaveOrClose(ctx, s.m, action, where, err)
			s.m = nil
			err = fmt.Errorf("%s: %w", where, err)
		}
		if err != nil {
			s.close(ctx)
			return nil, err
		}
	}
	if err := s.ready(ctx); err != nil {
		s.close(ctx)
		return nil, err
	}
	return s, nil
}

// step takes a step from its layer, or really. One build at a time makes a layer;
// the others wait for it, and one of them takes over when it fails.
func (r *runner) step(ctx context.Context, s *state, i int) error {
	l := r.chain[i]
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !r.useLayers() || l.outside || l.key == "" || s.spoil {
		return r.take(ctx, s, i)
	}
	if hit, err := r.reuse(ctx, s, i); hit || err != nil {
		return err
	}
	release, err := r.kit.Cache.Lease(ctx, l.key, func() {
		r.log.Say("Waiting for another build that makes the layer of %s", l.name)
	})
	if err != nil {
		return fmt.Errorf("wait for layer: %w", err)
	}
	defer release()
	if hit, err := r.reuse(ctx, s, i); hit || err != nil {
		return err
	}
	return r.take(ctx, s, i)
}

// reuse takes a step from its layer, if there is one, or from that of a later step.
func (r *runner) reuse(ctx context.Context, s *state, i int) (bool, error) {
	for to := i; s.top < i && r.reaches(i, to); to++ {
		e, err := s.stand(ctx, to)
		if err != nil {
			return false, fmt.Errorf("look up layer: %w", err)
		}
		if e != nil {
			r.kit.Cache.Touch(e.Key)
		}
	}
	if s.top < i {
		return false, nil
	}
	made, took := s.cover.Created, s.cover.Took
	for _, c := range s.cover.Covers {
		if c.Index == i {
			made, took = c.Created, c.Took
		}
	}
	age := max(0, r.started.Sub(made))
	r.report.Steps = append(r.report.Steps, ReportStep{Kind: stepKind(i), Name: r.chain[i].name,
		Start: time.Since(r.started), Cached: true, Age: age, Cost: took, made: made})
	r.log.emit(Event{Type: StepFinished, Step: i, Name: r.chain[i].name, Cached: true, Age: age, Took: took})
	return true, nil
}

// reaches tells whether the layer of step to, if there is one, can serve for step i: where
// each step has its own, none but that; and nothing that runs always needs the machine as
// it is in between.
func (r *runner) reaches(i, to int) bool {
	return to == i || to < len(r.chain) && r.continuous() != nil && r.chain[to].key != "" && !r.chain[to].outside
}

// take really runs one step, and leaves a layer after it.
func (r *runner) take(ctx context.Context, s *state, i int) error {
	l := r.chain[i]
	r.log.takeStep()
	began := time.Now()
	r.log.emit(Event{Type: StepStarted, Step: i, Name: l.name})
	done := r.timed(stepKind(i), l.name)
	err := r.act(ctx, s, i)
	took := done(err)
	step := &r.report.Steps[len(r.report.Steps)-1]
	step.made = r.kit.Cache.Now() // and so is its layer: both reach the age limit together
	if err != nil && i > 0 && r.Provisioners[i-1].ContinueOnError && ctx.Err() == nil && s.m != nil {
		r.log.Warn("step %d (%s) failed, and the build goes on (continue_on_error): %v", i, l.name, err)
		s.spoil, err = s.spoil || !l.outside, nil
	}
	if err == nil && i > 0 && pauses(r.steps[i-1]) {
		s.spoil = true // a person may have changed the machine meanwhile
	}
	if err == nil && !l.outside {
		if s.spoil = s.spoil || r.moved(ctx, i); s.spoil && i == 0 && r.parent != "" {
			err = fmt.Errorf("the parent %s was replaced while a machine was made of it: build again", r.parent)
		} else {
			err = r.leave(ctx, s, i, took, step.made)
		}
	}
	end := Event{Type: StepFinished, Step: i, Name: l.name, Took: time.Since(began)}
	if err != nil {
		end.Error = err.Error()
	}
	r.log.emit(end)
	return err
}

func pauses(p provision.Provisioner) bool {
	pauser, ok := p.(provision.Pauser)
	return ok && pauser.Pauses()
}

// moved tells whether what the step reads has changed since its key was computed:
// then nobody knows what it read.
func (r *runner) moved(ctx context.Context, i int) bool {
	l := r.chain[i]
	if l.key == "" || ctx.Err() != nil {
		return false
	}
	now, err := r.layerOf(ctx, i, r.parentKey(i))
	if err == nil && now.key == l.key {
		return false
	}
	r.log.Warn("what step %d (%s) reads has changed since the build began: nothing from here on will be reused", i, l.name)
	return true
}
