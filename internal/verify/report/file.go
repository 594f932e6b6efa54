package report

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Writable tells why a report cannot be written at a path, before it is known what
// will be in it.
func Writable(path string) error {
	real, fi, err := destination(path)
	if err == nil && fi != nil && fi.IsDir() {
		err = &fs.PathError{Op: "write", Path: path, Err: unix.EISDIR}
	}
	if err == nil && inPlace(fi) {
		return nil
	}
	if err != nil {
		return err
	}
	dir := filepath.Dir(real)
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write in", Path: dir, Err: err}
	}
	return nil
}

// WriteFile writes a report whole or not at all: what was at the path stays until all
// of the new one is there. What is no regular file, such as a pipe, is written to.
func WriteFile(path string, text []byte) error {
	real, fi, err := destination(path)
	switch {
	case err != nil:
	case inPlace(fi):
		err = write(path, os.O_WRONLY, 0, text)
	default:
		mode := fs.FileMode(0o666) // and the umask
		if fi != nil {
			mode = fi.Mode().Perm()
		}
		part := real + "." + strings.ToLower(rand.Text()[:8]) + ".part"
		err = write(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode, text)
		if err == nil {
			err = os.Rename(part, real)
		}
		if err != nil {
			_ = os.Remove(part)
		}
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func write(path string, flag int, mode fs.FileMode, text []byte) error {
	f, err := os.OpenFile(path, flag, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// destination is what links at a path lead to; fi is nil when nothing is there.
func destination(path string) (real string, fi fs.FileInfo, err error) {
	fi, err = os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil, nil
	case err != nil || !fi.Mode().IsRegular():
		return path, fi, err
	}
	real, err = filepath.EvalSymlinks(path)
	return real, fi, err
}

// inPlace tells whether what is there is written to: a rename would replace the device.
func inPlace(fi fs.FileInfo) bool { return fi != nil && !fi.Mode().IsRegular() && !fi.IsDir() }
