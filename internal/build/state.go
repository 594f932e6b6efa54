package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
)

// state is where a build stands: on a layer, in a machine, or both.
type state struct {
	r    *runner
	m    machine.Machine // nil until something has to run
	ref  string          // layer that m was started from, or will be; "" before the base
	free func()          // lets the layer go
}

func (s *state) close(ctx context.Context) {
	s.r.closeMachine(ctx, s.m)
	s.m = nil
	if s.free != nil {
		s.free()
		s.free = nil
	}
}

// stand moves the state onto a layer of the cache; the machine before it is closed.
func (s *state) stand(ctx context.Context, e cache.Entry) error {
	s.close(ctx)
	release, err := s.r.kit.Cache.Hold(e.Key)
	if err != nil {
		return fmt.Errorf("hold layer: %w", err)
	}
	s.free, s.ref = release, e.Ref
	return nil
}

// ready makes sure that there is a machine.
func (r *runner) ready(ctx context.Context, s *state) (err error) {
	switch {
	case s.m != nil:
	case s.ref != "":
		s.m, err = r.snap.Restore(ctx, s.ref, r.env())
	default:
		s.m, err = r.builder.Start(ctx, r.env())
	}
	if err != nil {
		return fmt.Errorf("start machine: %w", err)
	}
	return nil
}

// useLayers tells whether layers of the cache are read and written.
func (r *runner) useLayers() bool { return r.snap != nil && !r.opts.NoCache }

// prefix returns the entries of the longest cached prefix, index 0 being the base,
// with a nil entry for each step that leaves no layer.
func (r *runner) prefix() ([]*cache.Entry, error) {
	if !r.useLayers() {
		return nil, nil
	}
	var hits []*cache.Entry
	for _, l := range r.chain {
		if l.outside {
			hits = append(hits, nil)
			continue
		}
		if l.key == "" {
			break
		}
		e, ok, err := r.kit.Cache.Lookup(l.key)
		if err != nil {
			return nil, fmt.Errorf("look up layer of %s: %w", l.name, err)
		}
		if !ok {
			break
		}
		hits = append(hits, &e)
	}
	return hits, nil
}

// cachedState stands on the last layer, if it is there.
func (r *runner) cachedState(ctx context.Context) (*state, bool, error) {
	hits, err := r.prefix()
	if err != nil || len(hits) < len(r.chain) {
		return nil, false, err
	}
	s := &state{r: r}
	for _, e := range hits {
		if e != nil {
			if err := s.stand(ctx, *e); err != nil {
				return nil, false, err
			}
		}
	}
	err = r.ready(ctx, s)
	if errors.Is(err, machine.ErrGone) {
		s.close(ctx)
		return nil, false, nil
	}
	return s, err == nil, err
}

// provision brings the machine to the state after the last step, from layers as
// far as they reach. A layer that is gone is forgotten, and the walk begins anew.
func (r *runner) provision(ctx context.Context) (*state, error) {
	for try := 0; ; try++ {
		s, err := r.walk(ctx)
		var gone *goneError
		if !errors.As(err, &gone) || try == len(r.chain) {
			return s, err
		}
		r.log.Warn("the layer of %s is gone from disk; it is made again", gone.name)
		r.report.Steps = nil
		if err := r.kit.Cache.Drop(gone.key); err != nil {
			return nil, fmt.Errorf("forget lost layer: %w", err)
		}
	}
}

// goneError says which layer of the chain could not be restored.
type goneError struct {
	key  cache.Key
	name string
}

func (e *goneError) Error() string { return "layer of " + e.name + " is gone" }

