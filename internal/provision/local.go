package provision

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	// stopGrace lies between asking the processes of a command to end and killing them.
	stopGrace = 2 * time.Second
	// outputGrace is how long output is waited for that a process in the
	// background holds open.
	outputGrace = time.Second
)

// runLocal runs a program of this host without standard input, marked by the tag,
// with variables added to the environment of this process. When ctx ends, the program and what it started (unless that began a session of its own) is stopped,
// and the error is the cause. A process that the program left in the background
// goes on when it ends by itself.
func runLocal(ctx context.Context, argv []string, vars map[string]string, tag string, out io.Writer) (exit int, err error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = os.Environ()
	for name, value := range vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if tag != "" {
		cmd.Env = append(cmd.Env, TagEnv+"="+tag)
	}
	// A session of its own has no terminal: a program that wants to ask for a
	// password fails instead of being stopped for ever. It is a group to kill, too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = outputGrace
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	group := -cmd.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		syscall.Kill(group, syscall.SIGTERM)
		select {
		case <-ended:
			// The program is gone; the rest of its group may not be.
			syscall.Kill(group, syscall.SIGKILL)
		case <-time.After(stopGrace):
			syscall.Kill(group, syscall.SIGKILL)
			<-ended
		}
		return 0, context.Cause(ctx)
	}
	failed := (*exec.ExitError)(nil)
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return 0, nil
	case !errors.As(err, &failed):
		return 0, err
	case failed.Sys().(syscall.WaitStatus).Signaled():
		// As a shell reports it.
		return 128 + int(failed.Sys().(syscall.WaitStatus).Signal()), nil
	}
	return failed.ExitCode(), nil
}
