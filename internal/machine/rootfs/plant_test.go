package rootfs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
)

func TestPlant(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make whiteouts")
	}
	dir := t.TempDir()
	mk := func(path string) string {
		t.Helper()
		p := filepath.Join(dir, path)
		if err := os.MkdirAll(p, 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	file := func(path string) {
		t.Helper()
		mk(filepath.Dir(path))
		if err := os.WriteFile(filepath.Join(dir, path), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whiteout := func(path string) {
		t.Helper()
		mk(filepath.Dir(path))
		if err := unix.Mknod(filepath.Join(dir, path), unix.S_IFCHR, 0); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Unix(1e9, 0)
	mk("plain/usr/sbin")
	if err := os.Chmod(filepath.Join(dir, "plain/usr/sbin"), 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "plain/usr/sbin"), then, then); err != nil {
		t.Fatal(err)
	}
	file("has/usr/sbin/policy-rc.d")
	mk("link/usr")
	if err := os.Symlink("bin", filepath.Join(dir, "link/usr/sbin")); err != nil {
		t.Fatal(err)
	}
	whiteout("removed/usr/sbin/policy-rc.d")
	whiteout("nodir/usr")
	mk("opaque/usr/sbin")
	if err := unix.Lsetxattr(filepath.Join(dir, "opaque/usr"), "trusted.overlay.opaque", []byte("y"), 0); err != nil {
		t.Skip("needs a file system with trusted attributes: ", err)
	}
	mk("bare")
	for _, tt := range []struct {
		name  string
		stack []string // highest first
		want  bool
	}{
		{"plain", []string{"plain"}, true},
		{"there already", []string{"has"}, false},
		{"there below", []string{"plain", "has"}, false},
		{"removed above", []string{"removed", "has"}, true},
		{"hidden by an opaque directory", []string{"opaque", "has"}, true},
		{"directory is gone", []string{"nodir", "plain"}, false},
		{"directory is a link", []string{"link", "plain"}, false},
		{"directory above a link", []string{"plain", "link"}, true},
		{"no directory", []string{"bare"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stack []string
			for _, s := range tt.stack {
				stack = append(stack, filepath.Join(dir, s))
			}
			top := t.TempDir()
			if err := plant(top, stack, "/usr/sbin/policy-rc.d", "text", 0o755); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(top, "usr/sbin/policy-rc.d"))
			if got := err == nil && string(text) == "text"; got != tt.want {
				t.Errorf("planted: %v, want %v", got, tt.want)
			}
			if !slices.Equal(tt.stack, []string{"plain"}) {
				return
			}
			fi, err := os.Lstat(filepath.Join(top, "usr/sbin"))
			if err != nil || fi.Mode().Perm() != 0o711 || !fi.ModTime().Equal(then) {
				t.Errorf("the directory is %v of %v, %v", fi.Mode(), fi.ModTime(), err)
			}
		})
	}
}

// TestPlantedForSteps: package installation is kept from starting daemons, and a
// gate sees nothing of that.
func TestPlantedForSteps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ boot, gate, want bool }{{false, false, true}, {true, false, false}, {false, true, false}, {true, true, false}} {
		m := &rootMachine{boot: tt.boot, gate: tt.gate, seat: &seat{dir: t.TempDir(), run: &rootRunner{net: &network.Network{}}}}
		if err := os.MkdirAll(filepath.Join(m.seat.upper(), "usr/sbin"), 0o755); err != nil {
			t.Fatal(err)
		}
		top, err := m.plant(Host{})
		if err != nil {
			t.Fatal(err)
		}
		if got := exists(filepath.Join(top, policyPath)); got != tt.want {
			t.Errorf("%+v: planted %v", tt, got)
		}
	}
}
