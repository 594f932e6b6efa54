package install

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOddMedia: names that programs could take for options, drives or patterns, in a
// directory of such a name.
func TestOddMedia(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"xorriso", "mcopy"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: install xorriso mtools", p)
		}
	}
	dir := filepath.Join(t.TempDir(), "-x [y]* a=b,'c\"\\é")
	from := t.TempDir()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	names := []string{"-o", "..dots", ".hidden", "a=b", "two words", "percent%d", "dollar$HOME", "quote'"}
	content := map[string]string{}
	for _, n := range names {
		if err := os.WriteFile(filepath.Join(from, n), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		content[n] = "x"
	}
	iso, img := filepath.Join(dir, "cd.iso"), filepath.Join(dir, "floppy.img")
	if err := (CD{Files: []string{from + "/"}}).Make(t.Context(), iso); err != nil {
		t.Fatal(err)
	}
	if err := (Floppy{Content: content}).Make(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	cd, floppy := output(t, "xorriso", "-indev", "stdio:"+iso, "-find", "/"), output(t, "mdir", "-b", "-a", "-i", img, "::")
	for _, n := range names {
		if shown := strings.ReplaceAll(n, "'", `'"'"'`); !strings.Contains(cd, "/"+shown+"'") {
			t.Errorf("%s is not on the CD:\n%s", n, cd)
		}
		if !strings.Contains(floppy, "::/"+n) {
			t.Errorf("%s is not on the floppy disk:\n%s", n, floppy)
		}
	}
}

// TestNoFile: what has no end is not waited for.
func TestNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := CD{Files: []string{dir}}.Make(t.Context(), filepath.Join(t.TempDir(), "cd.iso"))
	if err == nil || !strings.Contains(err.Error(), "pipe is no regular file") {
		t.Errorf("a pipe: %v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (CD{Files: []string{files(t)}}).Make(stopped, filepath.Join(t.TempDir(), "cd.iso")); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
