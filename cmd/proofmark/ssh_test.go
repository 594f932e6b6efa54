package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// TestSSHImages builds images with Debian's openssh-server, which makes its host
// keys only while it is installed: sealed they hold none, and prove to serve all
// the same. So does an image made from such an image.
func TestSSHImages(t *testing.T) {
	needMachines(t)
	t.Parallel()
	const template = `
source "rootfs" "off" { archive = "$BASE" }
source "rootfs" "on" {
  archive        = "$BASE"
  start_services = true
}
source "rootfs" "child" {
  parent         = "off"
  start_services = true
}
build {
  sources = ["source.rootfs.off", "source.rootfs.on", "source.rootfs.child"]
  provisioner "shell" {
    except = ["rootfs.child"]
    inline = [
      "apt-get update -q", "DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends openssh-server openssh-client",
      "ls /etc/ssh/ssh_host_ed25519_key",
    ]
  }
  provisioner "shell" {
    only   = ["rootfs.child"]
    inline = ["ls /etc/ssh/ssh_host_ed25519_key; systemctl is-active ssh"]
  }
  verify "inline" {
    service "ssh"                            { enabled = true, running = true }
    port "tcp:22"                            { listening = true }
    command "ssh-keyscan -t ed25519 127.0.0.1" {
      exit_status = 0
      stdout      = ["/ssh-ed25519 AAAA/"]
    }
  }
}
`
	dir := t.TempDir()
	text := strings.ReplaceAll(template, "$BASE", baseArchive())
	if err := os.WriteFile(filepath.Join(dir, "ssh.pkr.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	u := user{t, filepath.Join(dir, "home")}
	u.run(exitDone, "proofmark", "build", "-color=false", dir)
	for _, name := range []string{"off", "on", "child"} {
		into := filepath.Join(dir, name)
		if err := os.Mkdir(into, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := tree.UnpackFile(t.Context(), u.version(name).Image.ID, into, tree.UnpackOptions{AllDevices: true}); err != nil {
			t.Fatal(err)
		}
		if keys, err := filepath.Glob(filepath.Join(into, "etc/ssh/ssh_host_*")); len(keys) > 0 || err != nil {
			t.Errorf("%s holds %q, %v", name, keys, err)
		}
		enabled, err := filepath.Glob(filepath.Join(into, "etc/systemd/system/multi-user.target.wants/*ssh-host-keys*"))
		if len(enabled) != 1 || err != nil {
			t.Errorf("%s makes its keys by %q, %v", name, enabled, err)
		}
	}
}
