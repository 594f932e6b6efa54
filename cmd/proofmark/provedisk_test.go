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

// bootsOf are the boots in the report of the only build of a home.
func bootsOf(t *testing.T, home string) []build.ReportBoot {
	t.Helper()
	reports, err := filepath.Glob(filepath.Join(home, "reports", "*.json"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("reports = %q, %v", reports, err)
	}
	var r build.Report
	text, err := os.ReadFile(reports[0])
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || len(r.Boots) != 2 {
		t.Fatalf("%s tells of %d boots, %v", reports[0], len(r.Boots), err)
	}
	return r.Boots
}

// TestDiskIsRefused builds a disk whose kernel does not come up: it is refused with what was
// seen of it. TestDiskExample builds one that does.
func TestDiskIsRefused(t *testing.T) {
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
source "rootfs" "web" {
  archive = %q
  output {
    format         = "qcow2"
    boot           = ["bios"]
    compress       = false
    kernel_options = ["rdinit=/nowhere", "mitigations=off"]
  }
}
build {
  sources = ["source.rootfs.web"]
  verify "inline" {
    service "systemd-journald" { running = true }
  }
}
`, base))
	c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "build", b.template)
	const means = "its kernel panics"
	if got := c.run(); got != exitRefused || !strings.Contains(c.said(), means) {
		t.Fatalf("exit status %d, want %d and %q\n%s", got, exitRefused, means, c.said())
	}
	seen := false
	for _, boot := range bootsOf(t, b.home) {
		t.Logf("%s machine on %s: %s, boot %s; %s", boot.Name, boot.Firmware, boot.Took, boot.BootID, boot.Error)
		seen = seen || bytes.HasPrefix(boot.Screen, []byte("\x89PNG")) && strings.Contains(boot.Console, "Booting") && strings.Contains(boot.Error, means)
	}
	if !seen {
		t.Error("the report has no console, or no screen")
	}
	b.clean("after the build")
}
