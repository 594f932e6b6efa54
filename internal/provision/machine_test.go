package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func TestMain(m *testing.M) {
	syscall.Umask(0o022) // modes are compared
	os.Exit(m.Run())
}

// host is a communicator to this host; tests use paths below t.TempDir. The
// errors in fail come one after the other, instead of what was asked for.
type host struct {
	mu       sync.Mutex
	failRun  []error
	failPut  []error
	puts     []string // "0755 path"
	commands []string
	after    func(line string) error // comes in place of a status
}

func take(list *[]error) error {
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

func (h *host) Run(ctx context.Context, c machine.Command) (int, error) {
	h.mu.Lock()
	h.commands = append(h.commands, c.Line)
	err := take(&h.failRun)
	h.mu.Unlock()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", c.Line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Env = os.Environ()
	for k, v := range c.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	err = cmd.Run()
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if h.after != nil {
		if err := h.after(c.Line); err != nil {
			return 0, err
		}
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (h *host) Put(_ context.Context, path string, mode fs.FileMode, r io.Reader) error {
	h.mu.Lock()
	err := take(&h.failPut)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), ".put")
	if err := os.WriteFile(tmp, b, mode); err != nil {
		return err
	}
	if err := errors.Join(os.Chmod(tmp, mode), os.Rename(tmp, path)); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.puts = append(h.puts, fmt.Sprintf("%04o %s", mode, path))
	return nil
}

func (h *host) Get(_ context.Context, path string, w io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (h *host) Close() error { return nil }

// record is a log that remembers. Output apart, because only there may a secret be.
type record struct {
	mu     sync.Mutex
	lines  []string
	output bytes.Buffer
	moved  int64
	open   int // outputs and progresses that have not ended
}

func (r *record) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *record) Say(format string, args ...any)     { r.add(format, args...) }
func (r *record) Message(format string, args ...any) { r.add("  "+format, args...) }
func (r *record) Warn(format string, args ...any)    { r.add("! "+format, args...) }

func (r *record) Output() io.WriteCloser {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	return (*recordOutput)(r)
}

func (r *record) Progress(string, int64) func(int64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	return func(n int64, done bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.moved += n
		if done {
			r.open--
		}
	}
}

func (r *record) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

type recordOutput record

func (o *recordOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.output.Write(p)
}

func (o *recordOutput) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open--
	return nil
}

// run is a Run with a record, which must have been closed at the end.
func run(t *testing.T) (Run, *record) {
	r := &record{}
	t.Cleanup(func() {
		if r.open != 0 {
			t.Errorf("%d outputs or progresses are not closed", r.open)
		}
	})
	return Run{Out: r, BuildName: "web", BuildType: "rootfs", ID: "run-1", HTTPAddr: "10.0.0.1:8080"}, r
}

func write(t *testing.T, name, content string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return name
}

// names lists what is in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

// whenOutput closes a channel at the first output.
type whenOutput struct {
	*record
	begun chan struct{}
}

func (w *whenOutput) Output() io.WriteCloser {
	return &firstWrite{w.record.Output(), w.begun, sync.Once{}}
}

type firstWrite struct {
	io.WriteCloser
	begun chan struct{}
	once  sync.Once
}

func (f *firstWrite) Write(p []byte) (int, error) {
	defer f.once.Do(func() { close(f.begun) })
	return f.WriteCloser.Write(p)
}
