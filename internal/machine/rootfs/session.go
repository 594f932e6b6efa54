package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// stat is what is needed of /proc/PID/stat.
type stat struct {
	pid, parent, session int
	state                byte
	start                uint64 // ticks after boot
}

// readStat reads the line of a process; its name may hold anything.
func readStat(text string) (stat, error) {
	var s stat
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return s, fmt.Errorf("read process status %.40q", text)
	}
	f := strings.Fields(text[end+1:])
	if len(f) < 20 || len(f[0]) != 1 {
		return s, fmt.Errorf("read process status %.40q", text)
	}
	s.state = f[0][0]
	var errs [4]error
	s.pid, errs[0] = strconv.Atoi(strings.TrimSpace(text[:open]))
	s.parent, errs[1] = strconv.Atoi(f[1])
	s.session, errs[2] = strconv.Atoi(f[3])
	s.start, errs[3] = strconv.ParseUint(f[19], 10, 64)
	return s, errors.Join(errs[:]...)
}

// processTable lists all processes that can be seen.
func processTable() ([]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var all []stat
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		if s, err := readStat(string(text)); err == nil {
			all = append(all, s)
		}
	}
	return all, nil
}

// commandEnv is in the environment of a command and of what it starts, where there
// is no control group to say what belongs together.
const commandEnv = "PROOFMARK_COMMAND"

// killCommand ends the processes of a session, their descendants, and those that
// have left both but bear the mark in their environment.
func killCommand(ctx context.Context, session int, mark string) error {
	for {
		all, err := processTable()
		if err != nil {
			return err
		}
		ours := map[int]bool{session: true}
		for grown := true; grown; {
			grown = false
			for _, s := range all {
				if !ours[s.pid] && (s.session == session || ours[s.parent] || s.bears(mark)) {
					ours[s.pid], grown = true, true
				}
			}
		}
		left := 0
		for _, s := range all {
			if ours[s.pid] && s.state != 'Z' && s.state != 'X' {
				left++
				s.kill()
			}
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %d killed processes: %w", left, context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// bears tells whether a process was started with an environment that holds mark.
func (s stat) bears(mark string) bool {
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.pid))
	return err == nil && slices.Contains(strings.Split(string(env), "\x00"), mark)
}

// kill kills the process unless another has its number by now.
func (s stat) kill() {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return // it has ended
	}
	defer unix.Close(fd)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		return
	}
	if now, err := readStat(string(text)); err == nil && now.start == s.start {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) // it may have ended
	}
}
