package ruby_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// hostWorld is this machine below a directory, with a clock that stands still and an
// environment of its own.
type hostWorld struct {
	dir string
	out strings.Builder
	env map[string]string
}

func (w *hostWorld) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

func (w *hostWorld) Env(_ ruby.Place, name string) (string, bool, error) {
	v, ok := w.env[name]
	return v, ok, nil
}

func (w *hostWorld) Environ(ruby.Place) ([]string, error) {
	var list []string
	for k, v := range w.env {
		list = append(list, k+"="+v)
	}
	slices.Sort(list)
	return list, nil
}

func (w *hostWorld) Getwd(ruby.Place) (string, error) { return w.dir, nil }

func (w *hostWorld) ReadFile(_ ruby.Place, name string) ([]byte, error) {
	return os.ReadFile(w.path(name))
}

func (w *hostWorld) Stat(_ ruby.Place, name string) (fs.FileInfo, error) {
	return os.Stat(w.path(name))
}

func (w *hostWorld) Lstat(_ ruby.Place, name string) (fs.FileInfo, error) {
	return os.Lstat(w.path(name))
}

func (w *hostWorld) Readlink(_ ruby.Place, name string) (string, error) {
	return os.Readlink(w.path(name))
}

func (w *hostWorld) ReadDir(_ ruby.Place, name string) ([]string, error) {
	list, err := os.ReadDir(w.path(name))
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names, err
}

func (w *hostWorld) Access(_ ruby.Place, name string, mode uint32) (bool, error) {
	i, err := os.Stat(w.path(name))
	return err == nil && uint32(i.Mode().Perm()>>6)&mode != 0, err
}

func (w *hostWorld) Run(ctx context.Context, _ ruby.Place, c ruby.Command) (ruby.Output, error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", c.Line)
	if len(c.Argv) > 0 {
		cmd = exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	}
	cmd.Dir = w.path(c.Dir)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdin = bytes.NewReader(c.Stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.Merge {
		cmd.Stderr = &stdout
	}
	err := cmd.Run()
	out := ruby.Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Exit: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return ruby.Output{Missing: true, Exit: 127}, nil
	}
	return out, err
}

func (w *hostWorld) Now(ruby.Place) (time.Time, error) {
	return time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC), nil
}

func (w *hostWorld) Sleep(context.Context, ruby.Place, time.Duration) error { return nil }

func (w *hostWorld) Random(_ ruby.Place, n int) ([]byte, error) { return make([]byte, n), nil }

func (w *hostWorld) Print(_ ruby.Place, stream int, text string) error {
	if stream == 1 {
		w.out.WriteString(text)
	}
	return nil
}

func (w *hostWorld) Require(_ context.Context, _ ruby.Place, name, from string) (*syntax.File, error) {
	path := name
	if from != "" {
		path = filepath.Join(from, name)
	}
	if filepath.Ext(path) != ".rb" {
		path += ".rb"
	}
	path = filepath.Clean(path)
	text, err := os.ReadFile(w.path(path))
	if err != nil {
		return nil, err
	}
	file, problems := syntax.Parse(path, string(text))
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return file, nil
}
