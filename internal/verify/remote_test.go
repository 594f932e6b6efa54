package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

// ran is a check of a command's output.
func ran(line, want string) func(*Session) Result {
	return func(s *Session) Result {
		r := Result{Subject: line, Verdict: Pass}
		c, known, err := Fact[probe.Command](s, probe.Question{Kind: probe.KindCommand, Name: line, Args: map[string]string{"timeout": "30s"}})
		switch {
		case !known:
			r.Verdict = Open
		case err != nil:
			r.Verdict, r.Reason = Unknown, err.Error()
		case string(c.Stdout) != want:
			r.Verdict, r.Wanted, r.Found = Fail, want, string(c.Stdout)
		}
		return r
	}
}

func TestSessionOverProbe(t *testing.T) {
	t.Parallel()
	c := &local{}
	s := NewSession(c, Options{Probe: probetest.Build(t)})
	got, err := s.Run(t.Context(), []Spec{spec{exists("root"), ran("echo hello", "hello\n"), exists("no-such-group")}, Sanity(false, SanityOptions{})})
	if err != nil {
		t.Fatal(err)
	}
	if v := verdicts(got[:3]); v != "root=pass echo hello=pass no-such-group=fail" {
		t.Error(v)
	}
	if len(got) != 5 || got[3].Verdict != Pass || got[4].Verdict == Open {
		t.Errorf("sanity: %+v", got[3:])
	}
	// One command that looks for a place, one that is the probe.
	if len(c.lines) != 2 || len(c.paths) != 1 {
		t.Errorf("%d commands, %d files", len(c.lines), len(c.paths))
	}
	c.clean(t)
}

// attended is a communicator whose commands the probe runs, as it says.
type attended struct {
	local
	line string
}

func (a *attended) ProbeLine() string { return a.line }

// TestSessionAttended: a probe that is in the machine already is not brought there, unless it
// does not run, or not as the user that asks.
func TestSessionAttended(t *testing.T) {
	t.Parallel()
	open := probetest.Build(t)
	path := filepath.Join(t.TempDir(), "probe")
	program, err := open(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(program)
	program.Close()
	if err == nil {
		err = exectest.WriteFile(path, text, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		line string
		user string
		puts int
	}{
		"there":        {"exec " + path, "", 0},
		"gone":         {"exec " + path + ".gone", "", 1},
		"nobody":       {"", "", 1},
		"another user": {"exec " + path, "somebody", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &attended{line: tt.line}
			got, err := NewSession(c, Options{Probe: open, User: tt.user}).Run(t.Context(), []Spec{spec{exists("root"), ran("echo hello", "hello\n")}})
			if err != nil || verdicts(got) != "root=pass echo hello=pass" {
				t.Fatalf("%v, %v", got, err)
			}
			if len(c.paths) != tt.puts || tt.puts == 0 && len(c.lines) != 1 {
				t.Errorf("%d files, commands %q", len(c.paths), c.lines)
			}
			c.clean(t)
		})
	}
}

func TestSessionInventory(t *testing.T) {
	t.Parallel()
	c := &local{}
	inv, err := NewSession(c, Options{Probe: probetest.Build(t)}).Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if inv.OS == "" || inv.Arch == "" || len(inv.Users) == 0 || len(inv.Etc) == 0 {
		t.Errorf("os %q, arch %q, %d users, %d files", inv.OS, inv.Arch, len(inv.Users), len(inv.Etc))
	}
	c.clean(t)
}

// TestInventoryIsTheProbes holds the two types to one JSON form.
func TestInventoryIsTheProbes(t *testing.T) {
	t.Parallel()
	same := func(a, b reflect.Type) {
		if a.NumField() != b.NumField() {
			t.Errorf("%v has %d fields, %v has %d", a, a.NumField(), b, b.NumField())
			return
		}
		for i := range a.NumField() {
			if a.Field(i).Tag != b.Field(i).Tag {
				t.Errorf("%v.%s and %v.%s differ in JSON", a, a.Field(i).Name, b, b.Field(i).Name)
			}
		}
	}
	same(reflect.TypeFor[Inventory](), reflect.TypeFor[probe.Inventory]())
	same(reflect.TypeFor[Package](), reflect.TypeFor[probe.InstalledPackage]())
}

func TestSessionCannotCheck(t *testing.T) {
	t.Parallel()
	program := func(text string) func(string) (io.ReadCloser, error) {
		return func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	}
	tests := []struct {
		name   string
		comm   *local
		probe  func(string) (io.ReadCloser, error)
		reason string
	}{
		{"no probe", &local{}, nil, "no probe program"},
		{"built without", &local{}, func(arch string) (io.ReadCloser, error) {
			return nil, fmt.Errorf("no probe for %s: run make build", arch)
		}, "run make build"},
		{"full", &local{put: func(string) error { return syscall.ENOSPC }}, program("x"), "no space left"},
		{"not a program", &local{}, program("#!/bin/sh\necho broken thing >&2; exit 7\n"), "status 7: broken thing"},
		{"other version", &local{}, program("#!/bin/sh\necho '{\"proofmark-probe\":\"0\"}'; cat >/dev/null\n"), "version 0"},
		{"ends at once", &local{}, program("#!/bin/sh\nexit 0\n"), "exit status 0"},
		{"killed", &local{}, program("#!/bin/sh\necho '{\"proofmark-probe\":\"" + probe.Version + "\"}'; read x; kill -9 $$\n"), "ended with exit status"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := NewSession(tt.comm, Options{Probe: tt.probe, Retry: time.Hour})
			got, err := s.Run(t.Context(), []Spec{spec{exists("root")}})
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Verdict != Unknown || !strings.Contains(got[0].Reason, tt.reason) {
				t.Errorf("got %+v", got[0])
			}
			if _, err := s.Inventory(t.Context()); err == nil || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("inventory: %v", err)
			}
			tt.comm.clean(t)
		})
	}
}

