package serverspec_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspectest"
)

// here is a communicator to this host.
type here struct{}

func (here) Run(ctx context.Context, c machine.Command) (int, error) {
	cmd := exec.CommandContext(ctx, "sh", "-c", c.Line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel, cmd.WaitDelay = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }, time.Second
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	return 0, err
}

func (here) Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return exectest.WriteFile(path, b, mode)
}
func (here) Get(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (here) Close() error                                 { return nil }

// ours runs the same files here.
func ours(t *testing.T, root string, o serverspec.Options, files ...string) rspectest.Outcome {
	t.Helper()
	var paths []string
	for _, f := range files {
		paths = append(paths, filepath.Join(root, f))
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	spec, err := serverspec.Open(paths, o)
	if err != nil {
		t.Fatal(err)
	}
	session := verify.NewSession(here{}, verify.Options{Probe: probetest.Build(t)})
	results, err := session.Run(t.Context(), []verify.Spec{spec})
	if err != nil {
		t.Fatal(err)
	}
	return rspectest.Results(t, root, results)
}

// compare wants the same examples in the same order with the same verdicts.
func compare(t *testing.T, want, got rspectest.Outcome) {
	t.Helper()
	for i := range max(len(want.Examples), len(got.Examples)) {
		switch {
		case i >= len(got.Examples):
			t.Errorf("missing %v", want.Examples[i])
		case i >= len(want.Examples):
			t.Errorf("too many: %v", got.Examples[i])
		case want.Examples[i] != got.Examples[i]:
			t.Errorf("example %d\n got %q: %s\nwant %q: %s", i+1, got.Examples[i], got.Said[i], want.Examples[i], want.Said[i])
		}
	}
}

func TestLikeServerSpec(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"testdata/spec", "rspec/testdata"} {
		files, err := filepath.Glob(root + "/*_spec.rb")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			t.Run(strings.TrimSuffix(f, "_spec.rb"), func(t *testing.T) {
				t.Parallel()
				// The project is around the directory spec, or the directory itself.
				dir, name := filepath.Split(f)
				if filepath.Base(dir) == "spec" {
					dir, name = filepath.Dir(filepath.Clean(dir)), "spec/"+name
				}
				want := rspectest.Run(t, dir, nil, "-r", "serverspec", name)
				compare(t, want, ours(t, dir, serverspec.Options{}, name))
			})
		}
	}
}
