package verify

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// local is a communicator to this host. wrap, when set, is put before "sh -c".
type local struct {
	wrap []string
	put  func(path string) error // may refuse a file
	lose func(line string) bool  // the connection breaks when this command has printed something
	env  []string

	mu    sync.Mutex
	lines []string // commands that were run
	paths []string // files that were put
}

func (l *local) Run(ctx context.Context, c machine.Command) (int, error) {
	l.mu.Lock()
	l.lines = append(l.lines, c.Line)
	l.mu.Unlock()
	args := append(append([]string{}, l.wrap...), "sh", "-c", c.Line)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Env = append(os.Environ(), l.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = kill, time.Second
	lost := make(chan struct{})
	if l.lose != nil && l.lose(c.Line) {
		cmd.Stdout = &losing{c.Stdout, func() { close(lost); _ = kill() }}
	}
	err := cmd.Run()
	select {
	case <-lost:
		return 0, machine.ErrDisconnected
	default:
	}
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.As(err, &ended):
		return ended.ExitCode(), nil
	case errors.Is(err, exec.ErrWaitDelay):
		return 0, nil
	}
	return 0, err
}

type losing struct {
	w    io.Writer
	lose func()
}

func (l *losing) Write(p []byte) (int, error) {
	if l.lose != nil {
		l.lose()
		l.lose = nil
	}
	return l.w.Write(p)
}

func (l *local) Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error {
	if l.put != nil {
		if err := l.put(path); err != nil {
			return err
		}
	}
	l.mu.Lock()
	l.paths = append(l.paths, path)
	l.mu.Unlock()
	cmd := "cat >" + path + ".new && chmod 700 " + path + ".new && mv " + path + ".new " + path
	args := append(append([]string{}, l.wrap...), "sh", "-c", cmd)
	run := exec.CommandContext(ctx, args[0], args[1:]...)
	run.Stdin = r
	return run.Run()
}

func (l *local) Get(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (l *local) Close() error                                 { return nil }

// clean wants that nothing of the session is left on this host.
func (l *local) clean(t *testing.T) {
	t.Helper()
	for _, path := range l.paths {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
	out, err := exec.Command("sh", "-c", "ls -a /run /tmp /var/tmp /dev/shm").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range l.paths {
		if name := path[strings.LastIndex(path, "/")+1:]; strings.Contains(string(out), name) {
			t.Errorf("a file %s is left", name)
		}
	}
}
