package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock is an advisory lock on a file of its own. The kernel gives it up when the
// process dies; every lock has its own descriptor, so it holds between goroutines
// as well.
type lock struct {
	path string
	how  int // unix.LOCK_EX or unix.LOCK_SH
	f    *os.File
}

// try takes the lock if nobody stands in the way.
func (l *lock) try() (bool, error) { return l.flock(unix.LOCK_NB) }

// take waits for the lock. It is for locks that are held for moments only.
func (l *lock) take() error {
	_, err := l.flock(0)
	return err
}

func (l *lock) flock(flags int) (bool, error) {
	for {
		if l.f == nil {
			f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
			if err != nil {
				return false, fmt.Errorf("open lock: %w", err)
			}
			l.f = f
		}
		switch err := unix.Flock(int(l.f.Fd()), l.how|flags); {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case err != nil:
			l.close()
			return false, fmt.Errorf("lock %s: %w", l.path, err)
		}
		// A holder may have removed the file between our open and our lock: then
		// this is a lock on a file that nobody else will ever find.
		if l.current() {
			return true, nil
		}
		l.close()
	}
}

func (l *lock) current() bool {
	ours, err := l.f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(l.path)
	return err == nil && os.SameFile(ours, there)
}

// wait polls until it has the lock or ctx ends. waiting, when not nil, is called
// once if somebody else has it.
func (l *lock) wait(ctx context.Context, waiting func()) error {
	const slowest = 100 * time.Millisecond
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, slowest) {
		if ctx.Err() != nil {
			l.close()
			return context.Cause(ctx)
		}
		if ok, err := l.try(); ok || err != nil {
			return err
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// close gives the lock up and leaves its file.
func (l *lock) close() {
	if l.f != nil {
		l.f.Close()
		l.f = nil
	}
}

// remove gives an exclusive lock up together with its file. The file goes first,
// while nobody else can have the lock.
func (l *lock) remove() {
	if l.f != nil {
		os.Remove(l.path)
		l.close()
	}
}

// locked tells whether somebody holds a lock that conflicts with how. It makes
// no file.
func locked(path string, how int) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open lock: %w", err)
	}
	defer f.Close()
	for {
		switch err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return true, nil
		case err != nil:
			return false, fmt.Errorf("lock %s: %w", path, err)
		default:
			return false, nil
		}
	}
}
