package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestKilledWhileProving kills a build whose captured disk boots as two machines. gc ends
// both, and removes what they wrote.
func TestKilledWhileProving(t *testing.T) {
	needMachines(t)
	for _, p := range []string{"qemu-system-x86_64", "qemu-img"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	guest := guestDirectory()
	if _, err := os.Stat(filepath.Join(guest, "disk.qcow2")); err != nil {
		t.Skip("needs the small system of scripts/guest.sh: make build/guest")
	}
	t.Parallel()
	b := newBench(t, fmt.Sprintf(`
locals { guest = %q }
source "qemu" "small" {
  disk_image           = true
  skip_resize_disk     = true
  iso_url              = "${local.guest}/disk.qcow2"
  iso_checksum         = "none"
  accelerator          = "tcg"
  headless             = true
  memory               = 192
  output_directory     = "${path.root}/out"
  ssh_username         = "root"
  ssh_private_key_file = "${local.guest}/key"
  shutdown_command     = "poweroff"
  qemuargs = [
    ["-kernel", "${local.guest}/vmlinuz"],
    ["-initrd", "${local.guest}/initrd"],
    ["-append", "console=ttyS0 mitigations=off tsc=unstable quiet"],
  ]
}
build { sources = ["source.qemu.small"] }
`, guest))
	c := b.build()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); b.proving() < 2; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			_ = c.Process.Kill()
			t.Fatalf("the disk is not booted:\n%s", c.said())
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if exit := c.wait(); exit != -1 {
		t.Fatalf("ended with %d:\n%s", exit, c.said())
	}
	if b.proving() < 2 {
		t.Error("the machines have died by themselves: this test sees nothing")
	}
	b.succeed(b.command(b.home, nil, "gc"))
	b.clean("after gc")
	if left, err := filepath.Glob(filepath.Join(b.home, "machines", "*")); len(left) > 0 || err != nil {
		t.Errorf("left %q, %v", left, err)
	}
}

// proving counts the machines in the sandbox that boot a captured disk.
func (b *bench) proving() (n int) {
	b.t.Helper()
	_, pids, err := b.processes()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, pid := range pids {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // one that has ended is not there
		if bytes.HasPrefix(line, []byte("qemu-system-")) && bytes.Contains(line, []byte("overlay-0.qcow2")) {
			n++
		}
	}
	return n
}
