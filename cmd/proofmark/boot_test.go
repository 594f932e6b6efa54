package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// bootBench is a home whose catalog has the disk of the small system: as "small", and as
// "old", which is refused and whose file is gone.
type bootBench struct {
	*bench
	kernel []string // what it starts from: its disk has no boot loader
	key    string
}

func newBootBench(t *testing.T) *bootBench {
	t.Helper()
	needMachines(t)
	dir := guestDirectory()
	if _, err := os.Stat(filepath.Join(dir, "disk.qcow2")); err != nil {
		t.Skip("needs the small system of scripts/guest.sh: make build/guest")
	}
	for _, p := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	b := &bootBench{bench: newBench(t, ""), key: filepath.Join(dir, "key")}
	b.kernel = []string{"--memory", "256", "--qemu-arg", "-kernel " + filepath.Join(dir, "vmlinuz"), "--qemu-arg", "-initrd " + filepath.Join(dir, "initrd")}
	if err := os.MkdirAll(b.home, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Open(filepath.Join(b.home, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	disk := filepath.Join(dir, "disk.qcow2")
	for _, v := range []catalog.Version{
		{Name: "small", Status: catalog.Unproven, Image: image.Image{Name: "small", Builder: "qemu", Format: "qcow2", ID: disk, Files: []string{disk}}},
		{Name: "old", Status: catalog.Refused, Image: image.Image{Name: "old", Builder: "qemu", Format: "qcow2", ID: "/nowhere/disk", Files: []string{"/nowhere/disk"}}},
	} {
		if _, err := c.Add(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// boot prepares a boot of the small system; options go to its kernel.
func (b *bootBench) boot(options string, args ...string) *child {
	b.t.Helper()
	line := append([]string{"boot"}, b.kernel...)
	line = append(line, "--qemu-arg", "-append console=ttyS0 mitigations=off quiet tsc=unstable "+options)
	return b.command(b.home, []string{"TMPDIR=" + b.tmp}, append(line, args...)...)
}

// inShell has the kernel start a shell at the console.
const inShell = "rdinit=/bin/sh"

// TestBoot boots the small system in each way in which somebody may look into it, and
// finds nothing left of any.
func TestBoot(t *testing.T) {
	t.Parallel()
	b := newBootBench(t)
	exits := func(t *testing.T, c *child, want int, texts ...string) {
		t.Helper()
		if got := c.wait(); got != want {
			t.Errorf("exit status %d, want %d:\n%s", got, want, c.said())
		}
		for _, text := range texts {
			if !strings.Contains(c.said(), text) {
				t.Errorf("it does not say %q:\n%s", text, c.said())
			}
		}
		b.clean("after " + t.Name())
	}
	start := func(t *testing.T, c *child) *child {
		t.Helper()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Run("a command", func(t *testing.T) {
		c := b.boot("", "--key", b.key, "small", "--", "cat; echo said >&2; exit 7")
		c.Stdin = strings.NewReader("given\n")
		exits(t, start(t, c), 7, "Waiting for SSH", "said\n")
		if out, err := os.ReadFile(c.stdout); err != nil || string(out) != "given\n" {
			t.Errorf("standard output is %q, %v", out, err)
		}
	})
	t.Run("console without a terminal", func(t *testing.T) {
		c := b.boot(inShell, "small:1")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		start(t, c).waitFor("/ # ")
		if _, err := io.WriteString(in, "echo $((6*7)); busybox poweroff -f\n"); err != nil {
			t.Fatal(err)
		}
		exits(t, c, 0, "The serial console of small:1, BIOS; an interrupt ends it.", "\n42\r\n", "The machine is off.")
	})
	terminal := func(t *testing.T, end func(c *child, keys *os.File), want int, texts ...string) {
		t.Helper()
		keys, tty := openTerminal(t)
		before := settingsOf(t, tty)
		c := b.boot(inShell, "small")
		c.Stdin = tty
		start(t, c).waitFor("/ # ")
		if raw := settingsOf(t, tty); raw == before {
			t.Error("the terminal is not in raw mode")
		}
		if _, err := keys.WriteString("echo $((6*7))\r"); err != nil {
			t.Fatal(err)
		}
		c.waitFor("\n42\r\n")
		end(c, keys)
		exits(t, c, want, append(texts, "Ctrl-] ends it. For programs that fill the screen, type there: stty rows 40 cols 132.")...)
		if after := settingsOf(t, tty); after != before {
			t.Errorf("the terminal was %+v, and is %+v", before, after)
		}
	}
	t.Run("a terminal, which is left", func(t *testing.T) {
		terminal(t, func(_ *child, keys *os.File) { _, _ = keys.WriteString("\x1d") }, 0)
	})
	t.Run("a terminal, and a signal", func(t *testing.T) {
		terminal(t, func(c *child, _ *os.File) { _ = c.Process.Signal(syscall.SIGTERM) }, exitFailed, "cancelled by terminated")
	})
	t.Run("killed", func(t *testing.T) {
		c := start(t, b.boot(inShell, "small"))
		c.waitFor("/ # ")
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.wait()
		if len(b.left()) == 0 {
			t.Error("it left nothing: this test sees nothing")
		}
		b.succeed(b.command(b.home, nil, "gc"))
		b.clean("after gc")
	})
	t.Run("saved", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "saved.qcow2")
		c := b.boot("", "--key", b.key, "--save", file, "small", "--", "echo kept > /srv/place; sync; poweroff; sleep 100")
		exits(t, start(t, c), exitFailed, "connection to the machine lost")
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a machine that was lost is saved: %v", err)
		}
		shell := b.boot(inShell, "--save", file, "small")
		in, err := shell.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		start(t, shell).waitFor("/ # ")
		fmt.Fprintln(in, "for m in /lib/modules/*; do insmod $m; done; mount -t devtmpfs dev /dev; mount -t ext4 /dev/vda /mnt && echo kept >/mnt/srv/place; umount /mnt; busybox poweroff -f")
		exits(t, shell, 0, "is in "+file)
		if out, err := exec.Command("qemu-img", "check", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v", out, err)
		}
		again := b.boot("", "--save", file, "small")
		exits(t, start(t, again), exitFailed, "-save="+file+": it exists")
	})
	t.Run("refused, and gone", func(t *testing.T) {
		exits(t, start(t, b.boot("", "old:1")), exitFailed, "Warning: old:1 is refused", "/nowhere/disk is not there any more")
	})
}

// openTerminal opens a terminal of 40 lines, and the keys of it.
func openTerminal(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("needs a pseudo terminal: ", err)
	}
	t.Cleanup(func() { keys.Close() })
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 132}); err != nil {
		t.Fatal(err)
	}
	return keys, tty
}

// settingsOf are a terminal's.
func settingsOf(t *testing.T, tty *os.File) unix.Termios {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *s
}

// TestBootContainer boots an image without a disk.
func TestBootContainer(t *testing.T) {
	needMachines(t)
	t.Parallel()
	b := newBench(t, `
source "rootfs" "web" { archive = "$BASE" }
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" { inline = ["echo one > /srv/one"] }
}
`)
	b.succeed(b.build())
	c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "boot", "web", "--", "cat", "/srv/one")
	b.succeed(c)
	if out, err := os.ReadFile(c.stdout); err != nil || string(out) != "one\n" {
		t.Errorf("standard output is %q, %v", out, err)
	}
	shell := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "boot", "web")
	shell.Stdin = strings.NewReader("cat /srv/o*\nexit 3\n")
	b.succeed(shell)
	if !strings.Contains(shell.said(), "A shell in the machine (web:1); exit ends it.\n") {
		t.Error(shell.said())
	}
	wrong := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "boot", "--uefi", "web:1")
	if exit := wrong.run(); exit != exitFailed || !strings.Contains(wrong.said(), "-uefi: web:1 has no disk") {
		t.Errorf("%d: %s", exit, wrong.said())
	}
	b.clean("after all")
}
