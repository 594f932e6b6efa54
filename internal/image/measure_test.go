package image

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, tree := filepath.Join(dir, "image"), filepath.Join(dir, "tree")
	deep := filepath.Join(tree, "a", "b")
	err := errors.Join(os.WriteFile(file, make([]byte, 5), 0o600), os.MkdirAll(filepath.Dir(deep), 0o700),
		os.WriteFile(deep, make([]byte, 7), 0o600), os.Symlink("/etc/passwd", filepath.Join(tree, "link")))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		files []string
		want  int64
	}{
		"remote": {}, "file": {[]string{file}, 5}, "directory": {[]string{tree}, 7}, "both": {[]string{file, tree}, 12},
	}
	for name, tt := range tests {
		if got, err := (Image{Files: tt.files}).Measure(); err != nil || got != tt.want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, tt.want)
		}
	}
	if _, err := (Image{Files: []string{file, filepath.Join(dir, "gone")}}).Measure(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}
