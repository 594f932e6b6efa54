package qemu

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// visited is the small system's disk as an image, and how it is booted: it has no boot
// loader.
func visited(t *testing.T, init string) Boot {
	t.Helper()
	dir := guest(t)
	return Boot{
		Image:  image.Image{Name: "small", Builder: KindName, Format: "qcow2", Files: []string{filepath.Join(dir, "disk.qcow2")}},
		Memory: 256, User: "root", Key: filepath.Join(dir, "key"),
		Args: []string{"-kernel", filepath.Join(dir, "vmlinuz"), "-initrd", filepath.Join(dir, "initrd"),
			"-append", "console=ttyS0 mitigations=off quiet tsc=unstable " + init},
	}
}

// booted makes the machine, which is closed when the test ends.
func (b *bench) booted(o Boot) *Booted {
	b.Helper()
	m, err := o.Booted(b.Context(), b.d, b.env)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := m.Close(b.Context()); err != nil {
			b.Error(err)
		}
	})
	return m
}

func TestBootFirmware(t *testing.T) {
	t.Parallel()
	both, one := []string{bios, uefi}, []string{uefi}
	for _, tt := range []struct {
		asked string
		found imageDisks
		fact  string
		uefi  bool
		fault string
	}{
		{found: imageDisks{boot: both}},
		{asked: uefi, found: imageDisks{boot: both}, uefi: true},
		{found: imageDisks{boot: one}, uefi: true},
		{asked: bios, found: imageDisks{boot: one}, fault: "made for uefi alone, not for bios"},
		{fact: uefi, uefi: true},
		{asked: bios, fact: uefi},
		{found: imageDisks{vars: "/vars"}, uefi: true},
	} {
		o := Boot{Firmware: tt.asked, Image: image.Image{Facts: map[string]string{factFirmware: tt.fact}}}
		c, err := o.config(tt.found)
		if tt.fault != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("%+v: error %v", tt, err)
			}
			continue
		}
		if err != nil || c.EFI != tt.uefi {
			t.Errorf("%+v: UEFI %v, %v", tt, c.EFI, err)
		}
	}
}

// TestBooted logs in to a machine over a port that it forwards, and saves what it wrote.
func TestBooted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := visited(t, "")
	var l net.Listener
	var err error
	for port := 26000; l == nil && port < 32000; port++ { // no connection of others gets one of these when it is free
		l, err = net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	}
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	o.Forward = []Forward{{Host: port, Guest: 22}}
	before, err := os.ReadFile(o.Image.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	m := b.booted(o)
	if _, err := m.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("with its port taken: %v", err)
	}
	l.Close()
	c, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := c.Run(t.Context(), machine.Command{Line: "echo kept > /srv/place"}); exit != 0 || err != nil {
		t.Fatal(exit, err)
	}
	if word := sshGreeting(t, l.Addr().String()); !strings.HasPrefix(word, "SSH-") {
		t.Errorf("the forwarded port says %q", word)
	}
	// Nobody heeds the power button of this system.
	if _, err := c.Run(t.Context(), machine.Command{Line: "poweroff"}); err != nil && !errors.Is(err, machine.ErrDisconnected) {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "saved.qcow2")
	if err := m.process(t).wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(t.Context(), b.env, to); err != nil {
		t.Fatal(err)
	}
	if err := b.env.Files.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(o.Image.Files[0]); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the image is not as it was: %v", err)
	}
	if info, err := exec.Command(imgProgram, "info", to).CombinedOutput(); err != nil || bytes.Contains(info, []byte("backing")) {
		t.Errorf("%s: %v", info, err)
	}

	o.Image.Files, o.Forward = []string{to}, nil
	again := b.booted(o)
	if c, err = again.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if _, err := c.Run(t.Context(), machine.Command{Line: "cat /srv/place", Stdout: &said}); err != nil || said.String() != "kept\n" {
		t.Errorf("the saved disk has %q: %v", said.String(), err)
	}
}

// TestSaveElsewhere: what a machine has written is its owner's alone on another file system, too.
func TestSaveElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere, err := os.MkdirTemp("/dev/shm", "proofmark-test-")
	if err != nil {
		t.Skipf("needs a second file system: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(elsewhere) })
	b := newBench(t)
	file := sector(b, stays).ISO.URL
	m := b.booted(Boot{Image: image.Image{Name: "small", Builder: KindName, Format: "raw", Files: []string{file}}})
	to := filepath.Join(elsewhere, "saved.qcow2")
	if err := m.Save(t.Context(), b.env, to); err != nil {
		t.Fatal(err)
	}
	if err := b.env.Files.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(to); err != nil || fi.Mode() != 0o600 {
		t.Errorf("%v, %v", fi, err)
	}
	if err := qemuImg(t.Context(), "compare", "-f", "qcow2", "-F", "raw", to, file); err != nil {
		t.Error(err)
	}
}

func (m *Booted) process(t *testing.T) *process {
	t.Helper()
	m.vm.mu.Lock()
	defer m.vm.mu.Unlock()
	return m.vm.process
}

func sshGreeting(t *testing.T, addr string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	word, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return word
}

// TestConsole types to a shell on the serial console, and sees the machine's end.
func TestConsole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	m := b.booted(visited(t, "rdinit=/bin/sh"))
	works := m.vm.b.c.Binary
	m.vm.b.c.Binary = "/bin/false"
	if _, err := m.Console(t.Context()); err == nil {
		t.Fatal("a console of no QEMU")
	}
	m.vm.b.c.Binary = works
	console, err := m.Console(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Console(t.Context()); err == nil {
		t.Error("a second console")
	}
	shown := bufio.NewReader(console)
	for said := ""; !strings.HasSuffix(said, "/ # "); {
		c, err := shown.ReadByte()
		if err != nil {
			t.Fatalf("%q, %v", said, err)
		}
		said += string(c)
	}
	if _, err := io.WriteString(console, "echo $((6*7)); busybox poweroff -f\n"); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(shown)
	if err != nil || !bytes.Contains(said, []byte("\n42\r\n")) {
		t.Errorf("%q, %v", said, err)
	}
	if !m.Off(t.Context()) {
		t.Error("it is not off")
	}
}
