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

// leave snapshots the machine. With a key the layer goes to the cache; without one
// it is thrown away at the end of the build, and serves only that no process
// survives a step, cached or not, and that gate 1 has a copy.
func (r *runner) leave(ctx context.Context, s *state, i int, took time.Duration, made time.Time) error {
	if r.snap == nil {
		return nil
	}
	l := r.chain[i]
	cached := l.key != "" && r.useLayers() && !s.spoil
	if !cached && r.continuous() && (!r.last(i) || r.inPlace()) {
		s.ref, s.key = "", "" // a copy would be one of what was before
		return nil
	}
	below := s.ref
	ref, next, err := r.snap.Snapshot(ctx, s.m, r.env())
	s.m = next
	if err != nil {
		s.m = nil
		return fmt.Errorf("keep layer: %w", err)
	}
	// The layer below stays held: this one stands on it.
	s.ref, s.key = ref, ""
	if !cached || ref == "" {
		return nil
	}
	size, err := r.snap.LayerSize(ref)
	if err != nil {
		return fmt.Errorf("measure layer: %w", err)
	}
	return r.commit(s, cache.Entry{Key: l.key, Parent: r.parentKey(i), ParentRef: below, Kind: r.Source.Type, Ref: ref, Build: r.Name, Step: l.name, Index: i,
		Inputs: l.inputs, Secret: l.secret, Created: made, Took: took, Size: size, Log: r.log.takeStep()})
}

// continuous tells whether processes go on in the next machine all the same.
func (r *runner) continuous() bool {
	c, ok := r.snap.(machine.Continuous)
	return ok && c.Continuous()
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

// parentKey is the key of the nearest layer below step i.
func (r *runner) parentKey(i int) cache.Key {
	for i--; i >= 0; i-- {
		if !r.chain[i].outside {
			return r.chain[i].key
		}
	}
	return ""
}
