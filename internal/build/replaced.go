package build

import (
	"context"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/catalog"
)

// Replaced fails when files of a version have become those of a newer one, in a place that
// the template names: what lies there is another image.
func (k Kit) Replaced(ctx context.Context, v catalog.Version) error {
	all, err := k.Catalog.List(ctx, "")
	if err != nil {
		return err
	}
	for _, o := range all { // newest first
		if o.Name == v.Name && o.Version == v.Version {
			break
		}
		if slices.ContainsFunc(v.Image.Files, func(f string) bool { return slices.Contains(o.Image.Files, f) }) {
			return fmt.Errorf("%s is not there any more: its files were replaced by those of %s", ref(v), ref(o))
		}
	}
	return nil
}
