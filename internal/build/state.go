package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// state is where a build stands: on a layer, in a machine, or both.
type state struct {
	r     *runner
	m     machine.Machine // nil until something has to run
	ref   string          // layer that m was started from, or will be; "" before the base
	key   cache.Key       // of that layer, when the cache has it
	top   int             // the last step that is in that layer; -1 before the base
	bare  []cache.Covered // the steps that m has, and that layer has not
	log   string          // what they wrote
	cover cache.Entry     // of that layer, when it was made by a build before
	free  func()          // lets that layer go
	spoil bool            // nothing from here on may be reused: its key says too little
}

// close destroys the machine and lets the layer go. It may be called twice.
func (s *state) close(ctx context.Context) {
	if s.m != nil {
		s.r.closeMachine(ctx, s.m)
		s.m = nil
	}
	s.hold("", nil)
}

// give hands the machine over to the caller, who closes it and then lets the layer go.
func (s *state) give() (m machine.Machine, free func()) {
	m, free = s.m, s.free
	s.m, s.free = nil, nil
	s.hold("", nil)
	if free == nil {
		free = func() {}
	}
	return m, free
}

// hold lets the layer go that was held so far, for another one or none.
func (s *state) hold(key cache.Key, free func()) {
	s.r.held = key
	if s.free != nil {
		s.free()
	}
	s.free = free
}

// stand moves the state onto the cached layer of a step, and returns its entry; nil
// when there is none. The machine before it is closed.
func (s *state) stand(ctx context.Context, i int) (*cache.Entry, error) {
	store, key := s.r.kit.Cache, s.r.chain[i].key
	if _, ok, err := store.Lookup(key); err != nil || !ok {
		return nil, err
	}
	free, err := store.Hold(key)
	if err != nil {
		return nil, err
	}
	e, ok, err := store.Lookup(key) // what is found under the hold stays
	if err != nil || !ok {
		free()
		return nil, err
	}
	s.close(ctx)
	s.hold(e.Key, free)
	s.on(e.Ref, e.Key, i)
	s.cover = e
	return &e, nil
}

// on notes the layer that the machine has been started from, or will be, whose last step
// is i. Without one, the machine is all there is.
func (s *state) on(ref string, key cache.Key, i int) {
	if ref == "" {
		i = -1
	}
	s.ref, s.key, s.top, s.bare, s.log = ref, key, i, nil, ""
}

// took is how long what the layer has not took.
func (s *state) took() (d time.Duration) {
	for _, c := range s.bare {
		d += c.Took
	}
	return d
}

// ready makes sure that there is a machine. The error is a *goneError when the
// cached layer that it stands on is not there any more.
func (s *state) ready(ctx context.Context) (err error) {
	r := s.r
	switch {
	case s.m != nil:
		return nil
	case s.ref == "":
		s.m, err = r.builder.Start(ctx, r.env())
	default:
		s.m, err = r.snap.Restore(ctx, s.ref, r.env())
		if errors.Is(err, machine.ErrGone) && s.key != "" {
			err = &goneError{key: s.key, err: err}
		}
	}
	if err != nil {
		s.m = nil
		if r.machineless() {
			return err
		}
		return fmt.Errorf("start machine: %w", err)
	}
	return nil
}

// goneError says that a layer of the cache could not be restored.
type goneError struct {
	key cache.Key
	err error
}

func (e *goneError) Error() string { return e.err.Error() }
func (e *goneError) Unwrap() error { return e.err }

// scratch gives a machine that may be spoilt: a copy of the last layer, or the
// state's own machine where there is no such layer.
func (s *state) scratch(ctx context.Context) (machine.Machine, error) {
	if s.ref == "" || len(s.bare) > 0 {
		err := s.ready(ctx)
		return s.m, err
	}
	m, err := s.r.snap.Restore(ctx, s.ref, s.r.env())
	if err != nil {
		return nil, fmt.Errorf("copy the machine: %w", err)
	}
	return m, nil
}