// walk takes the steps one by one.
func (r *runner) walk(ctx context.Context) (*state, error) {
	hits, err := r.prefix()
	if err != nil {
		return nil, err
	}
	s := &state{r: r}
	at := -1 // chain index of the layer that s stands on
	for i, l := range r.chain {
		if ctx.Err() != nil {
			s.close(ctx)
			return nil, context.Cause(ctx)
		}
		if i < len(hits) && hits[i] != nil {
			if err := s.stand(ctx, *hits[i]); err != nil {
				return nil, err
			}
			r.reused(i, *hits[i])
			at = i
			continue
		}
		err := r.take(ctx, s, i)
		if errors.Is(err, machine.ErrGone) && at >= 0 {
			s.close(ctx)
			return nil, &goneError{key: r.chain[at].key, name: r.chain[at].name}
		}
		if err != nil {
			where := "step " + fmt.Sprint(i) + " (" + l.name + ")"
			r.errorCleanup(ctx, s)
			r.failed(ctx, s.m, where, err)
			s.m = nil
			s.close(ctx)
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		if !l.outside && l.key != "" {
			at = i
		}
	}
	if err := r.ready(ctx, s); err != nil {
		if errors.Is(err, machine.ErrGone) && at >= 0 {
			s.close(ctx)
			return nil, &goneError{key: r.chain[at].key, name: r.chain[at].name}
		}
		return nil, err
	}
	return s, nil
}

// take really runs one step, and leaves a layer after it.
func (r *runner) take(ctx context.Context, s *state, i int) error {
	l := r.chain[i]
	if r.useLayers() && !l.outside && l.key != "" {
		release, err := r.kit.Cache.Lease(ctx, l.key, func() {
			r.log.Say("Waiting for another build that makes the layer of %s", l.name)
		})
		if err != nil {
			return fmt.Errorf("wait for layer: %w", err)
		}
		defer release()
		e, ok, err := r.kit.Cache.Lookup(l.key)
		if err != nil {
			return fmt.Errorf("look up layer: %w", err)
		}
		if ok { // somebody else made it in the meantime
			if err := s.stand(ctx, e); err != nil {
				return err
			}
			r.reused(i, e)
			return nil
		}
	}
	r.log.takeStep()
	began := time.Now()
	r.log.emit(Event{Type: StepStarted, Step: i, Name: l.name})
	done := r.timed(stepKind(i), l.name)
	err := r.act(ctx, s, i)
	done(err)
	if err != nil {
		return err
	}
	if !l.outside {
		err = r.leave(ctx, s, i, time.Since(began))
	}
	r.log.emit(Event{Type: StepFinished, Step: i, Name: l.name, Took: time.Since(began)})
	return err
}

// act starts the base, or runs a provisioner with the values that are known only now.
func (r *runner) act(ctx context.Context, s *state, i int) error {
	if err := r.ready(ctx, s); err != nil {
		return err
	}
	if i == 0 {
		return nil
	}
	step := r.Provisioners[i-1]
	c, err := s.m.Connect(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	run := r.lateRun(s.m)
	p, err := r.kit.Provisioners.Open(step.Block, run.Vars)
	if err != nil {
		return err
	}
	if !r.chain[i].outside {
		return provision.RunStep(ctx, step, p, run, c)
	}
	return r.onHost(ctx, func(tag string) error {
		run.Tag = tag
		return provision.RunStep(ctx, step, p, run, c)
	})
}

// lateRun is what a provisioner may know once there is a machine.
func (r *runner) lateRun(m machine.Machine) provision.Run {
	vars := map[string]string{"ID": r.run, "PackerRunUUID": r.run}
	if d, ok := m.(machine.Describer); ok {
		for k, v := range d.Vars() {
			vars[k] = v
		}
	}
	return provision.Run{Out: r.log, BuildName: r.Label, BuildType: r.Source.Type, ID: r.run, Vars: vars}
}

// leave snapshots the machine. With a key the layer goes to the cache; without one
// it is thrown away at the end of the build, and serves only that no process
// survives a step, cached or not.
func (r *runner) leave(ctx context.Context, s *state, i int, took time.Duration) error {
	if r.snap == nil {
		return nil
	}
	l, below := r.chain[i], s.ref
	ref, next, err := r.snap.Snapshot(ctx, s.m, r.env())
	s.m = next
	if err != nil {
		return fmt.Errorf("keep layer: %w", err)
	}
	s.ref = ref
	if l.key == "" || r.opts.NoCache {
		return nil
	}
	size, err := r.snap.LayerSize(ref)
	if err != nil {
		return fmt.Errorf("measure layer: %w", err)
	}
	now := time.Now()
	e := cache.Entry{Key: l.key, Parent: r.parentKey(i), ParentRef: below, Kind: r.Source.Type, Ref: ref, Build: r.Name, Step: l.name, Index: i,
		Inputs: l.inputs, Secret: l.secret, Created: now, Used: now, Took: took, Size: size, Log: r.log.takeStep()}
	return r.commit(s, e)
}

// commit hands a layer over to the cache, which owns it from then on.
func (r *runner) commit(s *state, e cache.Entry) error {
	ok, err := r.kit.Cache.Commit(e)
	if err != nil {
		return fmt.Errorf("keep layer: %w", err)
	}
	if !ok {
		return nil // an equal layer is there already; ours goes with the build
	}
	if err := r.res.Keep(e.Ref); err != nil {
		return err
	}
	release, err := r.kit.Cache.Hold(e.Key)
	if err != nil {
		return fmt.Errorf("hold layer: %w", err)
	}
	if s.free != nil {
		s.free()
	}
	s.free = release
	return nil
}

// parentKey is the key of the nearest layer below step i.
func (r *runner) parentKey(i int) cache.Key {
	for i--; i >= 0; i-- {
		if !r.chain[i].outside {
			return r.chain[i].key
		}
	}
	return ""
}

// errorCleanup runs the error-cleanup-provisioner, once, also after a cancel.
func (r *runner) errorCleanup(ctx context.Context, s *state) {
	if r.ErrorCleanup == nil || s.m == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	r.log.Say("Running the error-cleanup provisioner")
	c, err := s.m.Connect(ctx)
	if err == nil {
		run := r.lateRun(s.m)
		var p provision.Provisioner
		if p, err = r.kit.Provisioners.Open(r.ErrorCleanup.Block, run.Vars); err == nil {
			err = provision.RunStep(ctx, *r.ErrorCleanup, p, run, c)
		}
	}
	if err != nil {
		r.log.Warn("error-cleanup provisioner: %v", err)
	}
}
