package proc

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Kill kills the process with an id and waits for its end. One that has gone is no error.
func Kill(ctx context.Context, id string) error {
	number, start, _ := strings.Cut(id, ":")
	pid, err := strconv.Atoi(number)
	ticks, err2 := strconv.ParseUint(start, 10, 64)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("kill process %q: %w", id, err)
	}
	return KillAll(ctx, []Status{{PID: pid, Start: ticks}})
}

// KillAll kills processes, all before it waits for the end of one. Those that have gone,
// whosever their numbers are now, are left alone.
func KillAll(ctx context.Context, list []Status) error {
	var errs []error
	for _, s := range list {
		errs = append(errs, s.held(func(fd int) error { return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) }))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, s := range list {
		errs = append(errs, s.held(func(fd int) error { return wait(ctx, fd) }))
	}
	return errors.Join(errs...)
}

// held calls f with a descriptor that stays the process's whoever gets its number. It does
// not when the process has gone.
func (s Status) held(f func(fd int) error) error {
	fd, err := unix.PidfdOpen(s.PID, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err == nil {
		defer unix.Close(fd)
		if now, err := Read(s.PID); err != nil || now.Start != s.Start {
			return nil
		}
		err = f(fd)
	}
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %d: %w", s.PID, err)
	}
	return nil
}

// wait returns when a process has ended.
func wait(ctx context.Context, fd int) error {
	const step = 100 // milliseconds
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, step)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for its end: %w", context.Cause(ctx))
		}
	}
}
