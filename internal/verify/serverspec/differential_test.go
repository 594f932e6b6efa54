package serverspec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
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
	return os.WriteFile(path, b, mode)
}
func (here) Get(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (here) Close() error                                 { return nil }

// example is one of either program, as far as both must agree.
type example struct{ Name, Place, Status string }

// theirs runs the real rspec in a directory.
func theirs(t *testing.T, root string, files ...string) ([]example, map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("rspec"); err != nil {
		t.Skip("needs rspec and ServerSpec: apt-get install ruby-serverspec")
	}
	out := filepath.Join(t.TempDir(), "out.json")
	cmd := exec.Command("rspec", append([]string{"-r", "serverspec", "-f", "json", "-o", out, "--order", "defined"}, files...)...)
	cmd.Dir = root
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	_ = cmd.Run() // 1 when examples fail
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var report struct {
		Messages []string
		Examples []struct {
			FullDescription string `json:"full_description"`
			FilePath        string `json:"file_path"`
			LineNumber      int    `json:"line_number"`
			Status          string
			PendingMessage  string `json:"pending_message"`
			Exception       struct{ Class, Message string }
		}
		Summary struct {
			Outside int `json:"errors_outside_of_examples_count"`
		}
	}
	if err := json.Unmarshal(b, &report); err != nil {
		t.Fatal(err)
	}
	if report.Summary.Outside > 0 {
		t.Fatalf("rspec could not load the files:\n%s", strings.Join(report.Messages, "\n"))
	}
	var list []example
	messages := map[string]string{}
	for _, e := range report.Examples {
		one := example{e.FullDescription, fmt.Sprintf("%s:%d", strings.TrimPrefix(e.FilePath, "./"), e.LineNumber), e.Status}
		list = append(list, one)
		messages[one.Place+" "+one.Name] = e.PendingMessage + e.Exception.Message
	}
	return list, messages
}

// ours runs the same files here.
func ours(t *testing.T, root string, o serverspec.Options, files ...string) ([]example, map[string]string, []verify.Result) {
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
	var list []example
	messages := map[string]string{}
	for _, r := range results {
		file, err := filepath.Abs(r.Pos.File)
		if err != nil {
			t.Fatal(err)
		}
		abs, err := filepath.Abs(root)
		if err != nil {
			t.Fatal(err)
		}
		status := map[verify.Verdict]string{verify.Pass: "passed", verify.Fail: "failed", verify.Skipped: "pending"}[r.Verdict]
		if status == "" {
			status = string(r.Verdict) + ": " + r.Reason
		}
		one := example{r.Name(), fmt.Sprintf("%s:%d", strings.TrimPrefix(file, abs+"/"), r.Pos.Line), status}
		list = append(list, one)
		messages[one.Place+" "+one.Name] = r.Reason + r.Found
	}
	return list, messages, results
}

// compare wants the same examples in the same order with the same verdicts.
func compare(t *testing.T, want, got []example, said map[string]string) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			t.Errorf("missing %v", want[i])
		case i >= len(want):
			t.Errorf("too many: %v", got[i])
		case want[i] != got[i]:
			t.Errorf("example %d\n got %v\nwant %v\n     %s", i+1, got[i], want[i], said[got[i].Place+" "+got[i].Name])
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
				want, _ := theirs(t, dir, name)
				got, said, _ := ours(t, dir, serverspec.Options{}, name)
				compare(t, want, got, said)
			})
		}
	}
}
