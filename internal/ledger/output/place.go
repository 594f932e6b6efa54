package output

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// putInPlace gives a file its final name. What is there gets a second name first.
func putInPlace(ctx context.Context, part, to, tag string) error {
	return locked(ctx, filepath.Dir(to), func() error { return exchange(part, to, oldOf(to, tag)) })
}

func exchange(part, to, old string) error {
	err := os.Link(to, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(to, old) // a file system without links
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return ledger.SyncDir(filepath.Dir(to))
}

// replace writes down, where something is at the path, that it will be replaced. It
// gives what the record of the new file has as its place.
func (f *Files) replace(ctx context.Context, to string) (ledger.Where, error) {
	where := f.where(to)
	if _, err := os.Lstat(to); err != nil {
		return where, ignore(err, fs.ErrNotExist)
	}
	id, err := f.Scope.CreateIn(ctx, where, replaced(where), func(_ context.Context, tag string) (string, error) {
		return identity{tag: tag, path: to}.String(), nil
	})
	if err != nil {
		return nil, err
	}
	where = f.where(to)
	where[whereOld] = mustParse(id).tag
	if err := noteDir(where, to); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replaced = append(f.replaced, id)
	return where, nil
}

// noteDir writes down which directory it is in which something is replaced: that is where
// the second name is.
func noteDir(where ledger.Where, path string) error {
	s, err := look(filepath.Dir(path))
	where[whereDisk], where[whereDir] = strconv.FormatUint(s.dev, 10), strconv.FormatUint(s.ino, 10)
	return err
}

// Resolve is the absolute path of a name in the directory that it really lies in; the
// name itself may be a link.
func Resolve(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}

// within makes a directory and calls do, which puts something into it. A build that
// made the directory and fails removes it while it is empty: then both are done again.
func (f *Files) within(ctx context.Context, dir string, do func() error) error {
	const enough = 100
	for try := 1; ; try++ {
		err := f.makeDirs(ctx, dir)
		if err == nil {
			err = do()
		}
		if try == enough || !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
			return err
		}
		if _, gone := os.Stat(dir); !errors.Is(gone, fs.ErrNotExist) {
			return err
		}
	}
}

// makeDirs makes a directory and those above it that are missing. A directory gets
// its name when it is on record, unless somebody was faster.
func (f *Files) makeDirs(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.makeDirs(ctx, filepath.Dir(dir)); err != nil {
		return err
	}
	part := ""
	id, err := f.Scope.CreateIn(ctx, f.where(dir), f.class(f.where(dir)), func(_ context.Context, tag string) (string, error) {
		part = partOf(dir, tag)
		if err := os.Mkdir(part, 0o755); err != nil {
			return "", err
		}
		return identify(part, tag, dir)
	})
	if err != nil {
		return err
	}
	err = renameNew(part, dir)
	switch {
	case errors.Is(err, fs.ErrExist):
		return f.Scope.Destroy(ctx, id)
	case err != nil:
		return errors.Join(err, f.Scope.Destroy(ctx, id))
	}
	f.add(made{id: id, path: dir, dir: true})
	return ledger.SyncDir(filepath.Dir(dir))
}

// renameNew renames to a name that is free.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // a file system that cannot tell
		if _, err := os.Lstat(to); err == nil {
			return fs.ErrExist
		}
		err = os.Rename(from, to)
	}
	return err
}
