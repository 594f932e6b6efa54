package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

// Remove removes an image: the catalog entry, then the files, but for those that another
// version has by now. It refuses as catalog.Remove does. Of a process that dies in between
// the reaper removes the rest: what goes is written down before its entry goes, so that
// nothing else is taken for a removed image's.
func (k Kit) Remove(ctx context.Context, name string, force bool) (removed catalog.Version, err error) {
	v, err := k.Catalog.Get(ctx, name)
	if err != nil {
		return catalog.Version{}, fmt.Errorf("remove: %w", err)
	}
	dirs, err := k.dirsOf(v)
	if err != nil {
		return catalog.Version{}, fmt.Errorf("remove image %q: %w", name, err)
	}
	scope := k.Ledger.Scope("", ledgerKind, ledger.Where{})
	defer func() { // which leaves what the catalog has
		if e := scope.Close(ctx); e != nil {
			err = errors.Join(err, fmt.Errorf("remove files of %s (proofmark gc finishes it): %w", ref(v), e))
		}
	}()
	for _, dir := range dirs {
		if _, err := scope.Create(ctx, k.imageDir(), func(context.Context, string) (string, error) { return dir, nil }); err != nil {
			return catalog.Version{}, err
		}
	}
	others, err := k.Catalog.List(ctx, "")
	if err != nil {
		return catalog.Version{}, fmt.Errorf("remove image %q: %w", name, err)
	}
	others = slices.DeleteFunc(others, func(o catalog.Version) bool { return o.Name == v.Name && o.Version == v.Version })
	files := &output.Files{Scope: scope, Build: buildID(v.Run, v.Build), Owned: k.ownsOutput}
	for _, f := range v.Image.Files {
		if slices.ContainsFunc(dirs, func(dir string) bool { return k.holds(dir, f) }) ||
			slices.ContainsFunc(others, func(o catalog.Version) bool { return slices.Contains(o.Image.Files, f) }) {
			continue // it was replaced in the place that the template names
		}
		if err := files.Adopt(ctx, f); err != nil {
			return catalog.Version{}, fmt.Errorf("remove image %q: %w", name, err)
		}
	}
	return k.Catalog.Remove(ctx, ref(v), force)
}

// dirsOf are the directories below Kit.Images that hold files of a version.
func (k Kit) dirsOf(v catalog.Version) ([]string, error) {
	dirs, err := k.allImageDirs()
	return slices.DeleteFunc(dirs, func(dir string) bool {
		return !slices.ContainsFunc(v.Image.Files, func(f string) bool { return k.holds(dir, f) })
	}), err
}

// allImageDirs are the directories below Kit.Images that have the form of an image's.
func (k Kit) allImageDirs() ([]string, error) {
	dirs, err := filepath.Glob(filepath.Join(globQuote(k.Images), "*", "pm*"))
	return slices.DeleteFunc(dirs, func(dir string) bool {
		fi, err := os.Lstat(dir)
		return errors.Is(err, os.ErrNotExist) || err == nil && !fi.IsDir() || !ledger.IsTag(filepath.Base(dir))
	}), err
}
