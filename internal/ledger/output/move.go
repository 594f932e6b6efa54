package output

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Move moves a file, or a tree, to a path. What is there is replaced with force only,
// and else an error. From another file system it is copied by copy, which makes what
// is not there and brings it to disk, and then removed. Errors are PlaceErrors.
func (f *Files) Move(ctx context.Context, from, path string, force bool, copy func(from, to string) error) error {
	to, err := filepath.Abs(path)
	if err == nil {
		err = f.moveTo(ctx, from, to, force, copy)
	}
	return in(filepath.Dir(to), err)
}

func (f *Files) moveTo(ctx context.Context, from, to string, force bool, copy func(from, to string) error) error {
	if _, err := os.Lstat(to); err == nil && !force {
		return fmt.Errorf("%s exists: remove it, or build with -force", to)
	}
	dir := filepath.Dir(to)
	err := f.within(ctx, dir, func() error { return f.move(ctx, to, func(string) (string, error) { return from, nil }) })
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	err = f.within(ctx, dir, func() error {
		return f.move(ctx, to, func(part string) (string, error) { return part, copy(from, part) })
	})
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(from), ledger.SyncDir(filepath.Dir(from)))
}

// move puts in place what prepare names: what it made of the given name, or what is
// there already.
func (f *Files) move(ctx context.Context, to string, prepare func(part string) (string, error)) error {
	name := ""
	where, err := f.replace(ctx, to)
	if err != nil {
		return err
	}
	id, err := f.Scope.CreateIn(ctx, where, f.tree(where), func(_ context.Context, tag string) (_ string, err error) {
		if name, err = prepare(partOf(to, tag)); err != nil {
			return "", err
		}
		return identify(name, tag, to)
	})
	if err != nil {
		return err
	}
	if err := putInPlace(ctx, name, to, cmp.Or(where[whereOld], mustParse(id).tag)); err != nil {
		return errors.Join(err, f.Scope.Destroy(ctx, id))
	}
	f.add(made{id: id, path: to})
	return nil
}
