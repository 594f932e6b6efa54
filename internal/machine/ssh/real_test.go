package ssh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// TestServerDies: the process that serves the connection is killed, or stopped.
func TestServerDies(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sshdtest.Start(t)
			c := dial(t, impatient(options(s)))
			strike := sync.OnceFunc(func() {
				for _, pid := range s.Processes() {
					_ = syscall.Kill(pid, sig)
				}
			})
			exit, err := c.Run(t.Context(), machine.Command{Line: "echo; " + lingers(t) + " & wait", Stdout: writerFunc(func([]byte) { strike() })})
			if !errors.Is(err, machine.ErrDisconnected) || exit != 0 {
				t.Errorf("exit %d, %v", exit, err)
			}
		})
	}
}

// TestNetworkDrops: packets of the connection go nowhere.
func TestNetworkDrops(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("needs nft: install nftables")
	}
	t.Parallel()
	s := sshdtest.Start(t)
	_, port, _ := net.SplitHostPort(s.Addr)
	table := "proofmark_test_" + port
	if out, err := exec.Command("nft", "add table inet "+table).CombinedOutput(); err != nil {
		t.Skipf("needs to change the packet filter: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("nft", "delete table inet "+table).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	c := dial(t, impatient(options(s)))
	drop := sync.OnceFunc(func() {
		rules := fmt.Sprintf("add chain inet %[1]s c { type filter hook input priority 0; }; add rule inet %[1]s c tcp dport %[2]s drop; add rule inet %[1]s c tcp sport %[2]s drop", table, port)
		if out, err := exec.Command("nft", rules).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	exit, err := c.Run(t.Context(), machine.Command{Line: "echo; " + lingers(t), Stdout: writerFunc(func([]byte) { drop() })})
	if !errors.Is(err, machine.ErrDisconnected) || exit != 0 || !strings.Contains(err.Error(), "nothing came from") {
		t.Errorf("exit %d, %v", exit, err)
	}
}

// TestManySessions: far more commands than sshd lets run on one connection.
func TestManySessions(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t, "MaxSessions 2")
	c := dial(t, options(s))
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			var out bytes.Buffer
			exit, err := c.Run(t.Context(), machine.Command{Line: fmt.Sprintf("echo %d; exit %d", i, i), Stdout: &out})
			if exit != i || err != nil || out.String() != fmt.Sprintf("%d\n", i) {
				t.Errorf("%d: exit %d, %v, %q", i, exit, err, out.String())
			}
		})
	}
	all.Wait()
}

// TestCancelHoldingTheOnlySession: what root runs sshd does not signal.
func TestCancelHoldingTheOnlySession(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t, "MaxSessions 1")
	c := dial(t, options(s))
	ctx, cancel := context.WithCancel(t.Context())
	pid := filepath.Join(t.TempDir(), "pid")
	_, err := c.Run(ctx, machine.Command{Line: "setsid sh -c 'echo $$ >" + pid + "; " + lingers(t) + "' & until [ -s " + pid + " ]; do sleep 0.05; done; echo; wait", Stdout: writerFunc(func([]byte) { cancel() })})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	var out bytes.Buffer
	exit, err := c.Run(t.Context(), machine.Command{Line: "p=$(cat " + pid + "); for i in $(seq 100); do s=$(ps -o stat= -p $p) || exit; case $s in Z*) exit; esac; sleep 0.1; done; echo $s; exit 1", Stdout: &out})
	if out.Len() > 0 || err != nil {
		t.Errorf("a process of the cancelled command goes on: exit %d, %v, %s", exit, err, out.String())
	}
}

// TestBigFile: what is moved is not held in memory.
func TestBigFile(t *testing.T) {
	size := int64(64 << 20)
	if testing.Short() {
		size = 8 << 20
	}
	if os.Getenv("PROOFMARK_SOAK") != "" {
		size = 1 << 30
	}
	s := sshdtest.Start(t)
	for _, sftp := range []bool{false, true} {
		o := options(s)
		o.SFTP = sftp
		c := dial(t, o)
		file := filepath.Join(t.TempDir(), "big")
		sent, got := sha256.New(), sha256.New()
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := c.Put(t.Context(), file, 0o600, io.TeeReader(io.LimitReader(&pattern{}, size), sent)); err != nil {
			t.Fatal(err)
		}
		if err := c.Get(t.Context(), file, got); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if a, b := sum(sent), sum(got); a != b {
			t.Errorf("%s came back as %s", a, b)
		}
		if fi, err := os.Stat(file); err != nil || fi.Size() != size || fi.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", fi, err)
		}
		if held := int64(after.Sys) - int64(before.Sys); held > 40<<20 {
			t.Errorf("took %d MiB more of memory", held>>20)
		}
	}
}

func sum(h hash.Hash) string { return fmt.Sprintf("%x", h.Sum(nil)) }

// pattern is endless and not the same twice.
type pattern struct{ n uint64 }

func (r *pattern) Read(p []byte) (int, error) {
	for i := range p {
		r.n = r.n*6364136223846793005 + 1442695040888963407
		p[i] = byte(r.n >> 56)
	}
	return len(p), nil
}

