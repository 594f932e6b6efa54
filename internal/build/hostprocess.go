package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/provision"
)

// whereTemp is the key under which the flow's scope says where steps on this host
// make temporary files.
const whereTemp = "temp"

// hostWhere is the place of the flow's own resources.
func hostWhere() ledger.Where { return ledger.Where{whereTemp: os.TempDir()} }

// hostProcesses are the processes of a step that acts on this host, and its
// temporary files: they carry the tag in their environment and names.
func hostProcesses(w ledger.Where) ledger.Class {
	return ledger.Class{
		Name:     "host processes",
		Volatile: true,
		Find:     func(_ context.Context, tag string) ([]string, error) { return []string{tag}, nil },
		Destroy: func(ctx context.Context, tag string) error {
			err := killTagged(ctx, tag)
			return errors.Join(err, provision.RemoveTemp(w[whereTemp], tag)) // nobody makes new ones now
		},
	}
}

// killLimit is how long processes may take to die and to start others.
const killLimit = 10 * time.Second

// killTagged kills until no process with the tag is left: some may start others
// meanwhile.
func killTagged(ctx context.Context, tag string) error {
	ctx, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	for {
		pids := tagged(tag)
		if len(pids) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("kill processes %v: %w", pids, ctx.Err())
		}
		var dying []unix.PollFd
		var errs []error
		for _, pid := range pids {
			fd, err := killOne(pid, tag)
			if err != nil {
				errs = append(errs, fmt.Errorf("kill process %d: %w", pid, err))
			}
			if fd >= 0 {
				dying = append(dying, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
			}
		}
		if len(dying) > 0 && len(errs) == 0 {
			_, _ = unix.Poll(dying, 100) // ms, or until one has ended; the next look tells the rest
		}
		for _, p := range dying {
			unix.Close(int(p.Fd))
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
	}
}

// killOne kills a process that has the tag, and returns its pidfd; -1 when it is gone.
// Its number may be another's by now: the tag is read again with the pidfd in hand,
// which stays that of one process.
func killOne(pid int, tag string) (fd int, err error) {
	fd, err = unix.PidfdOpen(pid, 0)
	if err == nil && hasTag(pid, tag) {
		err = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
	if err == nil {
		return fd, nil
	}
	if fd >= 0 {
		unix.Close(fd)
	}
	if errors.Is(err, unix.ESRCH) {
		err = nil
	}
	return -1, err
}

// tagged returns the processes whose environment holds the tag.
func tagged(tag string) (pids []int) {
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && pid != os.Getpid() && hasTag(pid, tag) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// hasTag is false for a process that is gone, or another user's.
func hasTag(pid int, tag string) bool {
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return err == nil && bytes.Contains(append([]byte{0}, env...), []byte("\x00"+provision.TagEnv+"="+tag+"\x00"))
}

// onHost runs a step that may act on this host. What it started here is killed when
// the step fails or this process dies; what a step that succeeded left in the
// background is the user's.
func (r *runner) onHost(ctx context.Context, step func(tag string) error) error {
	id, err := r.own.Create(ctx, hostProcesses(hostWhere()), func(_ context.Context, tag string) (string, error) { return tag, nil })
	if err != nil {
		return err
	}
	if err := step(id); err != nil {
		return errors.Join(err, r.own.Destroy(context.WithoutCancel(ctx), id))
	}
	return r.own.Keep(id)
}
