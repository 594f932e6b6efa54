package qemu

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestRequire: what is missing on this host is told, with the package that has it, before
// anything is fetched or made.
func TestRequire(t *testing.T) {
	var asked atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer web.Close()
	for name, tt := range map[string]struct {
		programs string // that are there
		set      func(c *Config)
		want     string
	}{
		"nothing":   {"", func(*Config) {}, "qemu-system-x86_64 is not installed: apt-get install --no-install-recommends qemu-system-x86"},
		"no tool":   {"qemu-system-x86_64", func(*Config) {}, "qemu-img is not installed: apt-get install --no-install-recommends qemu-utils"},
		"UEFI":      {"qemu-system-x86_64 qemu-img", func(c *Config) { c.EFI, c.EFICode = true, "missing.fd" }, "apt-get install --no-install-recommends ovmf"},
		"CD":        {"qemu-system-x86_64 qemu-img", func(c *Config) { c.CD.Content = map[string]string{"a": "b"} }, "apt-get install --no-install-recommends xorriso"},
		"no floppy": {"qemu-system-x86_64 qemu-img", func(c *Config) { c.Floppy.Content = map[string]string{"a": "b"} }, "apt-get install --no-install-recommends mtools"},
	} {
		t.Run(name, func(t *testing.T) {
			programs := map[string]string{}
			for _, p := range strings.Fields(tt.programs) {
				path, err := exec.LookPath(p)
				if err != nil {
					t.Skipf("needs %s: install %s", p, packageOf(p))
				}
				programs[p] = path
			}
			b := newBench(t)
			path := filepath.Join(b.home, "path")
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			for p, at := range programs {
				if err := os.Symlink(at, filepath.Join(path, p)); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", path)
			c := usual()
			c.ISO.URL, c.Checksum = web.URL+"/x.iso", "none"
			tt.set(&c)
			_, err := b.start(c)
			b.wantError(err, "start machine: ", tt.want)
			if _, err := os.Stat(b.d.State); !os.IsNotExist(err) || asked.Load() > 0 {
				t.Errorf("the medium was asked for %d times, state: %v", asked.Load(), err)
			}
		})
	}
}
