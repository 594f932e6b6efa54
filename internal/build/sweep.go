package build

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// ErrStrangeCatalog is in the chain of an error that refuses to remove what the catalog
// does not refer to, since it refers to no image that is there: it was lost, or is
// another home's.
var ErrStrangeCatalog = errors.New("the catalog has none of the images that are there")

// Sweep removes the directories of images that nobody knows. A catalog that was put back
// from a backup does not know what was made since, so it is for whoever was asked to do
// so, and has seen the list. It returns what it removed, or with dryRun would remove.
// Images that builds are making or Remove removes, and files that are not ours, stay. The error is an ErrStrangeCatalog, and nothing was
// removed, when the catalog knows none of the directories.
func (k Kit) Sweep(ctx context.Context, dryRun bool) (removed []string, err error) {
	unknown, known, err := k.imageDirs(ctx)
	if err == nil && known == 0 && len(unknown) > 0 {
		err = k.strange(unknown)
	}
	if err != nil {
		return nil, fmt.Errorf("look for forgotten images: %w", err)
	}
	if dryRun {
		return unknown, nil
	}
	var errs []error
	for _, dir := range unknown {
		if err := k.imageDir().Destroy(ctx, dir); err != nil {
			errs = append(errs, fmt.Errorf("remove forgotten image: %w", err))
			continue
		}
		removed = append(removed, dir)
	}
	return removed, errors.Join(errs...)
}

// LetGo lets go of the layers under machines that were left for a while and are gone.
func (k Kit) LetGo() error {
	records, err := k.Ledger.Records()
	if err != nil {
		return err
	}
	return k.Cache.LetGo(func(run string) bool {
		return slices.ContainsFunc(records, func(r ledger.Record) bool { return r.Run == run })
	})
}

// strange tells that nothing is removed, and what to do.
func (k Kit) strange(unknown []string) error {
	return fmt.Errorf("%w: %d in %s; nothing is removed. Restore catalog.db if it was lost; if these images are of no use, remove their directories yourself",
		ErrStrangeCatalog, len(unknown), k.Images)
}

// imageDirs returns the directories of finished images that the catalog does not know,
// and counts those that it knows. It looks first for directories, then into the ledger, then into the
// catalog. The order matters: a build writes to the ledger before it makes its
// directory, and the ledger lets go of it only when the catalog has the image.
func (k Kit) imageDirs(ctx context.Context) (unknown []string, known int, err error) {
	dirs, err := k.allImageDirs()
	if err != nil {
		return nil, 0, err
	}
	records, err := k.Ledger.Records()
	if err != nil {
		return nil, 0, err // it may hold what cannot be read of it
	}
	for _, dir := range dirs {
		if slices.ContainsFunc(records, func(r ledger.Record) bool { return r.Tag == filepath.Base(dir) || r.ID == dir }) {
			continue
		}
		switch has, err := k.inCatalog(ctx, dir); {
		case err != nil:
			return nil, 0, err
		case has:
			known++
		default:
			unknown = append(unknown, dir)
		}
	}
	return unknown, known, nil
}

// globQuote keeps a path from being read as a pattern.
func globQuote(path string) string {
	quoted := make([]rune, 0, len(path))
	for _, c := range path {
		if c == '*' || c == '?' || c == '[' || c == '\\' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, c)
	}
	return string(quoted)
}
