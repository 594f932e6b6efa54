package image

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestSync(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "image.tar.zst")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, img := range []Image{{}, {Files: []string{file}}, {Files: []string{dir, file}}} {
		if err := img.Sync(); err != nil {
			t.Errorf("%v: %v", img.Files, err)
		}
	}
	if err := (Image{Files: []string{file, filepath.Join(dir, "gone")}}).Sync(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}
