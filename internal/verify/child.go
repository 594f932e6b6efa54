package verify

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// NewLocal makes a session about this host, or about a tree of files on it, by a
// program that serves as a probe on its standard input and output: the file at path,
// run with argv. Nothing is copied anywhere. The program is a child with a process
// group of its own: a Ctrl-C at the terminal reaches it through this process alone,
// and when this process dies it ends what it runs, because its input ends.
func NewLocal(path string, argv []string, o Options) *Session {
	return newSession(o, func(ctx context.Context, _ bool) (asker, error) {
		r, err := launch(ctx, child(path, argv), nil, nil)
		if err != nil {
			return nil, err
		}
		return r, nil
	})
}

// child runs a program of this host.
func child(path string, argv []string) program {
	return func(ctx context.Context, stdin *os.File, stdout, stderr io.Writer) (int, error) {
		cmd := exec.CommandContext(ctx, path)
		cmd.Args = argv
		cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = endLimit / 2
		err := cmd.Run()
		var ended *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case errors.As(err, &ended):
			return ended.ExitCode(), nil
		}
		return 0, err
	}
}
