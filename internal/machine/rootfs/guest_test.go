package rootfs

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// holding is a guest whose leader has the number of this process, and whose
// descriptor is that of a child; the child has ended if dead is set.
func holding(t *testing.T, dead bool) *guest {
	t.Helper()
	child := exec.Command("sleep", "100")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(child.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	end := func() { _ = child.Process.Kill(); _ = child.Wait() }
	t.Cleanup(end)
	if dead {
		end()
	}
	h, err := takeHold(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{leader: os.Getpid(), pidfd: os.NewFile(uintptr(fd), "pidfd"), hold: h}
	t.Cleanup(g.letGo)
	return g
}

// TestFilesOfTheDead: the number of a leader that has gone is never followed, since
// it may be that of a process of the host.
func TestFilesOfTheDead(t *testing.T) {
	t.Parallel()
	in, err := holding(t, false).files()
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	if in, err := holding(t, true).files(); err == nil {
		in.Close()
		t.Error("files of a machine that has gone")
	}
	closed := holding(t, false)
	closed.letGo()
	closed.letGo()
	if in, err := closed.files(); err == nil {
		in.Close()
		t.Error("files of a machine that was let go")
	}
	if closed.alive() {
		t.Error("a guest that was let go is alive")
	}
}

// TestTerminalOfNothing: a terminal is given back although its command could not
// be started.
func TestTerminalOfNothing(t *testing.T) {
	t.Parallel()
	g := holding(t, false)
	term, err := openTerminal(g, nil, nil)
	if err != nil {
		t.Skip("needs a /dev/pts/ptmx that this user may open: ", err)
	}
	given := make(chan struct{})
	go func() { defer close(given); term.finish() }()
	select {
	case <-given:
	case <-time.After(time.Minute):
		t.Error("waits for a command that never began")
	}
}

// TestEnterCommand takes nothing of a person's environment along.
func TestEnterCommand(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root to enter namespaces")
	}
	cmd := exec.Command("/bin/sh", "-c", (&guest{leader: os.Getpid()}).enterCommand())
	cmd.Env = []string{hostPath, "TOKEN=secret", "TERM=vt100"}
	cmd.Stdin = strings.NewReader("env; exit\n")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "TERM=vt100") || strings.Contains(string(out), "secret") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestPowerOffRefused: whoever switches a machine off learns that it did not shut
// down.
func TestPowerOffRefused(t *testing.T) {
	t.Parallel()
	deaf := exec.Command("/bin/sh", "-c", "trap '' 38; echo ready; read line")
	in, err := deaf.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := deaf.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := deaf.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = deaf.Wait() })
	if _, err := out.Read(make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(deaf.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{leader: deaf.Process.Pid, pidfd: os.NewFile(uintptr(fd), "pidfd"), booted: true, end: &ending{exited: make(chan struct{})}}
	if err := g.powerOff(t.Context(), 10*time.Millisecond); err == nil || !strings.Contains(err.Error(), "still runs after 10ms") {
		t.Errorf("power off: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	l := &life{g: g, changed: make(chan struct{})}
	if err := l.stop(ctx, false); err != nil {
		t.Errorf("stop at once: %v", err)
	}
	if err := l.stop(ctx, true); err == nil {
		t.Error("nobody learns that the machine did not shut down")
	}
}

// TestSlowServicesMayStop: what systemd itself lets a service take is not taken for
// a machine that hangs.
func TestSlowServicesMayStop(t *testing.T) {
	t.Parallel()
	const oneUnit = 90 * time.Second // DefaultTimeoutStopSec
	if powerOffLimit < 2*oneUnit || rebootLimit < powerOffLimit {
		t.Errorf("a machine may take %v to go down, and %v for a reboot", powerOffLimit, rebootLimit)
	}
}

// TestBootIsAwaitedOnce: a machine that never says it is up is slow once, not at
// every command.
func TestBootIsAwaitedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &guest{booted: true, began: time.Now(), ready: make(chan struct{}), end: &ending{exited: make(chan struct{})}}
		l := &life{g: g, changed: make(chan struct{})}
		for i, want := range []time.Duration{bootLimit, 0} {
			began := time.Now()
			if got, err := l.guest(t.Context()); got != g || err != nil {
				t.Fatal(got, err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("call %d waited %v, want %v", i+1, took, want)
			}
		}
	})
}
