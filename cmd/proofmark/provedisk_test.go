package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestDisksAreProven builds a disk, which is booted as two machines before it counts, and
// one whose kernel does not come up, which is refused with what was seen of it.
func TestDisksAreProven(t *testing.T) {
	needMachines(t)
	base := os.Getenv("PROOFMARK_TEST_DISK_BASE")
	if base == "" {
		t.Skip("needs PROOFMARK_TEST_DISK_BASE: the archive that make build/disk-base.tar makes")
	}
	for _, p := range []string{"qemu-system-x86_64", "qemu-img", "grub-mkimage"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s (make need-test)", p)
		}
	}
	for name, tt := range map[string]struct {
		options string
		exit    int
		means   string
	}{
		"good":   {`"quiet"`, 0, ""},
		"broken": {`"rdinit=/nowhere"`, exitRefused, "its kernel panics"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, fmt.Sprintf(`
source "rootfs" "web" {
  archive = %q
  output {
    format         = "qcow2"
    boot           = ["bios"]
    compress       = false
    kernel_options = [%s, "mitigations=off"]
  }
}
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" {
    inline = [
      "dpkg --purge openssh-server openssh-sftp-server",
      "systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer",
    ]
  }
  verify "inline" {
    package "openssh-server" { installed = false }
    file "/root/.ssh/authorized_keys2" { exists = false }
    service "systemd-journald" { running = true }
  }
}
`, base, tt.options))
			c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "build", b.template)
			if got := c.run(); got != tt.exit {
				t.Fatalf("exit status %d, want %d\n%s", got, tt.exit, c.said())
			}
			if !strings.Contains(c.said(), tt.means) {
				t.Errorf("it does not say %q:\n%s", tt.means, c.said())
			}
			reports, err := filepath.Glob(filepath.Join(b.home, "reports", "*.json"))
			if err != nil || len(reports) == 0 {
				t.Fatalf("reports = %q, %v", reports, err)
			}
			var r build.Report
			text, err := os.ReadFile(reports[0])
			if err == nil {
				err = json.Unmarshal(text, &r)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Boots) != 2 {
				t.Fatalf("%s tells of %d boots", reports[0], len(r.Boots))
			}
			seen := false
			for _, boot := range r.Boots {
				t.Logf("%s machine on %s: %s, boot %s; %s", boot.Name, boot.Firmware, boot.Took, boot.BootID, boot.Error)
				seen = seen || bytes.HasPrefix(boot.Screen, []byte("\x89PNG")) && strings.Contains(boot.Console, "Booting") && strings.Contains(boot.Error, tt.means)
			}
			if !seen {
				t.Errorf("%s has no console, or no screen", reports[0])
			}
			b.clean("after the build")
		})
	}
}
