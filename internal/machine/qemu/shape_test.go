package qemu

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestBinaryID: a QEMU that was upgraded where it lies is another one, also behind a link.
func TestBinaryID(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "qemu-7.2"), filepath.Join(dir, "qemu")
	id := func(when int64, text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Unix(when, 0), time.Unix(when, 0)); err != nil {
			t.Fatal(err)
		}
		got, err := binaryID(link)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	first := id(1, "one")
	if id(1, "one") != first {
		t.Error("the same program is another one")
	}
	if id(2, "two") == first || id(1, "three") == first {
		t.Error("another program is the same one")
	}
	if _, err := binaryID(filepath.Join(dir, "none")); err == nil {
		t.Error("a program that is not there has an id")
	}
}
