package cache

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAddFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "content")
	sum := func() Key {
		h := NewHash("", "file", nil)
		if err := h.AddFile("source", path); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	first := sum()
	os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0))
	if sum() != first {
		t.Error("touching the file changes the key")
	}
	os.Chmod(path, 0o755)
	executable := sum()
	if executable == first {
		t.Error("the mode does not count")
	}
	os.Chmod(path, 0o755|os.ModeSetuid)
	if sum() == executable {
		t.Error("the setuid bit does not count")
	}
	os.Chmod(path, 0o644)
	if sum() != first {
		t.Error("the key does not come back")
	}
	write(t, path, "contenu")
	if sum() == first {
		t.Error("the content does not count")
	}
	write(t, path, "content")
	link := path + ".link"
	if err := os.Symlink("f", link); err != nil {
		t.Fatal(err)
	}
	path = link
	if sum() != first {
		t.Error("a link to the file is not the file")
	}
}

func TestAddFileRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	h := NewHash("", "file", nil)
	before, inputs := h.Key(), len(h.Inputs())
	if err := h.AddFile("source", filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	for _, path := range []string{pipe, dir} {
		if err := h.AddFile("source", path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := h.AddTree("tree", pipe); err == nil {
		t.Error("a pipe passes as a tree")
	}
	if h.Key() != before || len(h.Inputs()) != inputs {
		t.Error("a refused file left something in the key")
	}
}

func TestAddTree(t *testing.T) {
	t.Parallel()
	// Each case changes the tree that the base case made; it says whether the key
	// must change.
	cases := []struct {
		name    string
		change  func(dir string) error
		differs bool
	}{
		{"nothing", func(dir string) error { return nil }, false},
		{"touch", func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "a/b/deep"), time.Unix(1, 0), time.Unix(1, 0))
		}, false},
		{"one byte", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "a/b/deep"), []byte("deeq"), 0o644)
		}, true},
		{"mode", func(dir string) error { return os.Chmod(filepath.Join(dir, "a/b/deep"), 0o600) }, true},
		{"directory mode", func(dir string) error { return os.Chmod(filepath.Join(dir, "a/b"), 0o700) }, true},
		{"top mode", func(dir string) error { return os.Chmod(dir, 0o711) }, true},
		{"rename", func(dir string) error {
			return os.Rename(filepath.Join(dir, "a/b/deep"), filepath.Join(dir, "a/b/deeper"))
		}, true},
		{"move up", func(dir string) error {
			return os.Rename(filepath.Join(dir, "a/b/deep"), filepath.Join(dir, "a/deep"))
		}, true},
		{"empty directory", func(dir string) error { return os.Mkdir(filepath.Join(dir, "new"), 0o755) }, true},
		{"link target", func(dir string) error {
			os.Remove(filepath.Join(dir, "link"))
			return os.Symlink("nowhere/else", filepath.Join(dir, "link"))
		}, true},
		{"link made a file", func(dir string) error {
			os.Remove(filepath.Join(dir, "link"))
			return os.WriteFile(filepath.Join(dir, "link"), []byte("nowhere"), 0o644)
		}, true},
		{"pipe", func(dir string) error { return unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600) }, true},
		{"socket", func(dir string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "s")})
			if err == nil {
				l.SetUnlinkOnClose(false)
				l.Close()
			}
			return err
		}, true},
	}
	tree := func(t *testing.T) string {
		// Short, for the socket's name.
		dir, err := os.MkdirTemp("", "tree")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		os.Chmod(dir, 0o755)
		if err := os.MkdirAll(filepath.Join(dir, "a/b"), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "a/b/deep"), "deep")
		write(t, filepath.Join(dir, "a/top"), "top")
		if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	sum := func(t *testing.T, dir string) *Hash {
		h := NewHash("", "file", nil)
		if err := h.AddTree("site", dir); err != nil {
			t.Fatal(err)
		}
		return h
	}
	base := sum(t, tree(t)).Key()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := tree(t)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			if got := sum(t, dir).Key(); (got != base) != c.differs {
				t.Errorf("key differs: %v, want %v", got != base, c.differs)
			}
		})
	}
	t.Run("link at the top", func(t *testing.T) {
		t.Parallel()
		dir := tree(t)
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		if sum(t, link).Key() != base {
			t.Error("a link to the tree is not the tree")
		}
	})
	t.Run("inputs", func(t *testing.T) {
		t.Parallel()
		var names []string
		for _, in := range sum(t, tree(t)).Inputs() {
			names = append(names, in.Name)
		}
		equal(t, "names", names, []string{"kind", "site", "site/a", "site/a/b", "site/a/b/deep", "site/a/top", "site/link"})
	})
}

func TestAddTreeDevice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	node := filepath.Join(dir, "node")
	sum := func(minor uint32) Key {
		os.Remove(node)
		if err := unix.Mknod(node, unix.S_IFCHR|0o600, int(unix.Mkdev(1, minor))); err != nil {
			t.Skipf("device nodes cannot be made here: %v (needs root)", err)
		}
		h := NewHash("", "file", nil)
		if err := h.AddTree("dev", dir); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	if sum(3) == sum(5) {
		t.Error("the device number does not count")
	}
}