// TestTargetsDisk: a disk that is full or not to be written is named.
func TestTargetsDisk(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t)
	mount := func(t *testing.T, flags uintptr, data string) string {
		dir := t.TempDir()
		if err := unix.Mount("tmpfs", dir, "tmpfs", flags, data); err != nil {
			t.Skipf("needs to mount a file system: %v", err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return dir
	}
	c := dial(t, options(s))
	t.Run("full", func(t *testing.T) {
		dir := mount(t, 0, "size=64k")
		err := c.Put(t.Context(), dir+"/file", 0o644, io.LimitReader(&pattern{}, 1<<20))
		if err == nil || !strings.Contains(err.Error(), "the machine's disk is full at "+dir) {
			t.Errorf("%v", err)
		}
		if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
			t.Errorf("left %v, %v", left, err)
		}
	})
	t.Run("read-only", func(t *testing.T) {
		dir := mount(t, unix.MS_RDONLY, "")
		err := c.Put(t.Context(), dir+"/file", 0o644, strings.NewReader("x"))
		if err == nil || !strings.Contains(err.Error(), "mounted read-only") || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v", err)
		}
	})
	t.Run("missing", func(t *testing.T) {
		if err := c.Put(t.Context(), "/no/such/file", 0o644, strings.NewReader("x")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "directory /no/such is not there") {
			t.Errorf("%v", err)
		}
	})
	t.Run("through a link, and keeps its owner", func(t *testing.T) {
		dir := t.TempDir()
		if err := errors.Join(os.WriteFile(dir+"/real", nil, 0o600), os.Chown(dir+"/real", 65534, 65534), os.Symlink("real", dir+"/link")); err != nil {
			t.Fatal(err)
		}
		if err := c.Put(t.Context(), dir+"/link", 0o4755, strings.NewReader("new")); err != nil {
			t.Fatal(err)
		}
		fi, err := os.Lstat(dir + "/real")
		if err != nil || fi.Mode() != 0o755 || fi.Sys().(*syscall.Stat_t).Uid != 65534 {
			t.Errorf("%v, %v", fi.Mode(), err)
		}
		if fi, err := os.Lstat(dir + "/link"); err != nil || fi.Mode().Type() != fs.ModeSymlink {
			t.Errorf("%v, %v", fi, err)
		}
	})
}

// TestTerminal: a command gets one, of which both outputs are.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t)
	o := options(s)
	run := func(c *Communicator, cmd machine.Command) (string, int) {
		t.Helper()
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		exit, err := c.Run(t.Context(), cmd)
		if err != nil {
			t.Error(err)
		}
		return out.String(), exit
	}
	c := dial(t, o)
	if out, exit := run(c, machine.Command{Line: "tty >/dev/null && echo yes; echo $TERM >&2; stty -a | grep -c ' icanon'; exit 6", PTY: true}); exit != 6 || out != "yes\r\nxterm\r\n1\r\n" {
		t.Errorf("exit %d, %q", exit, out)
	}
	if out, exit := run(c, machine.Command{Line: "read a; read b; echo \"[$a|$b]\"", PTY: true, Stdin: strings.NewReader("one\ntwo\n")}); exit != 0 || !strings.HasSuffix(out, "[one|two]\r\n") {
		t.Errorf("exit %d, %q", exit, out)
	}
	if out, exit := run(c, machine.Command{Line: "cat; echo end", PTY: true}); exit != 0 || !strings.HasSuffix(out, "end\r\n") {
		t.Errorf("exit %d, %q", exit, out)
	}
	if out, _ := run(c, machine.Command{Line: "tty >/dev/null || echo none"}); out != "none\n" {
		t.Errorf("%q", out)
	}
	o.PTY = true
	c = dial(t, o)
	if out, _ := run(c, machine.Command{Line: "tty >/dev/null && echo yes"}); out != "yes\r\n" {
		t.Errorf("%q", out)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := c.Put(t.Context(), file, 0o644, strings.NewReader("a\nb\n")); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(file); string(got) != "a\nb\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	refuses := sshdtest.Start(t, "PermitTTY no")
	if _, err := dial(t, options(refuses)).Run(t.Context(), machine.Command{Line: "true", PTY: true}); err == nil || !strings.Contains(err.Error(), "PermitTTY") {
		t.Errorf("%v", err)
	}
}

// TestTunnels: ports of both sides lead to the other.
func TestTunnels(t *testing.T) {
	t.Parallel()
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	s := sshdtest.Start(t)
	local, remote := freePort(t), freePort(t)
	o := options(s)
	o.Local = []Tunnel{{local, echo.Addr().String()}}
	o.Remote = []Tunnel{{remote, echo.Addr().String()}}
	dial(t, o)
	for _, port := range []int{local, remote} {
		c, err := net.Dial("tcp", loopback(port))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, "there and back"); err != nil {
			t.Error(err)
		}
		_ = c.(*net.TCPConn).CloseWrite()
		if got, err := io.ReadAll(c); string(got) != "there and back" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		c.Close()
	}
	o.Local, o.Wait = nil, 0
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "does not open port") {
		t.Errorf("%v", err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
