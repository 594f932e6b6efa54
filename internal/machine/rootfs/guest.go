package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
)

// guest is a machine that runs: a leader process (its process 1) in namespaces
// and a control group of its own.
type guest struct {
	leader int
	pidfd  *os.File
	group  cgroup.Group // the leader's; commands get groups inside it; none without root
	caps   string       // what commands may be capable of, for setpriv
	hold   *hold        // its namespaces and root directory
	booted bool         // process 1 is the tree's own init system

	began time.Time
	ready <-chan struct{} // closed when the init system says that it is up
	end   *ending
}

// ending is how a guest ended. The fields are set before the channel is closed.
type ending struct {
	exited chan struct{} // closed when nothing of the guest is left
	reboot bool          // it asked to be started again
	err    error         // of the program that ran it
}

// newGuest takes hold of a leader that runs, and of those of its namespaces that
// are not the host's.
func newGuest(leader int, namespaces ...string) (*guest, error) {
	fd, err := unix.PidfdOpen(leader, 0)
	if err != nil {
		return nil, fmt.Errorf("open process %d of the machine: %w", leader, err)
	}
	g := &guest{leader: leader, pidfd: os.NewFile(uintptr(fd), "pidfd"), began: time.Now()}
	if err := g.take(namespaces); err != nil {
		g.letGo()
		return nil, fmt.Errorf("take hold of the machine: %w", err)
	}
	return g, nil
}

// take looks at the leader by its number, and makes sure that it was its own all
// the while.
func (g *guest) take(namespaces []string) (err error) {
	if g.hold, err = takeHold(g.leader, namespaces...); err != nil {
		return err
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.leader))
	if err != nil {
		return err
	}
	if g.caps, err = boundingSet(string(status)); err != nil {
		return err
	}
	if !g.alive() {
		return errLetGo
	}
	return nil
}

// letGo closes what keeps parts of the guest. It may be called twice.
func (g *guest) letGo() {
	_ = g.hold.letGo()
	_ = g.pidfd.Close() // nothing was written to them
}

// alive tells whether the leader still runs.
func (g *guest) alive() bool {
	raw, err := g.pidfd.SyscallConn()
	if err != nil {
		return false
	}
	n := -1
	err = raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			if n, err = unix.Poll(fds, 0); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
	return err == nil && n == 0
}

// leaving tells whether the guest is gone or on its way: its init system has
// handed over to the program that kills everything.
func (g *guest) leaving() bool {
	if !g.alive() {
		return true
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", g.leader))
	return err != nil || strings.HasPrefix(string(comm), "systemd-shutdow") || strings.HasPrefix(string(comm), "(sd-exec")
}

// files opens the machine's root directory as the leader sees it, mounts included.
func (g *guest) files() (inside, error) {
	if !g.alive() { // what is written would be lost
		return inside{}, errLetGo
	}
	var in inside
	err := g.hold.use(func(files []*os.File) error {
		root := files[len(files)-1]
		fd, err := unix.FcntlInt(root.Fd(), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open the machine's files: %w", err)
		}
		in = inside{os.NewFile(uintptr(fd), root.Name())}
		return nil
	})
	return in, err
}

// await waits until the guest has gone.
func (g *guest) await(ctx context.Context) error {
	select {
	case <-g.end.exited:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// powerOff lets a booted guest shut down, for at most limit.
func (g *guest) powerOff(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it still runs after %v", limit))
	defer cancel()
	const sigPowerOff = unix.Signal(34 + 4) // SIGRTMIN+4, as systemd documents it
	if err := unix.PidfdSendSignal(int(g.pidfd.Fd()), sigPowerOff, nil, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return nil
		}
		return fmt.Errorf("power off: %w", err)
	}
	return g.await(ctx)
}

// boundingSet turns the bounding set of a /proc/PID/status text into setpriv's
// notation: commands that enter a machine get no more than its process 1 has.
func boundingSet(status string) (string, error) {
	for line := range strings.Lines(status) {
		hex, ok := strings.CutPrefix(line, "CapBnd:")
		if !ok {
			continue
		}
		var set uint64
		if _, err := fmt.Sscanf(strings.TrimSpace(hex), "%x", &set); err != nil {
			return "", fmt.Errorf("read capabilities %q: %w", hex, err)
		}
		var b strings.Builder
		b.WriteString("-all")
		for i := range 64 {
			if set&(1<<i) != 0 {
				fmt.Fprintf(&b, ",+cap_%d", i)
			}
		}
		return b.String(), nil
	}
	return "", errors.New("read capabilities: none in the process's status")
}

// enterCommand is the command line by which a person gets a shell. Nothing of the
// person's environment goes along: it may hold credentials.
func (g *guest) enterCommand() string {
	var spaces []string
	if inUserNamespace() {
		spaces = append(spaces, "--user", "--preserve-credentials")
	}
	if g.hold != nil {
		for _, name := range g.hold.names {
			spaces = append(spaces, "--"+name)
		}
	}
	return fmt.Sprintf(`env -i %s HOME=/root TERM="$TERM" nsenter --target=%d %s --root --wd -- /bin/sh -l`,
		hostPath, g.leader, strings.Join(spaces, " "))
}