func TestSessionTakesSecondPlace(t *testing.T) {
	t.Parallel()
	n := 0
	c := &local{put: func(string) error {
		if n++; n == 1 {
			return syscall.ENOSPC
		}
		return nil
	}}
	got, err := NewSession(c, Options{Probe: probetest.Build(t)}).Run(t.Context(), []Spec{spec{exists("root")}})
	if err != nil || verdicts(got) != "root=pass" || n != 2 {
		t.Errorf("got %v, %v after %d tries", got, err, n)
	}
	c.clean(t)
}

func TestSessionLostConnection(t *testing.T) {
	t.Parallel()
	isProbe := func(line string) bool { return strings.HasPrefix(line, "exec ") }
	for name, lose := range map[string]func(string) bool{
		"first":  func(line string) bool { return !isProbe(line) },
		"second": isProbe,
	} {
		c := &local{lose: lose}
		_, err := NewSession(c, Options{Probe: probetest.Build(t)}).Run(t.Context(), []Spec{spec{exists("root")}})
		if !errors.Is(err, machine.ErrDisconnected) {
			t.Errorf("%s: got %v", name, err)
		}
		c.clean(t)
	}
}

func TestSessionCancelledInCommand(t *testing.T) {
	t.Parallel()
	c := &local{}
	marker := filepath.Join(t.TempDir(), "started")
	ctx, cancel := context.WithCancel(t.Context())
	if err := syscall.Mkfifo(marker, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if _, err := os.ReadFile(marker); err != nil {
			t.Error(err)
		}
		cancel()
	}()
	_, err := NewSession(c, Options{Probe: probetest.Build(t)}).Run(ctx, []Spec{spec{ran("echo $$ >"+marker+"; exec sleep 100000", "")}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	c.clean(t)
}

func TestSessionNoPlace(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root to mount")
	}
	if _, err := exec.LookPath("unshare"); err != nil {
		t.Skip("needs unshare")
	}
	c := &local{
		wrap: []string{"unshare", "-m", "sh", "-c", `for d in /run /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec none $d || exit 99; done; exec "$@"`, "wrap"},
		env:  []string{"HOME=/proc"},
	}
	got, err := NewSession(c, Options{Probe: probetest.Build(t)}).Run(t.Context(), []Spec{spec{exists("root")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/tmp forbids running programs (noexec)", "/proc cannot be written"} {
		if got[0].Verdict != Unknown || !strings.Contains(got[0].Reason, want) {
			t.Errorf("got %+v, want %q", got[0], want)
		}
	}
}

// TestSessionFull: where every disk is full no empty file is left.
func TestSessionFull(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("needs root to mount")
	}
	if _, err := exec.LookPath("unshare"); err != nil {
		t.Skip("needs unshare")
	}
	left := filepath.Join(t.TempDir(), "left")
	c := &local{
		wrap: []string{"unshare", "-m", "sh", "-c", `exec 9>>"$0"
for d in /run /tmp /var/tmp /dev/shm; do mount -t tmpfs -o size=4k none $d && cat /dev/zero >$d/fill; done 2>/dev/null
"$@" 9>&-; s=$?
for d in /run /tmp /var/tmp /dev/shm; do ls -A $d | grep -vx -e fill -e mount >&9; done; exit $s`, left},
		env: []string{"HOME=/proc"},
	}
	got, err := NewSession(c, Options{Probe: probetest.Build(t)}).Run(t.Context(), []Spec{spec{exists("root")}})
	if err != nil || got[0].Verdict != Unknown || !strings.Contains(got[0].Reason, "/tmp cannot be written") {
		t.Errorf("got %+v, %v", got, err)
	}
	if names, err := os.ReadFile(left); len(names) > 0 || err != nil {
		t.Errorf("left: %s, %v", names, err)
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	p, why := parsePlace("motd\nproofmark: arch aarch64 Linux\n> proofmark: dir /tmp\r\nproofmark: no /run cannot be written\nproofmark: dir /dev/shm\n")
	if p.arch != "arm64" || strings.Join(p.dirs, " ") != "/tmp /dev/shm" || why != "/run cannot be written" {
		t.Errorf("got %+v %q", p, why)
	}
}

// TestPatience: a limit waits for somebody who is being asked, and for nobody else.
func TestPatience(t *testing.T) {
	t.Parallel()
	over := errors.New("over")
	var asked atomic.Int32
	ctx, cancel := withPatience(t.Context(), time.Millisecond, func() bool { return asked.Add(1) <= 3 }, over)
	defer cancel()
	<-ctx.Done()
	if n := asked.Load(); n < 4 || !errors.Is(context.Cause(ctx), over) {
		t.Errorf("asked %d times, %v", n, context.Cause(ctx))
	}
}
