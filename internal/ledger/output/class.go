package output

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// A tree is a directory that is one thing, such as an image, and goes with all that
// is in it; another directory goes when it is empty.
const (
	className    = "output"
	treeName     = "output tree"
	replacedName = "replaced"
	wherePath    = "path"
	whereBuild   = "build"
	whereOld     = "old" // the tag of what was replaced
)

func (f *Files) where(path string) ledger.Where {
	return ledger.Where{wherePath: path, whereBuild: f.Build}
}

// Classes are what a reaper needs to know of the files in a place; none when
// nothing of this package lies there. owned is as in Files.
func Classes(where ledger.Where, owned func(ctx context.Context, build, path string) (bool, error)) []ledger.Class {
	if where[wherePath] == "" {
		return nil
	}
	f := &Files{Owned: owned}
	return []ledger.Class{f.class(where), f.tree(where), replaced(where)}
}

func (f *Files) class(where ledger.Where) ledger.Class {
	return f.classOf(className, where, identity.remove)
}

func (f *Files) tree(where ledger.Where) ledger.Class {
	return f.classOf(treeName, where, func(i identity) error { return os.RemoveAll(i.path) })
}

// classOf is what is made at one path.
func (f *Files) classOf(name string, where ledger.Where, remove func(identity) error) ledger.Class {
	path := where[wherePath]
	old := func(i identity) string { return oldOf(i.path, cmp.Or(where[whereOld], i.tag)) }
	return ledger.Class{
		Name: name,
		Find: func(_ context.Context, tag string) ([]string, error) {
			id, err := identify(partOf(path, tag), tag, path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
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
			return i.undo(old(i), remove)
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
		Destroy: func(_ context.Context, id string) error {
			i, err := parse(id)
			if err != nil {
				return err
			}
			return os.RemoveAll(oldOf(i.path, i.tag))
		},
	}
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// undo removes the file under whichever name it has (the final one by remove), and
// gives the one that it replaced, old, its name back. Where somebody else has put
// another file meanwhile both stay, and an error says where the replaced one is.
func (i identity) undo(old string, remove func(identity) error) error {
	if err := removeAll(partOf(i.path, i.tag)); err != nil {
		return err
	}
	ours, err := i.is(i.path)
	if err != nil {
		return err
	}
	was, err := os.Lstat(old)
	switch {
	case errors.Is(err, fs.ErrNotExist) && ours:
		return remove(i)
	case err != nil:
		return ignore(err, fs.ErrNotExist)
	}
	now, err := os.Lstat(i.path)
	switch {
	case ours, errors.Is(err, fs.ErrNotExist):
		return i.giveBack(old)
	case err != nil:
		return err
	case os.SameFile(was, now): // it was not replaced yet
		return os.Remove(old)
	}
	aside := i.path + "." + i.tag + ".old"
	if err := renameNew(old, aside); err != nil {
		return err
	}
	return fmt.Errorf("%s is not the file that was made: it stays; what was there before is now %s", i.path, aside)
}

func (i identity) giveBack(old string) error {
	fi, err := os.Lstat(i.path)
	if err == nil && fi.IsDir() { // it cannot be renamed over
		if err := os.RemoveAll(i.path); err != nil {
			return err
		}
	}
	return os.Rename(old, i.path)
}

// remove removes the file; a directory only when nothing is left in it, because
// others may have put something there.
func (i identity) remove() error {
	err := os.Remove(i.path)
	if errors.Is(err, fs.ErrNotExist) || notEmpty(err) {
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
