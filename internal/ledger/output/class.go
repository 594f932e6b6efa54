package output

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// A tree is a directory that is one thing, such as an image, and goes with all that
// is in it; another directory goes when it is empty.
const (
	className  = "output"
	treeName   = "output tree"
	wherePath  = "path"
	whereBuild = "build"
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
	return []ledger.Class{f.class(where), f.tree(where)}
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
					return removeAll(partOf(i.path, i.tag), oldOf(i.path, i.tag))
				}
			}
			return i.undo(remove)
		},
	}
}

// undo removes the file under whichever name it has (the final one by remove), and
// gives the one that it replaced its name back.
func (i identity) undo(remove func(identity) error) error {
	if err := removeAll(partOf(i.path, i.tag)); err != nil {
		return err
	}
	ours, err := i.is(i.path)
	if err != nil {
		return err
	}
	old := oldOf(i.path, i.tag)
	_, err = os.Lstat(i.path)
	gone := errors.Is(err, fs.ErrNotExist)
	_, err = os.Lstat(old)
	if replaced := err == nil; replaced && (ours || gone) {
		return i.giveBack(old)
	}
	if err := removeAll(old); err != nil || !ours {
		return err
	}
	return remove(i)
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
