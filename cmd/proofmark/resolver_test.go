package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestResolverImages installs what takes /etc/resolv.conf over: its link is in the
// image, and names can be looked up in the steps all the while.
func TestResolverImages(t *testing.T) {
	needMachines(t)
	t.Parallel()
	const template = `
source "rootfs" "off" { archive = "$BASE" }
source "rootfs" "on" {
  archive        = "$BASE"
  start_services = true
}
source "rootfs" "resolvconf" { archive = "$BASE" }
build {
  sources = ["source.rootfs.off", "source.rootfs.on", "source.rootfs.resolvconf"]
  provisioner "shell" { inline = ["apt-get update -q"] }
  provisioner "shell" {
    except = ["rootfs.resolvconf"]
    inline = ["DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends systemd-resolved"]
  }
  provisioner "shell" {
    only   = ["rootfs.resolvconf"]
    inline = ["DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends resolvconf"]
  }
  provisioner "shell" { inline = ["cat /etc/resolv.conf", "apt-get update -q", "apt-get install -qy --no-install-recommends tree"] }
  verify "inline" {
    file "/etc/resolv.conf" { filetype = "symlink" }
    package "tree" { installed = true }
  }
}
`
	dir := t.TempDir()
	text := strings.ReplaceAll(template, "$BASE", baseArchive())
	if err := os.WriteFile(filepath.Join(dir, "resolver.pkr.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	u := user{t, filepath.Join(dir, "home")}
	out := u.run(exitDone, "proofmark", "build", "-color=false", dir)
	if testing.Verbose() {
		t.Log(out)
	}
}
