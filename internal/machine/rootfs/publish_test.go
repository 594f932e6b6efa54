package rootfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestMoveOverADirectory: what lies beside the image is left alone, and the old
// image stays when the new one cannot take its place.
func TestMoveOverADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"new", "web", "web.old"} {
		if err := errors.Join(os.Mkdir(path(name), 0o755), os.WriteFile(filepath.Join(path(name), "is"), []byte(name), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(name, is string) {
		t.Helper()
		if text, err := os.ReadFile(filepath.Join(path(name), "is")); string(text) != is {
			t.Errorf("%s holds %q, %v", name, text, err)
		}
	}
	if err := move(path("nothing"), path("web")); err == nil {
		t.Error("what is not there was moved")
	}
	want("web", "web")
	if err := move(path("new"), path("web")); err != nil {
		t.Error(err)
	}
	want("web", "new")
	want("web.old", "web.old")
	if entries, err := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left %v, %v", entries, err)
	}
}
