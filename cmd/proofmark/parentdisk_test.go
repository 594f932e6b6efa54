package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestParentIsADisk builds a disk without a hypervisor, and in a virtual machine that starts
// from it another one: with nothing said of how to get in. Both boot for a look, the first as
// far as its boot loader: there is its firmware's name.
func TestParentIsADisk(t *testing.T) {
	needMachines(t)
	t.Parallel()
	base := os.Getenv("PROOFMARK_TEST_DISK_BASE")
	if base == "" {
		t.Skip("needs PROOFMARK_TEST_DISK_BASE: the archive that make build/disk-base.tar makes")
	}
	for _, p := range []string{"qemu-system-x86_64", "qemu-img", "grub-mkimage"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	b := newBench(t, fmt.Sprintf(`
source "rootfs" "base" {
  archive = %q
  output {
    format         = "qcow2"
    compress       = false
    prove_boot     = false
    kernel_options = ["quiet", "mitigations=off"]
  }
}
source "qemu" "web" {
  parent           = "base"
  disk_size        = "4G"
  headless         = true
  memory           = 512
  prove_boot       = false
  output_directory = "${path.root}/output"
}
build {
  sources = ["source.qemu.web"]
  provisioner "shell" {
    inline = ["grep -q proofmark /root/.ssh/authorized_keys2", "echo served > /srv/place"]
  }
  verify "inline" {
    file "/srv/place" { contains = ["served"] }
    command "test $(df --output=size -m / | tail -n 1) -gt 3000" { exit_status = 0 }
  }
}
build {
  sources = ["source.rootfs.base"]
  provisioner "shell" {
    inline = [
      "printf '[Match]\\nType=ether\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/20-wired.network",
      "systemctl enable systemd-networkd",
      "systemctl disable systemd-networkd-wait-online",
      "systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer",
    ]
  }
}
`, base))
	run := func(args ...string) *child {
		return b.command(b.home, []string{"TMPDIR=" + b.tmp}, args...)
	}
	c := run("build", b.template)
	b.succeed(c)
	if !strings.Contains(c.said(), "Copying the disk") {
		t.Errorf("it does not say what it starts from:\n%s", c.said())
	}
	b.clean("after the build")
	if again := run("build", b.template); again.run() != 0 || strings.Contains(again.said(), "Starting the machine") {
		t.Errorf("the second time:\n%s", again.said())
	}
	show := run("images", "show", "web")
	b.succeed(show)
	if !strings.Contains(show.said(), "base:1") {
		t.Errorf("images show does not name the parent:\n%s", show.said())
	}

	look := run("boot", "--memory", "512", "web", "--", "cat /srv/place; cat /root/.ssh/*; test -d /sys/firmware/efi && echo on UEFI; systemctl is-system-running --wait")
	b.succeed(look)
	if out, err := os.ReadFile(look.stdout); err != nil || string(out) != "served\nrunning\n" {
		t.Errorf("the machine says %q, %v", out, err)
	}
	b.clean("after a command")

	firmware := "--bios"
	if _, err := os.Stat("/usr/share/OVMF"); err == nil {
		firmware = "--uefi"
	}
	console := run("boot", firmware, "--memory", "512", "base:1")
	in, err := console.StdinPipe() // which nothing comes from
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := console.Start(); err != nil {
		t.Fatal(err)
	}
	console.waitFor("Booting `")
	if err := console.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if exit := console.wait(); exit != exitFailed || !strings.Contains(console.said(), strings.ToUpper(firmware[2:])+"; an interrupt ends it") {
		t.Errorf("%d: %s", exit, console.said())
	}
	b.clean("after the console")
	if _, err := os.Stat(filepath.Join(b.template, "output", "packer-web")); err != nil {
		t.Error(err)
	}
}
