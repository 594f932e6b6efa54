package qemu

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// installer makes a CD with a boot loader that asks what to start, and the small system.
func installer(t *testing.T, dir, iso string) {
	t.Helper()
	for program, pkg := range map[string]string{"grub-mkimage": "grub-common", "xorriso": "xorriso"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s: install %s", program, pkg)
		}
	}
	if _, err := os.Stat("/usr/lib/grub/i386-pc"); err != nil {
		t.Skip("needs GRUB for BIOS: install grub-pc-bin")
	}
	tree := t.TempDir()
	for _, f := range []string{"vmlinuz", "live"} {
		text, err := os.ReadFile(filepath.Join(dir, f))
		if err == nil {
			err = os.WriteFile(filepath.Join(tree, f), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range [][]string{
		{"grub-mkimage", "-O", "i386-pc-eltorito", "-p", "(cd)/boot", "-o", filepath.Join(tree, "boot.img"), "biosdisk", "iso9660", "linux", "normal", "minicmd"},
		{"xorriso", "-as", "genisoimage", "-quiet", "-R", "-b", "boot.img", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "-o", iso, tree},
	} {
		if out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line[0], err, out)
		}
	}
}

// TestInstall: a medium is downloaded, its boot loader is told by the keyboard what to
// start, the system gets a key from the build's HTTP server and writes on the disks, and
// what it wrote is captured.
func TestInstall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dir := guest(t)
	iso := filepath.Join(b.home, "small.iso")
	installer(t, dir, iso)
	web := httptest.NewServer(http.FileServer(http.Dir(b.home)))
	defer web.Close()

	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authorized, err := gossh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(b.home, "key")
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}

	c := usual()
	c.ISO.URL, c.Checksum = web.URL+"/small.iso", "none"
	c.Headless, c.Accelerator, c.Memory = true, tcg, 512
	c.Disks.Size, c.Additional, c.Disks.Format = "16M", []string{"8M"}, "raw"
	c.HTTP.Content = map[string]string{"/keys/admin": string(gossh.MarshalAuthorizedKey(authorized))}
	c.CD.Content, c.CD.Label = map[string]string{"answers/a.txt": "42\n"}, "answers"
	c.VNC.Wait, c.VNC.KeyInterval = 30*time.Second, 100*time.Millisecond
	c.VNC.Boot.Command = late(t, "<enter><wait>linux (cd)/vmlinuz console=ttyS0 quiet mitigations=off live ",
		"authorize=http://{{ .HTTPIP }}:{{ .HTTPPort }}/keys/admin; initrd (cd)/live; boot<enter>")
	c.SSH.Username, c.SSH.PrivateKeyFile = "root", keyFile
	c.SSH.Timeout = 10 * time.Minute
	c.Shutdown.Command = "poweroff"

	m, conn, err := b.connect(c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	exit, err := conn.Run(t.Context(), machine.Command{Line: "cat /proc/cmdline; echo main | dd of=/dev/vda seek=1; echo more | dd of=/dev/vdb; sync", Stdout: &out})
	if exit != 0 || err != nil || !strings.Contains(out.String(), "authorize=http://10.0.2.2:") {
		t.Fatalf("exit %d, %v, %s", exit, err, out.String())
	}
	vars := m.(machine.Describer).Vars()
	if !strings.HasPrefix(vars["PackerHTTPAddr"], "10.0.2.2:") || vars["Host"] != loopback || vars["SSHPublicKey"] == "" {
		t.Errorf("vars %v", vars)
	}
	// The system lives in memory alone: from its layer it goes on there, and is not installed again.
	s := stack{bench: b}
	if s.b, err = New(c, b.d); err != nil {
		t.Fatal(err)
	}
	ref, m := s.snapshot(m)
	s.run(m, "echo later | dd of=/dev/vda seek=3; sync")
	copied, found := s.restore(ref, "cat /proc/cmdline; dd if=/dev/vda skip=1 count=3 | strings")
	if !strings.Contains(found, "authorize=http://10.0.2.2:") || !strings.Contains(found, "main") || strings.Contains(found, "later") {
		t.Errorf("from its layer it is %q", found)
	}
	if err := copied.Close(t.Context()); err != nil {
		t.Error(err)
	}
	img, err := m.Capture(t.Context(), b.env)
	if err != nil {
		t.Fatal(err)
	}
	if len(img.Files) != 2 {
		t.Fatalf("image %+v", img)
	}
	for i, want := range []string{"later\n", "more\n"} {
		text, err := os.ReadFile(img.Files[i])
		if err != nil || !strings.Contains(string(text), want) || len(text) != []int{16 << 20, 8 << 20}[i] {
			t.Errorf("%s: %v, %d bytes", img.Files[i], err, len(text))
		}
		if i == 0 && !strings.Contains(string(text), "main\n") {
			t.Error("what lies in the layer is not captured")
		}
	}
	if _, err := os.Stat(filepath.Join(b.home, "state", "downloads")); errors.Is(err, os.ErrNotExist) {
		t.Error("the medium is not kept for the next build")
	}
}
