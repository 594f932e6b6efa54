package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// TestNullOverSSH tries steps in a machine that exists, as people do before they build
// an image by them.
func TestNullOverSSH(t *testing.T) {
	s := sshdtest.Start(t)
	t.Parallel()
	host, port, _ := strings.Cut(s.Addr, ":")
	dir := t.TempDir()
	fill := strings.NewReplacer("HOST", host, "PORT", port, "USER", s.User, "KEY", s.File, "DIR", dir).Replace
	const source = `
variable "secret" {
  default   = "hidden words"
  sensitive = true
}
source "null" "web" {
  ssh_host             = "HOST"
  ssh_port             = PORT
  ssh_username         = "USER"
  ssh_private_key_file = "KEY"
  ssh_timeout          = "20s"
}
build {
  sources = ["source.null.web"]
`
	build := func(t *testing.T, exit int, rest string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "t.pkr.hcl"), []byte(fill(source+rest+"}\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		return user{t, filepath.Join(dir, "home")}.run(exit, "proofmark", "build", "-color=false", filepath.Join(dir, "t.pkr.hcl"))
	}
	wantText := func(t *testing.T, said string, want ...string) {
		t.Helper()
		for _, w := range want {
			if w = fill(w); !strings.Contains(said, w) {
				t.Errorf("does not say %q:\n%s", w, said)
			}
		}
	}

	t.Run("steps", func(t *testing.T) {
		said := build(t, exitDone, `
  provisioner "shell" {
    env    = { SECRET = var.secret }
    inline = ["mkdir -p DIR/made", "echo \"$SECRET\" > DIR/made/secret", "echo on ${build.Host} port ${build.Port}, $PACKER_BUILDER_TYPE; echo $SECRET"]
  }
  provisioner "file" {
    source      = "DIR/t.pkr.hcl"
    destination = "DIR/made/copy"
  }
  provisioner "file" {
    direction   = "download"
    source      = "DIR/made/secret"
    destination = "DIR/back"
  }
  post-processor "manifest" { output = "DIR/manifest.json" }
`)
		wantText(t, said, "Connecting by SSH to HOST:PORT as USER", "on HOST port PORT, null", "Did not export anything")
		if strings.Contains(said, "hidden words") {
			t.Errorf("tells the secret:\n%s", said)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "back")); string(got) != "hidden words\n" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if left, _ := filepath.Glob("/tmp/script_*.sh"); len(left) > 0 {
			for _, f := range left {
				if b, _ := os.ReadFile(f); strings.Contains(string(b), dir) {
					t.Errorf("left %s in the machine", f)
				}
			}
		}
	})
	t.Run("script fails", func(t *testing.T) {
		wantText(t, build(t, exitFailed, "provisioner \"shell\" { inline = [\"exit 7\"] }\n"), "ended with exit status 7")
	})
	t.Run("noexec", func(t *testing.T) {
		folder := filepath.Join(dir, "noexec")
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOEXEC, "size=1m"); err != nil {
			t.Skipf("needs to mount a file system: %v", err)
		}
		defer unix.Unmount(folder, unix.MNT_DETACH)
		wantText(t, build(t, exitFailed, "provisioner \"shell\" {\n remote_folder = \"DIR/noexec\"\n inline = [\"true\"]\n}\n"),
			"exit status 126", "where DIR/noexec is on a file system mounted noexec, give another remote_folder")
	})
	t.Run("checks", func(t *testing.T) {
		const made = `provisioner "shell" { inline = ["mkdir -p DIR/checked"] }
`
		build(t, exitDone, made+`
  verify "inline" {
    file "DIR/checked" { filetype = "directory" }
  }
`)
		wantText(t, build(t, exitRefused, made+`
  verify "inline" {
    file "DIR/checked/nothing" { exists = true }
  }
`), "Gate 1 refuses")
	})
	t.Run("wrong key", func(t *testing.T) {
		if testing.Short() {
			t.Skip("tries until ssh_timeout: left out by -short")
		}
		s.Authorize(t)
		wantText(t, build(t, exitFailed, "provisioner \"shell\" { inline = [\"true\"] }\n"), "refuses the login of USER")
	})
}
