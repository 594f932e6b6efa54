package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// Explanation of one step, or at the end of a build of its image: whether a layer
// or a version of the catalog serves, and if not, why.
type Explanation struct {
	Build   string
	Step    int
	Name    string
	Entry   *cache.Entry   // the layer, when there is one
	Always  bool           // volatile, or acts outside the machine
	Changes []cache.Change // against the newest layer of the same step
	Known   bool           // there was such a layer
	OverAge string         // the layer with these very inputs: "is 8 days old, and the limit is 7 days"

	Image   bool   // about the image; of the rest only Build and what follows is set
	Version string // "web:3", made from the same inputs; "" for none
	Why     string // that version does not stand; "" when it does
}

// Explain tells for every step of every build whether it would run again, and
// which of its inputs changed since it ran last. It runs nothing.
// Of a plan that cannot be executed nothing is known: the error is that of Cannot.
func (p *Plan) Explain(ctx context.Context) (all []Explanation, err error) {
	if err := p.cannot.Err(); err != nil {
		return nil, err
	}
	var errs []error
	for _, j := range p.builds {
		r := newRunner(p, j)
		if err := r.keys(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", j.Name, err))
			continue
		}
		for i, l := range r.chain {
			x := Explanation{Build: j.Name, Step: i, Name: l.name, Always: l.outside || l.key == ""}
			if !x.Always {
				if err := r.explain(i, &x); err != nil {
					return nil, err
				}
			}
			all = append(all, x)
		}
		x := Explanation{Build: j.Name, Image: true}
		v, why, err := r.standing(ctx)
		if err != nil {
			return nil, err
		}
		if x.Why = why; v.Version > 0 {
			x.Version = ref(v)
		}
		all = append(all, x)
	}
	return all, errors.Join(errs...)
}

// explain finds the layer that serves a step, or out why there is none.
func (r *runner) explain(i int, x *Explanation) error {
	for to := i; r.reaches(i, to); to++ {
		e, ok, err := r.kit.Cache.Lookup(r.chain[to].key)
		if err != nil {
			return err
		}
		if ok {
			x.Entry = &e
			return nil
		}
	}
	return r.explainMiss(r.chain[i], x)
}

// explainMiss finds out why no layer serves a step.
func (r *runner) explainMiss(l layer, x *Explanation) error {
	changes, prev, known, err := r.kit.Cache.Explain(r.Name, x.Step, l.inputs)
	if err != nil {
		return err
	}
	x.Changes, x.Known = changes, known
	if known && prev.Key == l.key && !prev.Retired {
		x.OverAge = r.overAge(prev.Since)
	}
	return nil
}
