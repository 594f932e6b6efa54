package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds the wait for a directory: builds hold its lock for moments only.
const patience = time.Minute

// locked calls f while no other build changes names in a directory, or removes it. It
// waits until then, or until ctx ends; whoever holds the lock for long is no build.
// Where a directory is not there, or its file system has no locks, f is called all the
// same.
func locked(ctx context.Context, dir string, f func() error) error {
	short, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("another program holds the lock (flock) of the directory %s: end it, or let it lock a file", dir))
	defer cancel()
	for {
		done, err := lockedOnce(short, dir, f)
		if done || err != nil {
			return err
		}
	}
}

// lockedOnce is not done when another directory had the name by the time it was locked.
func lockedOnce(ctx context.Context, dir string, f func() error) (done bool, err error) {
	d, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return true, f()
	case err != nil:
		return false, err
	}
	defer d.Close()
	if err := wait(ctx, d); err != nil {
		return false, err
	}
	// Closing does not unlock while a program that is just being started has a copy.
	defer unix.Flock(int(d.Fd()), unix.LOCK_UN)
	was, err := d.Stat()
	if err != nil {
		return false, err
	}
	if now, err := os.Stat(dir); err != nil || !os.SameFile(was, now) {
		return false, ignoreAbsent(err)
	}
	return true, f()
}

func wait(ctx context.Context, d *os.File) error {
	const slowest = 100 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, slowest) {
		err := unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil && ctx.Err() != nil:
			return errors.Join(context.Cause(ctx), unix.Flock(int(d.Fd()), unix.LOCK_UN))
		case err == nil, errors.Is(err, unix.EBADF), errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EOPNOTSUPP):
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EWOULDBLOCK):
			return &fs.PathError{Op: "lock", Path: d.Name(), Err: err}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
