package rootfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// processClass is process 1 of a machine in a user namespace. It has the tag as
// its last argument, and its id holds the time at which it started: a number
// alone may be another's by now.
func processClass() ledger.Class {
	return ledger.Class{
		Name:     "process",
		Volatile: true,
		Find: func(_ context.Context, tag string) ([]string, error) {
			files, err := filepath.Glob("/proc/[0-9]*/cmdline")
			if err != nil {
				return nil, err
			}
			var ids []string
			for _, f := range files {
				text, err := os.ReadFile(f)
				if err != nil || !bytes.Contains(text, []byte("\x00"+tag+"\x00")) {
					continue
				}
				pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
				if err != nil {
					continue
				}
				if id, err := processID(pid); err == nil {
					ids = append(ids, id)
				}
			}
			return ids, nil
		},
		Destroy: killProcess,
	}
}

func processID(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	s, err := readStat(string(text))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d:%d", s.pid, s.start), nil
}

// killProcess kills the process with an id and waits for its end.
func killProcess(ctx context.Context, id string) error {
	number, _, _ := strings.Cut(id, ":")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("kill process %q: %w", id, err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kill process %s: %w", id, err)
	}
	defer unix.Close(fd)
	if now, err := processID(pid); err != nil || now != id {
		return nil // it has gone, and another has its number
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %s: %w", id, err)
	}
	const step = 100 // milliseconds
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, step)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %s: %w", id, err)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for process %s: %w", id, context.Cause(ctx))
		}
	}
}
