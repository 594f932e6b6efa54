package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/proc"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
)

// userRunner runs machines in namespaces inside a user namespace, without an init
// system, and with a network by slirp4netns. When process 1 is killed the kernel
// kills all others, and slirp4netns ends by itself.
type userRunner struct {
	res   *ledger.Scope
	id    string // of the record of process 1
	end   *ending
	relay *relays
}

func (r *userRunner) connect(context.Context, Host) error { return nil }

// gateway is the machine's own loopback: relays listen there, in its namespace.
func (r *userRunner) gateway() netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, 1}) }

func (r *userRunner) inside() []string {
	if r.relay == nil {
		return nil
	}
	return r.relay.ports
}

func (r *userRunner) start(ctx context.Context, o startOptions) (*guest, error) {
	if err := r.release(ctx); err != nil { // an earlier start
		return nil, err
	}
	var g *guest
	id, err := r.res.Create(ctx, processClass(), func(ctx context.Context, tag string) (string, error) {
		var err error
		if g, err = spawnUser(ctx, o, tag); err != nil {
			return "", err
		}
		return proc.ID(g.leader)
	})
	if err != nil {
		return nil, err
	}
	r.id, r.end = id, g.end
	err = g.hold.use(func(files []*os.File) error {
		return network.In(ownFile(files[userNet]), func() error {
			if err := network.RefuseMetadata(); err != nil {
				return err
			}
			var err error
			r.relay, err = relay(r.gateway(), r.gateway(), forwards(o.host))
			return err
		})
	})
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
		defer cancel()
		g.letGo()
		return nil, errors.Join(err, r.release(ctx))
	}
	return g, nil
}

// userNamespaces are those that a machine of an ordinary user has of its own, and
// userNet is the place of the network's.
var userNamespaces = []string{"net", "mount", "uts", "ipc", "pid"}

const userNet = 0

// ownFile is a path to a file that this process has open.
func ownFile(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

func (r *userRunner) kill(ctx context.Context) error { return r.release(ctx) }

func (r *userRunner) release(ctx context.Context) error {
	if r.relay != nil {
		r.relay.Close() // listeners in a namespace that goes
		r.relay = nil
	}
	if r.id == "" {
		return nil
	}
	if err := r.res.Destroy(ctx, r.id); err != nil {
		return err
	}
	<-r.end.exited
	r.id = ""
	return nil
}

// setUp makes the file systems that a machine expects and becomes its process 1,
// which waits and reaps. Descriptor 3 says that it is done, when the root is the
// tree's and not before; 4 stays open as long as the machine lives.
const setUp = `set -e
tree=$1 name=$2 tag=$3; shift 3
mount -n --make-rprivate /
cd "$tree"
mount -n -t proc -o nosuid,nodev,noexec proc proc
mount -n -t sysfs -o ro,nosuid,nodev,noexec sysfs sys || :
mount -n -t tmpfs -o mode=755,nosuid tmpfs dev
for d in null zero full random urandom tty; do : >dev/$d; mount -n --bind /dev/$d dev/$d; done
mkdir dev/pts dev/shm
mount -n -t devpts -o newinstance,nosuid,noexec,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -n -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -n -t tmpfs -o mode=755,nosuid,nodev tmpfs run
mkdir -m 1777 run/lock
while [ $# -gt 1 ]; do mkdir -p "run/${2%/*}"; cp "$1" "run/$2"; shift 2; done
hostname "$name" || :
mount -n --move . /
exec chroot . /bin/sh -c 'echo done >&3; exec 3>&-; trap : HUP INT TERM; while :; do sleep 2147483647; done' "$tag"
`

// spawnUser starts process 1 of a machine and its network.
func spawnUser(ctx context.Context, o startOptions, tag string) (*guest, error) {
	console, err := os.OpenFile(o.console, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer console.Close()
	from, err := console.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	doneR, doneW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer doneR.Close()
	lifeR, lifeW, err := os.Pipe()
	if err != nil {
		doneW.Close()
		return nil, err
	}
	defer lifeR.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", setUp, "sh", o.tree, o.hostname, tag}, o.copies()...)...)
	cmd.Stdout, cmd.Stderr = console, console
	cmd.ExtraFiles = []*os.File{doneW, lifeW}
	cmd.Env = []string{hostPath, "LANG=C.UTF-8", "container=proofmark"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
	}
	err = cmd.Start()
	doneW.Close()
	lifeW.Close()
	if err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	end := &ending{exited: make(chan struct{})}
	go func() {
		end.err = cmd.Wait()
		close(end.exited)
	}()
	fail := func(err error) (*guest, error) {
		_ = cmd.Process.Kill() // it may have ended
		<-end.exited
		return nil, fmt.Errorf("start machine: %w%s", err, tail(o.console, from))
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if text, err := io.ReadAll(doneR); string(text) != "done\n" || err != nil {
		if ctx.Err() != nil {
			return fail(context.Cause(ctx))
		}
		return fail(errors.New("its file systems cannot be mounted"))
	}
	g, err := newGuest(cmd.Process.Pid, userNamespaces...)
	if err != nil {
		return fail(err)
	}
	err = g.hold.use(func(files []*os.File) error { return slirp(ctx, files[userNet], lifeR, console) })
	if err != nil {
		g.letGo()
		return fail(err)
	}
	ready := make(chan struct{})
	close(ready)
	g.ready, g.end = ready, end
	return g, nil
}

// copies turns binds into arguments of setUp: what the machine sees below /run is
// copied there, and the resolver's file to where the link in the tree leads.
func (o startOptions) copies() []string {
	var list []string
	for _, b := range o.binds {
		to, ok := strings.CutPrefix(b[1], "/run/")
		if b[1] == resolverPath {
			link, _ := os.Readlink(o.tree + resolverPath)
			if to, ok = strings.CutPrefix(strings.TrimLeft(link, "./"), "run/"); !ok {
				to, ok = strings.CutPrefix(strings.TrimLeft(link, "./"), "var/run/")
			}
		}
		if ok && !strings.Contains(to, "..") {
			list = append(list, b[0], to)
		}
	}
	return list
}

// slirp connects a network namespace with the outside. It ends when life does.
func slirp(ctx context.Context, space, life, console *os.File) error {
	readyR, readyW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer readyR.Close()
	cmd := exec.Command("slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback",
		"--ready-fd=3", "--exit-fd=4", "--netns-type=path", "/proc/self/fd/5", guestLink)
	cmd.Stdout, cmd.Stderr = console, console
	cmd.ExtraFiles = []*os.File{readyW, life, space}
	cmd.Env = []string{hostPath}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	readyW.Close()
	if err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if text, err := io.ReadAll(readyR); len(text) == 0 || err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return errors.New("slirp4netns cannot make its network (it needs /dev/net/tun, open to every user)")
	}
	return nil
}

// guestLink is the name of the machine's network link.
const guestLink = "eth0"
