package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// errNoTool says that a program is not in the machine.
var errNoTool = errors.New("program not found")

// exitError is a program's own failure. What it printed is still returned.
type exitError struct {
	name   string
	status int
	stderr string
}

func (e *exitError) Error() string {
	s := fmt.Sprintf("run %s: exit status %d", e.name, e.status)
	if line, _, _ := strings.Cut(strings.TrimSpace(e.stderr), "\n"); line != "" {
		s += ": " + line
	}
	return s
}

// tool runs a program of the machine in the C locale and returns what it printed.
// The error is an *exitError for a status other than zero, errNoTool, or that the
// program could not be run or that ctx ended.
func tool(ctx context.Context, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errNoTool)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=", "SYSTEMD_URLIFY=0")
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	out, errs := newHead(0), newHead(0)
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run %s: %w", name, context.Cause(ctx))
	case errors.As(err, &ended):
		return out.buf.Bytes(), &exitError{name, exitOf(ended.ProcessState), errs.buf.String()}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	return out.buf.Bytes(), nil
}

// statusOf returns the exit status that an error of tool speaks of.
func statusOf(err error) (status int, ok bool) {
	var e *exitError
	if err == nil {
		return 0, true
	}
	if errors.As(err, &e) {
		return e.status, true
	}
	return 0, false
}
