package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

// shells are ways to have another program as the shell of scripts.
func shells(t *testing.T) map[string]func(line string) string {
	all := map[string]func(string) string{}
	for name, path := range map[string]string{"dash": "dash", "busybox": "busybox", "bash": "bash"} {
		if _, err := exec.LookPath(path); err != nil {
			t.Logf("needs %s", path)
			continue
		}
		with := map[string]string{"dash": "dash", "busybox": "busybox sh", "bash": "bash --posix"}[name]
		all[name] = func(line string) string { return strings.Replace(line, "/bin/sh", with, 1) }
	}
	return all
}

// dressed is a communicator that changes the lines it runs.
type dressed struct {
	local
	dress func(string) string
}

func (d *dressed) Run(ctx context.Context, c machine.Command) (int, error) {
	c.Line = d.dress(c.Line)
	return d.local.Run(ctx, c)
}

// disconnecting loses the connection when all output of a command has come.
type disconnecting struct{ dressed }

func (d *disconnecting) Run(ctx context.Context, c machine.Command) (int, error) {
	_, _ = d.dressed.Run(ctx, c)
	return 0, machine.ErrDisconnected
}

func shellCommands(limit string) []probe.Question {
	line := func(l string, args ...string) probe.Question {
		q := probe.Question{Kind: probe.KindCommand, Name: l, Args: map[string]string{"timeout": limit}}
		for i := 0; i+1 < len(args); i += 2 {
			q.Args[args[i]] = args[i+1]
		}
		return q
	}
	return []probe.Question{
		line("echo hello; echo trouble >&2; exit 3"),
		line(`printf 'no end'`),
		line("cat"), // reads nothing
		line(`head -c 70000 /dev/zero; printf '\377\0\n\r\n'`),
		line("echo 'it''s \"quoted\" $HOME' `echo x`"),
		line("echo one\necho two # comment"),
		line("exit 255"),
		line("kill -9 $$"),
		line("kill -TERM $$"),
		line("no-such-program-here 2>/dev/null"),
		line("if"), // does not parse
		line("exec 1>&- 2>&-; exit 4"),
		line("echo $LANG $LC_ALL $WHO", "env", "LANG=C\nLC_ALL=C\nWHO=it's me"),
		line("pwd; umask >/dev/null; set -- a b; x=1"),
		line("echo $x $#"),
		line("pwd", "here", "1"),
		line("pwd"),
		line("ps x >/dev/null 2>&1; cat /proc/self/stat | wc -l"),
	}
}

// TestShellIsProbe compares the answers of a script with those of the probe.
func TestShellIsProbe(t *testing.T) {
	t.Parallel()
	qs := shellCommands("20s")
	want, err := (&inProcess{}).Ask(t.Context(), qs)
	if err != nil {
		t.Fatal(err)
	}
	for name, dress := range shells(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shell{comm: &dressed{dress: dress}, why: "because"}
			got, err := s.Ask(t.Context(), qs)
			if err != nil {
				t.Fatal(err)
			}
			for i, q := range qs {
				w, g := commandOf(t, want[i]), commandOf(t, got[i])
				if q.Name == "if" { // said in other words, from another line
					w.Stderr, g.Stderr = nil, nil
				}
				if diff := cmp.Diff(w, g); diff != "" {
					t.Errorf("%q: (-probe +shell)\n%.2000s", q.Name, diff)
				}
			}
		})
	}
}

// inProcess answers by a prober of this process.
type inProcess struct{}

func (*inProcess) Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error) {
	pr, pw := io.Pipe()
	ar, aw := io.Pipe()
	go func() { aw.CloseWithError(probe.NewProber("/").Serve(ctx, pr, aw, false)) }()
	defer pw.Close()
	conn, err := probe.Dial(ar, pw)
	if err != nil {
		return nil, err
	}
	return conn.Ask(qs)
}

