package build

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/template"
)

// parentOf returns the job of this plan that makes j's parent, or nil. A parent
// of a given version is there already, or will never be.
func (p *Plan) parentOf(j *job) *job {
	name := strings.TrimSuffix(j.parent, ":latest")
	if i := slices.IndexFunc(p.builds, func(o *job) bool { return o.image == name }); name != "" && i >= 0 {
		return p.builds[i]
	}
	return nil
}

// cycles finds builds that would wait for each other.
func (p *Plan) cycles() (diags template.Diagnostics) {
	told := map[*job]bool{}
	for _, j := range p.builds {
		ring := []*job{j}
		path := j.image
		for at := p.parentOf(j); at != nil && len(ring) <= len(p.builds); at = p.parentOf(at) {
			path += " <- " + at.image
			if at == j {
				if !told[j] {
					diags = append(diags, template.Diagnostic{Pos: j.Source.Pos,
						Summary: "images are each other's parent: " + path,
						Detail:  "let one of them start from something else"})
				}
				for _, member := range ring {
					told[member] = true
				}
				break
			}
			ring = append(ring, at)
		}
	}
	return diags
}

// parentRef looks up the version that the image starts from; nil when it starts
// from no image.
func (r *runner) parentRef(ctx context.Context) (*catalog.Ref, error) {
	if r.parent == "" {
		return nil, nil
	}
	v, err := r.kit.Catalog.Get(ctx, r.parent)
	if err != nil {
		return nil, fmt.Errorf("%s: look up the parent of %s: %w", r.Source.Pos, r.image, err)
	}
	return &catalog.Ref{Name: v.Name, Version: v.Version, Digest: v.Image.Digest}, nil
}
