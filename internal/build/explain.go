package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// Explanation of one step: whether a layer serves it, and if not, why.
type Explanation struct {
	Build   string
	Step    int
	Name    string
	Entry   *cache.Entry   // the layer, when there is one
	Always  bool           // volatile, or acts outside the machine
	Changes []cache.Change // against the newest layer of the same step
	Known   bool           // there was such a layer
}

// Explain tells for every step of every build whether it would run again, and
// which of its inputs changed since it ran last. It runs nothing.
func (p *Plan) Explain(ctx context.Context) (all []Explanation, err error) {
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
				e, ok, err := p.kit.Cache.Lookup(l.key)
				if err != nil {
					return nil, err
				}
				if ok {
					x.Entry = &e
				} else if x.Changes, _, x.Known, err = p.kit.Cache.Explain(j.Name, i, l.inputs); err != nil {
					return nil, err
				}
			}
			all = append(all, x)
		}
	}
	return all, errors.Join(errs...)
}
