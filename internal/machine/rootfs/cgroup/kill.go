package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Kill ends every process of the group and of those inside it, and waits until
// none is left. A group that is gone has none.
func (g Group) Kill(ctx context.Context) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		left := 0
		for _, d := range g.dirs {
			n, err := kill(d)
			if err != nil {
				return fmt.Errorf("kill processes of %s: %w", d, err)
			}
			left += n
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %d killed processes of %s: %w", left, g, context.Cause(ctx))
		case <-time.After(wait):
		}
	}
}

// Destroy kills what is in the group and removes it. A process that was on its way
// into the group when it was killed is killed too.
func (g Group) Destroy(ctx context.Context) error {
	for deadline := time.Now().Add(joinLimit); ; {
		if err := g.Kill(ctx); err != nil {
			return err
		}
		err := g.Remove()
		if !errors.Is(err, unix.EBUSY) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// joinLimit bounds how long a process may take from its start until it has joined
// its group.
const joinLimit = 5 * time.Second

// Empty tells whether no process is in the group or inside it.
func (g Group) Empty() (bool, error) {
	for _, d := range g.dirs {
		pids, err := processes(d)
		if err != nil || len(pids) > 0 {
			return false, err
		}
	}
	return true, nil
}

// kill signals what is in dir and below, and returns how many there were. The
// kernel does it at once where it can; elsewhere forking is raced until it loses.
func kill(dir string) (int, error) {
	pids, err := processes(dir)
	if err != nil || len(pids) == 0 {
		return 0, err
	}
	err = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
	if err == nil {
		return len(pids), nil
	}
	return len(pids), signal(pids, func() ([]int, error) { return processes(dir) })
}

// signal kills those of the processes that the list, asked again, still holds. By now a
// number may be that of a process outside: a pidfd stays that of one process, so one
// taken before the list is read again is of a process in the list, or of one that is
// gone.
func signal(pids []int, list func() ([]int, error)) error {
	fds := map[int]int{}
	defer func() {
		for _, fd := range fds {
			unix.Close(fd)
		}
	}()
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) { // gone, or a thread by now
			continue
		}
		if err != nil {
			return fmt.Errorf("open process %d: %w", pid, err)
		}
		fds[pid] = fd
	}
	inside, err := list()
	if err != nil {
		return err
	}
	for _, pid := range inside {
		if fd, ok := fds[pid]; ok {
			if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("kill process %d: %w", pid, err)
			}
		}
	}
	return nil
}

// processes lists those of dir and below, except for this process.
func processes(dir string) ([]int, error) {
	var pids []int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case gone(err):
			return nil
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for field := range strings.FieldsSeq(string(text)) {
			// A process of another pid namespace reads as 0.
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 && pid != os.Getpid() {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids, err
}

func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) }
