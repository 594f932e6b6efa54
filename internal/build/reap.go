package build

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/postprocess"
)

// Reapable gives a reaper the classes of every kind that a build writes into the
// ledger: its own, and those of the builders. What the catalog or the cache has
// recorded by now belongs to them, and is left: a build may die between recording
// a thing and noting in the ledger that it is kept.
func Reapable(kit Kit, builders func(kind string, w ledger.Where) []ledger.Class) func(kind string, w ledger.Where) []ledger.Class {
	return func(kind string, w ledger.Where) []ledger.Class {
		if kind == ledgerKind {
			return append(output.Classes(w, kit.ownsOutput, postprocess.Forms()...), kit.imageDir(), hostProcesses(w))
		}
		classes := builders(kind, w)
		for i, c := range classes {
			classes[i].Destroy = func(ctx context.Context, id string) error {
				if owned, err := kit.owned(ctx, kind, id); err != nil || owned {
					return err
				}
				return c.Destroy(ctx, id)
			}
		}
		return classes
	}
}

// owned tells whether a builder's resource is a layer of the cache, or an image of
// the catalog or a part of one.
func (k Kit) owned(ctx context.Context, kind, id string) (bool, error) {
	layers, err := k.Cache.List()
	if err != nil {
		return false, err
	}
	isLayer := func(e cache.Entry) bool { return e.Kind == kind && e.Ref == id }
	for _, e := range layers {
		if isLayer(e) {
			return true, nil
		}
	}
	return k.inCatalog(ctx, id)
}

// inCatalog tells whether id is an image of the catalog, or a path that one lies
// at or below: images are single files (archives, disks) or directories. The catalog
// has the paths of the day an image was made; the home may have been moved since, or
// be reached by another way. A wrong yes costs space, a wrong no costs the image.
func (k Kit) inCatalog(ctx context.Context, id string) (bool, error) {
	images, err := k.Catalog.List(ctx, "")
	if err != nil {
		return false, err
	}
	for _, v := range images {
		for _, part := range append(v.Image.Files, v.Image.ID) {
			if part == id || k.holds(id, part) {
				return true, nil
			}
		}
	}
	return false, nil
}

// holds tells whether a path that the catalog has is dir, or lies in it, by any name.
func (k Kit) holds(dir, path string) bool {
	return filepath.IsAbs(dir) && filepath.IsAbs(path) &&
		(within(dir, path) || k.sameDir(dir, path) || within(resolved(dir), resolved(path)))
}

// sameDir tells whether dir is NAME/TAG below Kit.Images, and path has these elements:
// it was recorded when the home lay elsewhere. No two images share a tag.
func (k Kit) sameDir(dir, path string) bool {
	rel, err := filepath.Rel(k.Images, dir)
	sep := string(filepath.Separator)
	return err == nil && filepath.IsLocal(rel) && strings.Count(rel, sep) == 1 && strings.Contains(path+sep, sep+rel+sep)
}

// resolved is a path without symbolic links, as far as it is there.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// within tells whether path is dir or lies below it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
