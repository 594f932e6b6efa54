package verify

import (
	"bufio"
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// serveEnv makes the test binary a probe of the tree that it names.
const serveEnv = "PROOFMARK_TEST_SERVE"

func TestMain(m *testing.M) {
	if root := os.Getenv(serveEnv); root != "" {
		if len(os.Args) > 1 && os.Args[1] == "broken" {
			os.Stderr.WriteString("I cannot\n")
			os.Exit(7)
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM) // as probes do
		defer stop()
		if err := probe.NewProber(root).Serve(ctx, os.Stdin, os.Stdout, true); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fifo makes a named pipe.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Skipf("needs named pipes: %v", err)
	}
	return path
}

// ownChild is a session with this test binary. It sets the environment, so tests that
// use it are not parallel.
func ownChild(t *testing.T, root string, o Options, args ...string) *Session {
	t.Helper()
	t.Setenv(serveEnv, root)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return NewLocal(self, append([]string{"probe"}, args...), o)
}

func TestLocalTree(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/group"), []byte("wheelers:x:77:\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	results, err := ownChild(t, root, Options{}).Run(t.Context(), []Spec{spec{exists("wheelers"), exists("nowhere", "wheelers")}})
	if err != nil {
		t.Fatal(err)
	}
	if v := verdicts(results); v != "wheelers=pass nowhere=fail" {
		t.Error(v)
	}
}

func TestLocalBroken(t *testing.T) {
	results, err := ownChild(t, "/", Options{}, "broken").Run(t.Context(), []Spec{spec{exists("root")}})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Verdict != Unknown || results[0].Reason != "the probe ended with exit status 7: I cannot" {
		t.Errorf("%+v", results[0])
	}
	s := NewLocal("/nowhere/at/all", []string{"probe"}, Options{})
	if _, err := s.Run(t.Context(), []Spec{spec{exists("root")}}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a program that is not there: %v", err)
	}
}

// asks is a check that a command ends well.
func asks(line string) func(*Session) Result {
	return func(s *Session) Result {
		c, known, err := Fact[probe.Command](s, probe.Question{Kind: probe.KindCommand, Name: line, Args: map[string]string{"timeout": "10m"}})
		switch {
		case !known:
			return Result{Subject: "command", Verdict: Open}
		case err != nil:
			return Result{Subject: "command", Verdict: Unknown, Reason: err.Error()}
		case c.Exit != 0:
			return Result{Subject: "command", Verdict: Fail}
		}
		return Result{Subject: "command", Verdict: Pass}
	}
}

// A strict limit counts the time of commands too. What was answered before it stands,
// and what was running is gone when Run returns.
func TestStrictLimit(t *testing.T) {
	pipe := fifo(t)
	o := Options{Deadline: 5 * time.Second, Began: time.Now()}
	s := ownChild(t, "/", o)
	type outcome struct {
		results []Result
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		results, err := s.Run(t.Context(), []Spec{spec{exists("root"), asks("(echo up; exec sleep 1000) > " + pipe + " & wait")}})
		done <- outcome{results, err}
	}()
	f, err := os.Open(pipe) // waits for the command
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	held := bufio.NewScanner(f)
	var lines []string
	for held.Scan() { // until whoever holds the pipe is gone
		lines = append(lines, held.Text())
	}
	got := <-done
	if !slices.Equal(lines, []string{"up"}) || got.err != nil {
		t.Fatalf("%q, %v", lines, got.err)
	}
	if v := verdicts(got.results); v != "root=pass command=could not check" {
		t.Error(v)
	}
	if why := got.results[1].Reason; why != "not answered within 5s" {
		t.Errorf("reason %q", why)
	}
}
