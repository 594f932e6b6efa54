//go:build unix

package ledger_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Tests of death run this test binary again as a child, which does what the
// variable names and kills itself at the given point.
const crashEnv = "PROOFMARK_LEDGER_CRASH"

func TestMain(m *testing.M) {
	if what := os.Getenv(crashEnv); what != "" {
		if err := crash(strings.Fields(what)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crash runs "build|reap|parent N LEDGER TOYS".
func crash(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	die := func(p ledger.Point) {
		if p.N == n {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	l, err := ledger.Open(args[2], ledger.WithObserver(die))
	if err != nil {
		return err
	}
	y := &toys{dir: args[3]}
	ctx := context.Background()
	switch args[0] {
	case "reap":
		return l.Reap(ctx, y.kinds("a", "b", "c", "bad"), nil, nil)
	case "parent":
		// A child that outlives its parent must not hold the parent's lock.
		sleep := exec.Command("sleep", "1000")
		s := l.Scope("run", "toy", nil)
		if _, err := s.Create(ctx, y.class("a"), y.create("a")); err != nil {
			return err
		}
		if err := sleep.Start(); err != nil {
			return err
		}
		fmt.Println(sleep.Process.Pid)
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	s := l.Scope("run", "toy", nil)
	var ids []string
	for _, c := range []string{"a", "b", "c"} {
		id, err := s.Create(ctx, y.class(c), y.create(c))
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	s.Create(ctx, y.class("bad"), func(ctx context.Context, tag string) (string, error) {
		y.create("bad")(ctx, tag)
		return "", os.ErrInvalid
	})
	if err := s.Destroy(ctx, ids[1]); err != nil {
		return err
	}
	if err := s.Close(ctx); err != nil {
		return err
	}
	return l.Close()
}

// child returns whether the child lived to its end.
func child(t *testing.T, args ...string) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+strings.Join(args, " "))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true
	}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
		t.Fatalf("child %v: %v\n%s", args, err, out)
	}
	return false
}

func TestNothingIsLeftAfterDeathAtAnyPoint(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		y, dir := newToys(t), t.TempDir()
		lived := child(t, "build", strconv.Itoa(n), dir, y.dir)
		l := open(t, dir)
		if err := l.Reap(t.Context(), y.kinds("a", "b", "c", "bad"), nil, nil); err != nil {
			t.Errorf("point %d: %v", n, err)
		}
		if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
			t.Errorf("point %d: left %v", n, got)
		}
		if lived {
			// 4 creations with 4 points, 4 destructions with 3, one undone creation with 1, 2 for the file
			if n < 25 {
				t.Errorf("only %d points", n-1)
			}
			return
		}
	}
}

func TestAReaperMayDieAtAnyPoint(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		y, dir := newToys(t), t.TempDir()
		y.abandon(t, dir, "a", "b", "c")
		lived := child(t, "reap", strconv.Itoa(n), dir, y.dir)
		if err := open(t, dir).Reap(t.Context(), y.kinds("a", "b", "c"), nil, nil); err != nil {
			t.Errorf("point %d: %v", n, err)
		}
		if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
			t.Errorf("point %d: left %v", n, got)
		}
		if lived {
			if n < 11 {
				t.Errorf("only %d points", n-1)
			}
			return
		}
	}
}

func TestAChildProcessDoesNotKeepItsParentAlive(t *testing.T) {
	t.Parallel()
	y, dir := newToys(t), t.TempDir()
	out, err := os.CreateTemp(t.TempDir(), "pid")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"=parent 0 "+dir+" "+y.dir)
	cmd.Stdout = out
	cmd.Run()
	text, _ := os.ReadFile(out.Name())
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatalf("no process started: %v", err)
	}
	defer syscall.Kill(pid, syscall.SIGKILL)
	if err := open(t, dir).Reap(t.Context(), y.kinds("a"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); len(got) != 0 {
		t.Errorf("left = %v", got)
	}
}

func TestPointsAreNamed(t *testing.T) {
	t.Parallel()
	y := newToys(t)
	var names []string
	l := open(t, t.TempDir(), ledger.WithObserver(func(p ledger.Point) {
		names = append(names, p.Name)
		if none := strings.HasPrefix(p.Name, "before-intent ") || strings.HasSuffix(p.Name, " ledger"); none != (p.Tag == "") {
			t.Errorf("point %q has tag %q", p.Name, p.Tag)
		}
		if p.N != len(names) {
			t.Errorf("point %q has number %d, want %d", p.Name, p.N, len(names))
		}
	}))
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, "mount", "dir")
	s.Keep(ids[1])
	s.Close(t.Context())
	l.Close()
	want := []string{
		"before-intent mount", "after-intent mount", "after-create mount", "after-id mount",
		"before-intent dir", "after-intent dir", "after-create dir", "after-id dir",
		"before-keep dir", "after-keep dir",
		"before-destroy mount", "after-destroy mount", "after-release mount",
		"before-remove ledger", "after-remove ledger",
	}
	if !slices.Equal(names, want) {
		t.Errorf("points = %q\nwant     %q", names, want)
	}
}
