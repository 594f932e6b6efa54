package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

// TestDiskExample builds the disk of the example, and starts it on both kinds of
// firmware until it asks who wants to log in.
func TestDiskExample(t *testing.T) {
	needMachines(t)
	t.Parallel()
	const ovmf = "/usr/share/OVMF/OVMF_CODE_4M.fd"
	for _, p := range []string{"make", "mmdebstrap", "qemu-img", "qemu-system-x86_64", "grub-mkimage"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	if _, err := os.Stat(ovmf); err != nil {
		t.Skipf("needs %s (make need-test)", ovmf)
	}
	u := user{t, filepath.Join(t.TempDir(), "home")}
	if out := u.run(0, "make", "demo", "EXAMPLE=disk"); !strings.Contains(out, "debian-disk:1  built, proven") {
		t.Errorf("the demo says\n%s", out)
	}
	disks := u.version("debian-disk").Image.Disks
	if len(disks) != 2 || disks[0].Format != "qcow2" || disks[1].Format != "ova" {
		t.Fatalf("the disks are %+v", disks)
	}
	for firmware, more := range map[string][]string{"bios": nil, "uefi": {"-drive", "if=pflash,format=raw,readonly=on,file=" + ovmf}} {
		if console, ok := asksForLogin(t, disks[0], more); !ok {
			t.Errorf("on %s the disk does not come up:\n%s", firmware, console)
		}
	}
}

// asksForLogin starts a disk, which stays as it is, and returns what its serial console shows.
func asksForLogin(t *testing.T, d image.Disk, more []string) (console string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute) // beside tests that boot machines, too
	defer cancel()
	args := []string{"-machine", "q35,accel=tcg", "-cpu", "max", "-m", "512", "-display", "none", "-nodefaults", "-no-reboot",
		"-serial", "stdio", "-drive", "file=" + d.Path + ",format=" + d.Format + ",if=virtio,snapshot=on"}
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", append(args, more...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	words := bufio.NewScanner(out)
	words.Split(bufio.ScanWords) // a prompt ends no line
	for !ok && words.Scan() {
		seen.WriteString(words.Text() + " ")
		ok = words.Text() == "login:"
	}
	cancel()
	_ = cmd.Wait() // it was killed, or told what is wrong
	return seen.String(), ok
}
