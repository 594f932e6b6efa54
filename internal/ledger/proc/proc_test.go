package proc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const rest = " S 1 42 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 0 0\n"
	for _, name := range []string{"sh", "a b", "x) R 9 (", ""} {
		s, err := Parse("123 (" + name + ")" + rest)
		if want := (Status{PID: 123, Parent: 1, Session: 7, State: 'S', Start: 98765}); s != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", name, s, err, want)
		}
	}
	for _, bad := range []string{"", "1", "1 (x", "1 (x) S 1", "x (x)" + rest, ")("} {
		if s, err := Parse(bad); err == nil {
			t.Errorf("%q: %+v", bad, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("123 (sh) S 1 42 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 0 0\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = Parse(text) })
}

// sleeper starts a process of this test.
func sleeper(t *testing.T, variable string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Env = append(os.Environ(), variable)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

func TestKill(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"1:1", "4194303:5"} { // another's number, and nobody's
		if err := Kill(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, id := range []string{"x", "x:1", "1", "1:x"} {
		if err := Kill(t.Context(), id); err == nil {
			t.Errorf("killed %s", id)
		}
	}
	ours := sleeper(t, "PROC_TEST=kill")
	id, err := ID(ours.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is only waited for by this test
		if err := Kill(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := ID(ours.Process.Pid); err == nil {
		t.Errorf("a process that is over has the id %s", id)
	}
	if err := ours.Wait(); err == nil {
		t.Error("it ended by itself")
	}
}

// A process is found by a whole variable, and by a whole argument.
func TestFind(t *testing.T) {
	t.Parallel()
	one := sleeper(t, "PROC_TEST=find")
	sleeper(t, "PROC_TEST=findother")
	s, err := Read(one.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	got, err := WithVariable("PROC_TEST=find")
	if err != nil || len(got) != 1 || got[0].ID() != s.ID() || s.Parent != os.Getpid() {
		t.Errorf("found %+v, %v, want %+v", got, err, s)
	}
	all, err := WithArgument("1000")
	if err != nil || !slices.ContainsFunc(all, func(o Status) bool { return o.ID() == s.ID() }) {
		t.Errorf("found %+v, %v, want %+v too", all, err, s)
	}
	if none, err := WithArgument("100"); slices.ContainsFunc(none, func(o Status) bool { return o.ID() == s.ID() }) || err != nil {
		t.Errorf("found %+v, %v by a part of the argument", none, err)
	}
}

// Waiting ends with the context, whatever the process does.
func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	cmd := sleeper(t, "PROC_TEST=wait")
	s, err := Read(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := s.held(func(fd int) error { return wait(ctx, fd) }); !errors.Is(err, gone) {
		t.Error(err)
	}
}
