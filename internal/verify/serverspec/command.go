package serverspec

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// quote makes one word for a shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// runHere runs a command on this host for specs that may.
func (w *world) runHere(ctx context.Context, c ruby.Command) (ruby.Output, error) {
	argv := c.Argv
	if len(argv) == 0 {
		argv = []string{"sh", "-c", c.Line}
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = w.project.root
	if c.Dir != "" {
		cmd.Dir = c.Dir
	}
	cmd.Env = append(slices.DeleteFunc(w.spec.environment(w.project), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return slices.Contains(c.Unset, name)
	}), c.Env...)
	stdout, stderr := &bounded{}, &bounded{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(c.Stdin), stdout, stderr
	if c.Merge {
		cmd.Stderr = stdout
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	out := ruby.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, &unchecked{"the command did not end in time: " + strings.Join(argv, " ")}
	case errors.As(err, &ended):
		out.Exit = ended.ExitCode()
		if s, ok := ended.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			out.Signal, out.Exit = int(s.Signal()), 0
		}
	case errors.Is(err, exec.ErrNotFound):
		out.Missing = true
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return out, &unchecked{"run a command of the spec: " + err.Error()}
	}
	return out, nil
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if room := probe.MaxBlob - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}
