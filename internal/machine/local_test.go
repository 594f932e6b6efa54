package machine_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func TestMain(m *testing.M) {
	syscall.Umask(0o022) // modes are compared
	os.Exit(m.Run())
}

// local is a communicator to the host itself. Tests use paths below t.TempDir.
type local struct {
	path string // PATH of commands; empty: the host's
}

func (l local) Run(ctx context.Context, c machine.Command) (int, error) {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", c.Line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Env = os.Environ()
	for k, v := range c.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	if l.path != "" {
		cmd.Env = append(cmd.Env, "PATH="+l.path)
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (local) Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), ".put")
	if err := os.WriteFile(tmp, b, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func (local) Get(ctx context.Context, path string, w io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (local) Close() error { return nil }
