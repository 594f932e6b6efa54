package qemu

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/template"
)

// TestFingerprint: what a machine holds counts, whatever file it comes from; how it is
// reached and shown does not.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, name := range []string{"medium", "vars", "linux", "initrd", "offered", "http/preseed"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		file(name, "first")
	}
	key := func(set func(c *Config)) cache.Key {
		t.Helper()
		c := usual()
		c.ISO.URL, c.Checksum, c.SSH.Username = filepath.Join(dir, "medium"), "none", "root"
		c.EFI, c.EFICode, c.EFIVars = true, "code.fd", filepath.Join(dir, "vars")
		c.HTTP.Directory, c.CD.Files = filepath.Join(dir, "http"), []string{filepath.Join(dir, "offered")}
		c.Args = [][]template.Late{late(t, "-kernel", filepath.Join(dir, "linux")), late(t, "-initrd", filepath.Join(dir, "initrd")), late(t, "-serial", "none")}
		set(&c)
		b, err := New(c, Deps{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		h := cache.NewHash("", KindName, []byte("secret"))
		if err := b.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	nothing := func(*Config) {}
	first := key(nothing)
	for name, set := range map[string]func(c *Config){
		"port":        func(c *Config) { c.HostPort.Min = 3000 },
		"screen":      func(c *Config) { c.Headless, c.VNC.Disable = true, true },
		"accelerator": func(c *Config) { c.Accelerator = tcg },
		"password":    func(c *Config) { c.SSH.Password = "x" },
		"output":      func(c *Config) { c.Output.Directory, c.Compression = "elsewhere", true },
	} {
		if key(set) != first {
			t.Errorf("%s: another key", name)
		}
	}
	for name, set := range map[string]func(c *Config){
		"size":         func(c *Config) { c.Disks.Size = "50G" },
		"another disk": func(c *Config) { c.Additional = []string{"1G"} },
		"machine":      func(c *Config) { c.Machine = "q35" },
		"argument":     func(c *Config) { c.Args = append(c.Args, late(t, "-m", "1G")) },
		"typed":        func(c *Config) { c.VNC.Boot.Command = late(t, "x") },
		"HTTP content": func(c *Config) { c.HTTP.Content = map[string]string{"/a": "b"} },
		"CD content":   func(c *Config) { c.CD.Content = map[string]string{"a": "b"} },
	} {
		if key(set) == first {
			t.Errorf("%s: the same key", name)
		}
	}
	for _, name := range []string{"medium", "vars", "linux", "initrd", "offered", "http/preseed"} {
		file(name, "other")
		if key(nothing) == first {
			t.Errorf("%s: the same key with another content", name)
		}
		file(name, "first")
		if key(nothing) != first {
			t.Errorf("%s: another key with the same content", name)
		}
	}
}
