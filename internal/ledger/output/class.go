package output

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// A tree is a directory that is one thing, such as an image, and goes with all that
// is in it; another directory goes when it is empty.
const (
	className    = "output"
	treeName     = "output tree"
	entryName    = "output entry"
	replacedName = "replaced"
	wherePath    = "path"
	whereBuild   = "build"
	whereOld     = "old"   // the tag of what was replaced
	whereDisk    = "disk"  // the device of the directory that it lies in
	whereDir     = "dir"   // the inode of that directory
	whereMount   = "mount" // where the file system that it lies in is mounted, unless that is /
)

func (f *Files) where(path string) ledger.Where {
	w := ledger.Where{wherePath: path, whereBuild: f.Build}
	if m := mountOf(filepath.Dir(path)); m != "" {
		w[whereMount] = m
	}
	return w
}

// Classes are what a reaper needs to know of the files in a place; none when
// nothing of this package lies there. owned is as in Files; forms are all that builds
// add in.
func Classes(where ledger.Where, owned func(ctx context.Context, build, path string) (bool, error), forms ...Form) []ledger.Class {
	if where[wherePath] == "" {
		return nil
	}
	f := &Files{Owned: owned}
	return []ledger.Class{f.class(where), f.tree(where), f.entry(where, forms...), replaced(where)}
}

func (f *Files) class(where ledger.Where) ledger.Class {
	return f.classOf(className, where, false)
}

func (f *Files) tree(where ledger.Where) ledger.Class {
	return f.classOf(treeName, where, true)
}

// classOf is what is made at one path.
func (f *Files) classOf(name string, where ledger.Where, tree bool) ledger.Class {
	path := where[wherePath]
	old := func(i identity) string { return oldOf(i.path, cmp.Or(where[whereOld], i.tag)) }
	return ledger.Class{
		Name: name,
		Find: func(_ context.Context, tag string) ([]string, error) {
			id, err := identify(partOf(path, tag), tag, path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, away(path, where[whereMount])
			}
			return []string{id}, err
		},
		Destroy: func(ctx context.Context, id string) error {
			i, err := parse(id)
			if err != nil {
				return err
			}
			if f.Owned != nil {
				owned, err := f.Owned(ctx, where[whereBuild], i.path)
				if err != nil {
					return err
				}
				if owned {
					return removeAll(partOf(i.path, i.tag), old(i))
				}
			}
			u := undoingIn(where, i)
			u.tree, u.old = tree, old(i)
			return locked(ctx, filepath.Dir(i.path), u.undo)
		},
	}
}

// replaced is what a file that is made replaces. Its record is older than that of
// the file, whose undoing moves it away: what is still there when its turn comes was
// replaced for good.
func replaced(where ledger.Where) ledger.Class {
	path := where[wherePath]
	return ledger.Class{
		Name: replacedName,
		Last: true,
		Find: func(_ context.Context, tag string) ([]string, error) {
			if _, err := os.Lstat(oldOf(path, tag)); err != nil {
				return nil, ignore(err, fs.ErrNotExist)
			}
			return []string{identity{tag: tag, path: path}.String()}, nil
		},
		Destroy: func(ctx context.Context, id string) error {
			i, err := parse(id)
			if err != nil {
				return err
			}
			return locked(ctx, filepath.Dir(i.path), func() error { return os.RemoveAll(oldOf(i.path, i.tag)) })
		},
	}
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

func removeAll(names ...string) error {
	var errs []error
	for _, n := range names {
		errs = append(errs, os.RemoveAll(n))
	}
	return errors.Join(errs...)
}
