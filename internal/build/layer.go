package build

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// payback is how many times the cost of a layer the steps must have taken that are in it
// and not in the one below. What a build does over for want of a layer takes less.
const payback = 4

// leave snapshots the machine. With a key the layer goes to the cache; without one
// it is thrown away at the end of the build, and serves only that no process
// survives a step, cached or not, and that gate 1 has a copy.
func (r *runner) leave(ctx context.Context, s *state, i int, took time.Duration, made time.Time) error {
	if r.snap == nil {
		return nil
	}
	l := r.chain[i]
	cached := l.key != "" && r.useLayers() && !s.spoil
	needed := r.last(i) && !r.inPlace() // for the copy
	if c := r.continuous(); c != nil && !needed && !(cached && s.took()+took >= payback*c.LayerCost(s.m)) {
		s.bare = append(s.bare, cache.Covered{Key: l.key, Step: l.name, Index: i, Inputs: l.inputs, Secret: l.secret, Created: made, Took: took})
		s.log += r.log.takeStep()
		return nil
	}
	e := cache.Entry{Key: l.key, ParentRef: s.ref, Kind: r.Source.Type, Build: r.Name, Step: l.name, Index: i, Inputs: l.inputs, Secret: l.secret,
		Covers: s.bare, Created: made, Took: took, Log: s.log + r.log.takeStep()}
	if s.top >= 0 {
		e.Parent = r.chain[s.top].key
	}
	e.Secret = e.Secret || slices.ContainsFunc(s.bare, func(c cache.Covered) bool { return c.Secret })
	ref, next, err := r.snap.Snapshot(ctx, s.m, r.env())
	s.m = next
	if err != nil {
		s.m = nil
		return fmt.Errorf("keep layer: %w", err)
	}
	// The layer below stays held: this one stands on it.
	s.on(ref, "", i)
	if !cached || ref == "" {
		return nil
	}
	e.Ref = ref
	if e.Size, err = r.snap.LayerSize(ref); err != nil {
		return fmt.Errorf("measure layer: %w", err)
	}
	return r.commit(s, e)
}

// continuous returns the builder where processes go on in the next machine; else nil.
func (r *runner) continuous() machine.Continuous {
	if c, ok := r.snap.(machine.Continuous); ok && c.Continuous() {
		return c
	}
	return nil
}

// last tells whether no later step changes the machine.
func (r *runner) last(i int) bool {
	return !slices.ContainsFunc(r.chain[i+1:], func(l layer) bool { return !l.outside })
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
		return errors.Join(err, r.kit.Cache.Drop(e.Key)) // it goes with the build
	}
	free, err := r.kit.Cache.Hold(e.Key)
	if err != nil {
		return fmt.Errorf("hold layer: %w", err)
	}
	s.key = e.Key
	s.hold(e.Key, free)
	return nil
}

// parentKey is the key that step i stands on.
func (r *runner) parentKey(i int) cache.Key {
	for i--; i >= 0; i-- {
		if !r.chain[i].outside {
			return r.chain[i].key
		}
	}
	return ""
}
