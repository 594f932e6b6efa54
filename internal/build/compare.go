package build

import (
	"slices"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// compare tells what changed against the previous version, as far as this build
// came: a refused one is compared too.
func (r *runner) compare() {
	checks := r.report.Checks
	if r.prev == nil || len(checks) == 0 || r.report.Outcome == ProvenAgain || r.report.Outcome == Processed || r.report.Outcome == Unchanged {
		return
	}
	prev := *r.prev
	if checks[len(checks)-1].Gate == 1 { // the checks of gate 2 alone were not asked
		prev.Checks = slices.DeleteFunc(slices.Clone(prev.Checks), func(c catalog.Check) bool { return c.Source == seal })
	}
	v := r.version(image.Image{Size: r.report.Size, Digest: image.Digest(r.report.ImageDigest)})
	v.Version = r.report.Version
	d := catalog.Diff(prev, v)
	r.report.Changes = &d
}
