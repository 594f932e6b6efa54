package main

import (
	"bufio"
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine/qemu"
)

// TestDiskExample builds the disk of the example, which is booted on both kinds of firmware
// before it counts; and starts it without Proofmark until it asks who wants to log in.
func TestDiskExample(t *testing.T) {
	needMachines(t)
	t.Parallel()
	for _, p := range []string{"make", "mmdebstrap", "qemu-img", "qemu-system-x86_64", "grub-mkimage"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	if err := qemu.RequireTrial(true); err != nil {
		t.Skip(err)
	}
	u := user{t, filepath.Join(t.TempDir(), "home")}
	if out := u.run(0, "make", "demo", "EXAMPLE=disk"); !strings.Contains(out, "debian-disk:1  built, proven") {
		t.Errorf("the demo says\n%s", out)
	}
	ids := map[string]string{}
	for _, b := range bootsOf(t, u.home) {
		t.Logf("%s machine on %s: %s, boot %s", b.Name, b.Firmware, b.Took, b.BootID)
		ids[b.Firmware] = b.BootID
		if b.Error != "" || len(b.BootID) != 36 || !bytes.HasPrefix(b.Screen, []byte("\x89PNG")) || !strings.Contains(b.Console, "Booting") {
			t.Errorf("of the %s machine on %s the report has boot %q, %q, a screen %.8q, and the console\n%s", b.Name, b.Firmware, b.BootID, b.Error, b.Screen, b.Console)
		}
	}
	if len(ids) != 2 || ids["bios"] == "" || ids["bios"] == ids["uefi"] {
		t.Errorf("the boots in the report are %v", ids)
	}
	disks := u.version("debian-disk").Image.Disks
	if len(disks) != 2 || disks[0].Format != "qcow2" || disks[1].Format != "ova" {
		t.Fatalf("the disks are %+v", disks)
	}
	if console, ok := asksForLogin(t, disks[0]); !ok {
		t.Errorf("the disk does not come up:\n%s", console)
	}
}

// asksForLogin starts a disk, which stays as it is, and returns what its serial console shows.
func asksForLogin(t *testing.T, d image.Disk) (console string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute) // beside tests that boot machines, too
	defer cancel()
	args := []string{"-machine", "q35,accel=tcg", "-cpu", "max", "-m", "512", "-display", "none", "-nodefaults", "-no-reboot",
		"-serial", "stdio", "-drive", "file=" + d.Path + ",format=" + d.Format + ",if=virtio,snapshot=on"}
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", args...)
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
