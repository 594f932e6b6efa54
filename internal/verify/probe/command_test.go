package probe

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line string
		want Command
	}{
		{"echo out; echo err >&2; exit 3", Command{Exit: 3, Stdout: []byte("out\n"), Stderr: []byte("err\n")}},
		{"pwd", Command{Stdout: []byte("/\n")}},
		{"kill -TERM $$", Command{Exit: 143}},
		{"cat", Command{}}, // standard input is empty
		{"no-such-program-here 2>/dev/null", Command{Exit: 127}},
	}
	for _, tt := range tests {
		got := one[Command](t, "/", Question{Kind: KindCommand, Name: tt.line})
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.line, diff)
		}
	}
}

func TestCommandTimeoutKillsDescendants(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pids")
	// One in the group, one in a session of its own.
	line := "sleep 100000 & echo $! >" + file + "; setsid sh -c 'echo $$ >>" + file + "; exec sleep 100000' & echo said; wait"
	got := one[Command](t, "/", Question{Kind: KindCommand, Name: line, Args: map[string]string{"timeout": "5s"}})
	if !got.TimedOut || got.Exit != -1 || string(got.Stdout) != "said\n" {
		t.Errorf("got %+v", got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(string(text))
	if len(pids) != 2 {
		t.Fatalf("pids %q", pids)
	}
	for _, p := range pids {
		if pid, _ := strconv.Atoi(p); alive(pid) {
			t.Errorf("process %d is still running", pid)
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// alive tells whether a process runs; one that was killed a moment ago may be on its way out.
func alive(pid int) bool {
	for range 1000 {
		list, err := readProcesses()
		found := err != nil
		for _, p := range list {
			found = found || p.pid == pid && !p.ended
		}
		if !found {
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true
}

func TestCommandLeavesBackground(t *testing.T) {
	t.Parallel()
	// The background process holds the pipes open.
	got := one[Command](t, "/", Question{Kind: KindCommand, Name: "sleep 30 & echo $!"})
	pid, err := strconv.Atoi(strings.TrimSpace(string(got.Stdout)))
	if err != nil || got.Exit != 0 || got.TimedOut {
		t.Fatalf("got %+v", got)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("kill background process, which nobody waits for: %v", err)
	}
}

func TestCommandOutputIsCapped(t *testing.T) {
	t.Parallel()
	got := one[Command](t, "/", Question{Kind: KindCommand, Name: "head -c 20000000 /dev/zero; echo end >&2"})
	if len(got.Stdout) != MaxBlob || !got.Cut || string(got.Stderr) != "end\n" || got.Exit != 0 {
		t.Errorf("%d bytes, cut %v, stderr %q, exit %d", len(got.Stdout), got.Cut, got.Stderr, got.Exit)
	}
}

func TestCommandCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	started := whenOpened(t, cancel)
	if _, err := command(ctx, Question{Kind: KindCommand, Name: ": >" + started + "; exec sleep 100000"}); err == nil {
		t.Error("no error")
	}
}

// whenOpened returns a named pipe, and calls f when somebody opens it for writing.
func whenOpened(t *testing.T, f func()) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if _, err := os.ReadFile(path); err != nil {
			t.Error(err)
		}
		f()
	}()
	return path
}

func TestCommandBadTimeout(t *testing.T) {
	t.Parallel()
	for _, timeout := range []string{"soon", "-1s", "0"} {
		if _, errs := answers(t, "/", Question{Kind: KindCommand, Name: "true", Args: map[string]string{"timeout": timeout}}); errs[0] == nil {
			t.Errorf("timeout %q is taken", timeout)
		}
	}
}
