// Package output makes files and directories in places that users chose, on the
// record: what a build that fails or dies has made there goes again, and what it
// replaced comes back.
package output

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Files makes files for one build. It is safe for concurrent use.
type Files struct {
	// Scope takes the records; who reaps its kind needs Classes.
	Scope *ledger.Scope
	// Build names who makes the files, for Owned.
	Build string
	// Owned tells whether a file that a build made belongs to someone by now (the
	// catalog), whatever the ledger says of it: then it is left. nil: none does.
	Owned func(ctx context.Context, build, path string) (bool, error)

	mu       sync.Mutex
	made     []made
	replaced []string // ids
}

// made is a resource that Files still holds.
type made struct {
	id, path string
	dir      bool // made on the way to a file
	shared   bool // an entry of a file that others add to
}

// Write makes the file at path from what write writes, in one step: until write has
// returned nil, whatever was there stays. Directories that are missing are made.
// Other than a regular file nothing is replaced. Errors are PlaceErrors.
func (f *Files) Write(ctx context.Context, path string, perm fs.FileMode, write func(*os.File) error) error {
	to, err := place(path)
	if err == nil {
		err = f.within(ctx, filepath.Dir(to), func() error { return f.write(ctx, to, perm, write) })
	}
	return in(filepath.Dir(to), err)
}

func (f *Files) write(ctx context.Context, to string, perm fs.FileMode, write func(*os.File) error) error {
	where, err := f.replace(ctx, to)
	if err != nil {
		return err
	}
	// The record gets an id when the content is complete: it says what that is.
	id, err := f.Scope.CreateIn(ctx, where, f.class(where), func(_ context.Context, tag string) (string, error) {
		part := partOf(to, tag)
		if err := fill(part, perm, write); err != nil {
			return "", err
		}
		return identify(part, tag, to)
	})
	if err != nil {
		return err
	}
	tag := mustParse(id).tag
	err = putInPlace(ctx, partOf(to, tag), to, cmp.Or(where[whereOld], tag))
	if err != nil {
		return errors.Join(err, f.Scope.Destroy(ctx, id))
	}
	f.add(made{id: id, path: to})
	return nil
}

// fill makes a file and brings it to disk.
func fill(name string, perm fs.FileMode, write func(*os.File) error) error {
	w, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, perm)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return errors.Join(err, w.Close())
	}
	return errors.Join(w.Sync(), w.Close())
}

// Dir makes a directory and those above it that are missing.
func (f *Files) Dir(ctx context.Context, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	return f.makeDirs(ctx, abs)
}

// place is the absolute path of what a path leads to.
func place(path string) (string, error) {
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(to); err == nil {
		to = real
	}
	fi, err := os.Lstat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return to, nil
	case err != nil:
		return to, err
	case !fi.Mode().IsRegular() && fi.Mode().Type() != fs.ModeSymlink:
		return to, &fs.PathError{Op: "write", Path: path, Err: errors.New("it is there, and not a file")}
	}
	return to, nil
}

func (f *Files) add(m made) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made = append(f.made, m)
}

// take gives the held resources for which want holds, oldest first, and forgets them.
func (f *Files) take(want func(made) bool) (taken []made) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made = slices.DeleteFunc(f.made, func(m made) bool {
		if want(m) {
			taken = append(taken, m)
			return true
		}
		return false
	})
	return taken
}

// Drop removes a file or directory with all below it, whoever made it; of a link the
// link alone. That it is not there is no error. What it replaced comes back unless
// Keep was called.
func (f *Files) Drop(ctx context.Context, path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	name := Resolve(abs)
	taken := f.take(func(m made) bool { return m.path == name })
	if len(taken) == 0 {
		return os.RemoveAll(abs)
	}
	var errs []error
	for _, m := range slices.Backward(taken) {
		errs = append(errs, f.Scope.Destroy(ctx, m.id))
	}
	return errors.Join(errs...)
}

// Keep gives everything that was made to the user for good, and removes what it
// replaced. It is called when everything has succeeded. Who dies in between leaves of
// each file the old one or the new one.
func (f *Files) Keep(ctx context.Context) error {
	all := f.take(func(made) bool { return true })
	// Files before directories, which stay when something is in them. The files in
	// order: undoing a later one needs what an earlier one made.
	slices.SortStableFunc(all, func(a, b made) int {
		if a.dir == b.dir {
			return 0
		}
		if a.dir {
			return 1
		}
		return -1
	})
	var errs []error
	for _, m := range all {
		errs = append(errs, f.keep(ctx, m))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keep what was made: %w", err)
	}
	f.mu.Lock()
	replaced := f.replaced
	f.replaced = nil
	f.mu.Unlock()
	for _, m := range all { // what came there after Write had looked
		if !m.shared {
			errs = append(errs, os.RemoveAll(oldOf(m.path, mustParse(m.id).tag)))
		}
	}
	for _, id := range replaced {
		errs = append(errs, f.Scope.Destroy(ctx, id))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove what was replaced: %w", err)
	}
	return nil
}

// keep gives one thing to the user. An entry is so before the ledger says it: undoing one
// that is kept changes nothing.
func (f *Files) keep(ctx context.Context, m made) error {
	if m.shared {
		i := mustParse(m.id)
		if err := locked(ctx, filepath.Dir(i.path), func() error { return keepEntry(i.path, i.tag) }); err != nil {
			return err
		}
	}
	return f.Scope.Keep(m.id)
}

// Made lists the files made so far and not dropped, as absolute paths.
func (f *Files) Made() (paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.made {
		if fi, err := os.Lstat(m.path); err == nil && !fi.IsDir() {
			paths = append(paths, m.path)
		}
	}
	return paths
}
