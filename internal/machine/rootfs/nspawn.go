package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
)

// startLimit bounds the time until process 1 runs.
const startLimit = 30 * time.Second

// masked are units that cannot work in such a machine; each would fail, or keep
// it from ever being up.
var masked = []string{"systemd-networkd-wait-online.service", "systemd-remount-fs.service"}

// exitReboot is how systemd-nspawn says that the machine asked for a reboot.
const exitReboot = 133

// nspawn starts a machine and returns when its process 1 runs. The machine lives
// on when this process ends.
func nspawn(ctx context.Context, o startOptions, group cgroup.Group, network string) (*guest, error) {
	notify, err := listenNotify(o.name)
	if err != nil {
		return nil, err
	}
	console, err := os.OpenFile(o.console, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		notify.Close()
		return nil, err
	}
	defer console.Close()
	from, err := console.Seek(0, 2)
	if err != nil {
		notify.Close()
		return nil, err
	}
	// The shell joins the group and becomes systemd-nspawn: nothing of the machine
	// is ever outside.
	args := joinGroup(group)
	if inChroot() {
		args = append(args, mountRoot()...)
	}
	args = append(args, nspawnArgs(o, network)...)
	cmd := exec.Command(args[0], args[1:]...) // not bound to ctx: the machine outlives it
	cmd.Stdout, cmd.Stderr = console, console
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signal of our terminal reaches it
	cmd.Env = []string{
		hostPath, "LANG=C.UTF-8",
		"NOTIFY_SOCKET=" + notify.address,
		"SYSTEMD_NSPAWN_LOCK=0",      // the tree is ours alone already
		"SYSTEMD_NSPAWN_TMPFS_TMP=0", // what a step leaves in /tmp is there for the next
	}
	if err := cmd.Start(); err != nil {
		notify.Close()
		return nil, fmt.Errorf("start machine: %w", err)
	}
	ready := make(chan struct{})
	leader := make(chan int, 1)
	end := &ending{exited: make(chan struct{})}
	go func() {
		end.err = cmd.Wait()
		end.reboot = cmd.ProcessState.ExitCode() == exitReboot
		close(end.exited)
		notify.Close()
	}()
	go notify.listen(leader, ready)

	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	select {
	case pid := <-leader:
		g, err := newGuest(pid, "mount", "uts", "ipc", "net", "pid", "cgroup")
		if err == nil {
			g.group, err = groupOf(g, group)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start machine: %w", err), killGroup(ctx, group))
		}
		g.booted, g.ready, g.end = o.boot, ready, end
		return g, nil
	case <-end.exited:
		return nil, fmt.Errorf("start machine: systemd-nspawn: %w%s", end.err, tail(o.console, from))
	case <-ctx.Done():
		err := fmt.Errorf("start machine: process 1 does not run: %w%s", context.Cause(ctx), tail(o.console, from))
		return nil, errors.Join(err, killGroup(ctx, group))
	}
}

// groupOf is the control group of a guest that was started in another. Whoever is
// elsewhere is not the guest: it has ended, and its number has been given away.
func groupOf(g *guest, started cgroup.Group) (cgroup.Group, error) {
	group, err := cgroup.Of(g.leader)
	if err == nil && (!group.Within(started) || !g.alive()) {
		err = errLetGo
	}
	if err != nil {
		g.letGo()
	}
	return group, err
}

// killGroup kills although ctx may be done.
func killGroup(ctx context.Context, group cgroup.Group) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	return group.Kill(ctx)
}

// joinGroup is the beginning of a command line that joins a control group before
// it becomes the rest.
func joinGroup(g cgroup.Group) []string {
	procs := g.Procs()
	script := `n=$1; shift; while [ $n -gt 0 ]; do echo $$ >"$1" || exit 125; shift; n=$((n-1)); done; exec "$@"`
	return append([]string{"/bin/sh", "-c", script, "sh", strconv.Itoa(len(procs))}, procs...)
}

func nspawnArgs(o startOptions, network string) []string {
	args := []string{
		"systemd-nspawn", "--quiet",
		"--register=no", "--keep-unit", // works without a system bus
		"--settings=no", "--resolv-conf=off", "--timezone=off", "--link-journal=no", // writes nothing into the tree
		"--console=pipe", "--machine=" + o.name, "--hostname=" + o.hostname,
		"--network-namespace-path=" + network, "--capability=CAP_NET_ADMIN",
		"--directory=" + o.tree,
	}
	for _, b := range o.binds {
		args = append(args, "--bind="+escapeBind(b[0])+":"+escapeBind(b[1]))
	}
	if !o.boot {
		// Process 1 is a stub that reaps. Process 2 keeps it from leaving, and stands still.
		return append(args, "--as-pid2", "/bin/sh", "-c", "while :; do kill -STOP $$; done")
	}
	args = append(args, "--boot")
	if o.systemd {
		args = append(args, "--notify-ready=yes")
		for _, unit := range masked {
			args = append(args, "systemd.mask="+unit)
		}
	}
	return args
}

// escapeBind protects the characters that --bind splits at.
func escapeBind(path string) string {
	return strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(path)
}

// forgetNspawn removes what a killed systemd-nspawn leaves outside of the
// machine's directory.
func forgetNspawn(name string) error {
	if inUserNamespace() {
		return nil
	}
	var errs []error
	for _, dir := range []string{"propagate", "unix-export"} {
		path := filepath.Join("/run/systemd/nspawn", dir, name)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// tail is the end of what the machine printed since an offset, for an error.
func tail(console string, from int64) string {
	text, err := os.ReadFile(console)
	if err != nil || int64(len(text)) <= from {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text[from:])), "\n")
	const most = 10
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return "\n\t" + strings.Join(lines, "\n\t")
}
