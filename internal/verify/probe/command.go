package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// command runs a line with /bin/sh. When its time is over, or ctx ends, its
// process group and all that descends from it are killed. What it leaves running
// in the background lives on, and what that prints later is not waited for.
func command(ctx context.Context, q Question) (*Command, error) {
	limit, err := timeoutOf(q, commandLimit)
	if err != nil {
		return nil, err
	}
	// The kernel sends the death signal when the thread ends that started the
	// process, so that thread must stay as long as the command runs.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, "/bin/sh", "-c", q.Name)
	if !isSet(q.Args["here"]) {
		cmd.Dir = "/"
	}
	if env := q.Args["env"]; env != "" {
		cmd.Env = append(os.Environ(), strings.Split(env, "\n")...)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { killTree(cmd.Process.Pid); return nil }
	cmd.WaitDelay = 500 * time.Millisecond
	out, errs := newHead(0), newHead(0)
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	fact := &Command{Stdout: out.buf.Bytes(), Stderr: errs.buf.Bytes(), Cut: out.cut || errs.cut}
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case timed.Err() != nil && (err != nil && !errors.Is(err, exec.ErrWaitDelay)):
		fact.TimedOut, fact.Exit = true, -1
	case errors.As(err, &ended):
		fact.Exit = exitOf(ended.ProcessState)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, fmt.Errorf("start command: %w", err)
	}
	return fact, nil
}

// exitOf returns the status as a shell shows it.
func exitOf(s *os.ProcessState) int {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return s.ExitCode()
}

// killTree kills a process, its group, and its descendants in whatever groups
// and sessions they have put themselves.
func killTree(pid int) {
	victims := []int{pid}
	if list, err := readProcesses(); err == nil {
		for i := 0; i < len(victims); i++ {
			for _, p := range list {
				if p.parent == victims[i] {
					victims = append(victims, p.pid)
				}
			}
		}
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	for _, v := range victims {
		_ = syscall.Kill(v, syscall.SIGKILL)
	}
}
