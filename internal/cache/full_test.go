package cache

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small tmpfs cannot be mounted here: %v (needs root)", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := open(t, dir, Options{})
	chain(t, s, "base", "a")
	fill(t, filepath.Join(dir, "filler"))

	noise := make([]byte, 64<<10)
	rand.Read(noise)
	ok, err := s.Commit(complete(Entry{Key: key("b"), Parent: key("base"), Ref: "b", Log: string(noise)}))
	if ok || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("commit: ok=%v err=%v", ok, err)
	}
	if found(t, s, "b") {
		t.Error("half an entry is found")
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	if _, err := s.Keyed("password", "hunter2"); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("making the home's key: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("half a key was left")
	}
	var w warnings
	s.o.Warn = w.warn
	v, err := s.Hash("", "rootfs 1").Resolve("mirror", func() (string, error) { return "index", nil })
	if v != "index" || err != nil || len(w.text) != 1 || !strings.Contains(w.text[0], "no space") {
		t.Errorf("resolve: %q, %v, warnings %q", v, err, w.text)
	}
	if !found(t, s, "base") || !found(t, s, "a") {
		t.Error("what was there is gone")
	}
	equal(t, "pruned on a full disk", prune(t, s, PrunePlan{All: true}), []string{"a", "base"})
}

func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 4096)); errors.Is(err, unix.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