func commandOf(t *testing.T, a probe.Answer) probe.Command {
	t.Helper()
	s := Answered(func(probe.Question) probe.Answer { return a })
	c, _, err := Fact[probe.Command](s, probe.Question{Kind: probe.KindCommand})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShellTimeout(t *testing.T) {
	t.Parallel()
	for name, dress := range shells(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shell{comm: &dressed{dress: dress}, why: "because"}
			got, err := s.Ask(t.Context(), []probe.Question{
				{Kind: probe.KindCommand, Name: "echo begun; sleep 600", Args: map[string]string{"timeout": "5s"}},
				{Kind: probe.KindCommand, Name: "echo next"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if c := commandOf(t, got[0]); !c.TimedOut || c.Exit != -1 || string(c.Stdout) != "begun\n" {
				t.Errorf("%+v", c)
			}
			if c := commandOf(t, got[1]); c.Exit != 0 || string(c.Stdout) != "next\n" {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestShellOddRounds(t *testing.T) {
	t.Parallel()
	s := &shell{comm: &local{}, why: "because of noexec"}
	got, err := s.Ask(t.Context(), []probe.Question{
		{Kind: probe.KindFile, Name: "/etc"},
		{Kind: probe.KindCommand, Name: "true", Args: map[string]string{"timeout": "never"}},
		{Kind: probe.KindCommand, Name: "true \x00"},
		{Kind: probe.KindCommand, Name: strings.Repeat("x", maxArgument+1)},
		{Kind: probe.KindCommand, Name: ": " + strings.Repeat("x", maxArgument-2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].NoProbe || got[0].Error != "because of noexec" {
		t.Errorf("%+v", got[0])
	}
	for _, a := range got[1:4] {
		if a.Error == "" || a.NoProbe {
			t.Errorf("%+v", a)
		}
	}
	if c := commandOf(t, got[4]); c.Exit != 0 {
		t.Errorf("%+v", c)
	}
}

func TestShellLost(t *testing.T) {
	t.Parallel()
	threeCommands := func(string) string { return "head -n 12 | sh" } // the prelude has nine lines
	broken := &shell{comm: &disconnecting{dressed{dress: threeCommands}}, why: "because"}
	got, err := broken.Ask(t.Context(), shellCommands("20s"))
	if !errors.Is(err, machine.ErrDisconnected) || len(got) != 3 {
		t.Errorf("%d answers, %v", len(got), err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	over := errors.New("over")
	cancel(over)
	if _, err := (&shell{comm: &local{}}).Ask(ctx, shellCommands("1s")); !errors.Is(err, over) {
		t.Error(err)
	}
	// The shell itself goes away: what follows is not known, and that is no verdict.
	gone := &shell{comm: &dressed{dress: threeCommands}}
	answers, err := gone.Ask(t.Context(), shellCommands("20s"))
	if err != nil || answers[0].Error != "" || !strings.Contains(answers[9].Error, "exit status") {
		t.Errorf("%v: %+v", err, answers)
	}
}

// refusing lets nobody be another user.
type refusing struct{ local }

func (*refusing) Run(context.Context, machine.Command) (int, error) {
	return 0, fmt.Errorf("run command: become root: %w", machine.ErrBecome)
}

func TestShellMayNotBecome(t *testing.T) {
	t.Parallel()
	s := &shell{comm: &refusing{}, why: "because", options: Options{User: "root", UserHelp: "ask as yourself"}}
	got, err := s.Ask(t.Context(), []probe.Question{{Kind: probe.KindCommand, Name: "true"}, {Kind: probe.KindCommand, Name: "false"}})
	if err != nil || len(got) != 2 || !strings.Contains(got[1].Error, "become root") || !strings.Contains(got[1].Error, "ask as yourself") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestSessionWithoutProbe runs a session where no program can be put.
func TestSessionWithoutProbe(t *testing.T) {
	t.Parallel()
	c := &local{put: func(string) error { return fmt.Errorf("this host takes no programs") }}
	s := NewSession(c, Options{Probe: probetest.Build(t), Retry: time.Hour})
	got, err := s.Run(t.Context(), []Spec{spec{exists("root"), ran("echo hello", "hello\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if v := verdicts(got); v != "root=could not check echo hello=pass" || !strings.Contains(got[0].Reason, "takes no programs") {
		t.Errorf("%s: %+v", v, got[0])
	}
	c.clean(t)
}

// TestShellLeavesNothing looks at the places where a script could have put something.
func TestShellLeavesNothing(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	c := &local{env: []string{"HOME=" + home, "TMPDIR=" + home}}
	if _, err := (&shell{comm: c}).Ask(t.Context(), shellCommands("20s")); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(home + "/*")
	if hidden, _ := os.ReadDir(home); err != nil || len(left)+len(hidden) > 0 {
		t.Errorf("%v %v %v", left, hidden, err)
	}
}

// TestSectionsAreBounded: what follows a mark without an end is output like any other.
func TestSectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSections("mark")
	for range 100 {
		if _, err := s.Write(bytes.Repeat([]byte("mark x"), 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.rest) > 1000 {
		t.Errorf("%d bytes are held", len(s.rest))
	}
	if _, err := s.Write([]byte("\nmark 0 3\n")); err != nil {
		t.Fatal(err)
	}
	if got := s.section(0); got == nil || got.status != 3 {
		t.Errorf("got %+v", got)
	}
}

// FuzzSections cuts a stream in pieces of any size, and has it come out as one.
func FuzzSections(f *testing.F) {
	f.Add([]byte("one\x00two"), []byte("MARK"), 3)
	f.Add([]byte("MARK MARK 1"), []byte(""), 1)
	f.Fuzz(func(t *testing.T, first, second []byte, size int) {
		const mark = "MARK"
		if bytes.Contains(first, []byte(mark)) || bytes.Contains(second, []byte(mark)) || size < 1 {
			return
		}
		stream := []byte("noise" + mark + " -1 0\n" + string(first) + mark + " 0 7\n" + string(second) + mark + " 1 0\n")
		if bytes.Count(stream, []byte(mark)) != 3 { // made of two pieces
			return
		}
		s := newSections(mark)
		for len(stream) > 0 {
			n := min(size, len(stream))
			if _, err := s.Write(stream[:n]); err != nil {
				t.Fatal(err)
			}
			stream = stream[n:]
		}
		a, b := s.section(0), s.section(1)
		if a == nil || b == nil || !bytes.Equal(a.data, first) || !bytes.Equal(b.data, second) || a.status != 7 {
			t.Errorf("%+v %+v", a, b)
		}
	})
}
