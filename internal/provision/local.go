package provision

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// stopGrace lies between asking the processes of a command to end and killing them.
	stopGrace = 2 * time.Second
	// patience is how long output is waited for without a word that a process in the
	// background holds open.
	patience = 10 * time.Second
)

// local is a program of this host to run.
type local struct {
	argv     []string
	vars     map[string]string // added to the environment of this process
	tag      string            // marks what is started; "" for none
	out, err io.Writer         // Write must not block for long
	// waiting is called once when the program has ended and, patience later, its output
	// is still held open.
	waiting  func()
	patience time.Duration
}

// run runs the program without standard input, until it has ended and nobody holds its
// output open any more: as in Packer, a process that it left in the background is waited
// for unless that closes its output. When ctx ends, the program and what it started
// (unless that began a session of its own) is stopped, and the error is the cause.
func (l local) run(ctx context.Context) (exit int, err error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	cmd := exec.Command(l.argv[0], l.argv[1:]...)
	cmd.Env = os.Environ()
	for name, value := range l.vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if l.tag != "" {
		cmd.Env = append(cmd.Env, TagEnv+"="+l.tag)
	}
	// A session of its own has no terminal: a program that wants to ask for a
	// password fails instead of being stopped for ever. It is a group to kill, too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var s streams
	defer s.close()
	if cmd.Stdout, err = s.add(l.out); err != nil {
		return 0, err
	}
	if cmd.Stderr, err = s.add(l.err); err != nil {
		return 0, err
	}
	err = cmd.Start()
	s.begin()
	if err != nil {
		return 0, err
	}
	if err := l.await(ctx, cmd.Process.Pid, s.copied); err != nil {
		// Nothing of the group is left, but a process with a session of its own may
		// hold the output open.
		return 0, errors.Join(err, ignoreExit(cmd.Wait()))
	}
	return exitStatus(cmd.Wait())
}

// await returns when the program has ended and its output was copied. When ctx ends
// first, it stops the program's group, and the error is the cause. The program is left
// for its parent to collect: until then its number is that of no other group.
func (l local) await(ctx context.Context, pid int, copied <-chan struct{}) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
		}
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		l.stop(pid, ended, copied)
		return context.Cause(ctx)
	}
	long := time.NewTimer(l.patience)
	defer long.Stop()
	for {
		select {
		case <-copied:
			return nil
		case <-ctx.Done():
			l.stop(pid, ended, copied)
			return context.Cause(ctx)
		case <-long.C:
			l.waiting()
		}
	}
}

// stop ends every process of the group.
func (l local) stop(pid int, ended, copied <-chan struct{}) {
	syscall.Kill(-pid, syscall.SIGTERM)
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	for _, c := range []<-chan struct{}{ended, copied} {
		select {
		case <-c:
		case <-grace.C:
			grace.Reset(0)
		}
	}
	syscall.Kill(-pid, syscall.SIGKILL)
	<-ended
}

// ignoreExit leaves of an error what is not about how the program ended.
func ignoreExit(err error) error {
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return nil
	}
	return err
}

// exitStatus turns the error of a program into its status, as a shell reports it.
func exitStatus(err error) (int, error) {
	failed := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &failed):
		return 0, err
	case failed.Sys().(syscall.WaitStatus).Signaled():
		return 128 + int(failed.Sys().(syscall.WaitStatus).Signal()), nil
	}
	return failed.ExitCode(), nil
}
