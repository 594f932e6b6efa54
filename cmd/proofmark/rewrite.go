package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// rewrite gives a file that holds old another text. The file stays the one that it is:
// its owner, mode, links and attributes, which a new file in its place would not have,
// and its directory need not be writable. Until the new text is on disk a copy of the
// old one lies beside it, or among temporary files: a full disk or a crash loses
// nothing.
func rewrite(path string, old, text []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	defer f.Close()
	spare, err := spareCopy(path, old)
	if err != nil {
		return fmt.Errorf("%s: keep a copy while it is written: %w", path, err)
	}
	// Where a file system cannot promise room, the copy has to do.
	if err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, int64(len(text))); errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return errors.Join(fmt.Errorf("%s is as it was: %w", path, err), os.Remove(spare))
	}
	if err := fill(f, text); err != nil {
		err = fmt.Errorf("write %s: %w", path, err)
		if again := fill(f, old); again != nil {
			return fmt.Errorf("%w; what it held is in %s", errors.Join(err, again), spare)
		}
		return errors.Join(err, os.Remove(spare))
	}
	return os.Remove(spare)
}

// fill makes text all that a file holds.
func fill(f *os.File, text []byte) error {
	if _, err := f.WriteAt(text, 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(text))); err != nil {
		return err
	}
	return f.Sync()
}

// spareCopy writes a text to a file of its own, and to disk.
func spareCopy(path string, text []byte) (name string, err error) {
	pattern := "." + filepath.Base(path) + ".*"
	for _, dir := range []string{filepath.Dir(path), os.TempDir()} {
		var f *os.File
		if f, err = os.CreateTemp(dir, pattern); err != nil {
			continue
		}
		if err = errors.Join(fill(f, text), f.Close()); err == nil {
			return f.Name(), nil
		}
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return "", err
}
