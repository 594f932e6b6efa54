package qemu

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestPublishElsewhere: an image that goes to another file system takes no more there than
// here.
func TestPublishElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere, err := os.MkdirTemp("/dev/shm", "proofmark-test-")
	if err != nil {
		t.Skipf("needs a second file system: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(elsewhere) })
	home := t.TempDir()
	l, err := ledger.Open(filepath.Join(home, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	scope := l.Scope("run-1", KindName, nil)
	defer scope.Close(t.Context())
	env := machine.Env{Res: scope, Build: "qemu.x", Files: &output.Files{Scope: scope}}

	from := filepath.Join(home, imageDirectory)
	if err := os.Mkdir(from, 0o755); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(from, "disk")
	if err := os.WriteFile(disk, []byte("a boot sector"), 0o640); err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	if err := os.Truncate(disk, size); err != nil {
		t.Fatal(err)
	}
	c := usual()
	c.Output.Directory = filepath.Join(elsewhere, "out")
	b, err := New(c, Deps{State: filepath.Join(home, "state")})
	if err != nil {
		t.Fatal(err)
	}
	img, err := b.Publish(t.Context(), image.Image{ID: disk, Files: []string{disk}}, env)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Files.Keep(t.Context()); err != nil {
		t.Error(err)
	}
	fi, err := os.Stat(img.ID)
	if err != nil {
		t.Fatal(err)
	}
	if taken := fi.Sys().(*syscall.Stat_t).Blocks * 512; fi.Size() != size || taken > 1<<20 || fi.Mode().Perm() != 0o640 {
		t.Errorf("%s has %d bytes, takes %d, and is %s", img.ID, fi.Size(), taken, fi.Mode())
	}
	if _, err := os.Stat(from); !os.IsNotExist(err) {
		t.Errorf("it is still where it was: %v", err)
	}
}
