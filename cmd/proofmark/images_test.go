package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

func TestRemoveFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version := func(path ...string) catalog.Version {
		t.Helper()
		f := filepath.Join(append([]string{dir}, path...)...)
		if err := errors.Join(os.MkdirAll(filepath.Dir(f), 0o755), os.WriteFile(f, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
		return catalog.Version{Image: image.Image{Files: []string{f}}}
	}
	there := func(want bool, path ...string) {
		t.Helper()
		if _, err := os.Stat(filepath.Join(append([]string{dir}, path...)...)); (err == nil) != want {
			t.Errorf("%q: %v", path, err)
		}
	}
	one, two := version("images", "web", "run1", "web.tar.zst"), version("images", "web", "run2", "web.tar.zst")
	old, now := version("site", "out", "web.tar.zst"), version("site", "out", "web.tar.zst")
	remove := func(v catalog.Version, rest ...catalog.Version) {
		t.Helper()
		if err := removeFiles(v, rest, filepath.Join(dir, "images")); err != nil {
			t.Error(err)
		}
	}
	remove(one, two, old, now)
	there(false, "images", "web", "run1")
	there(true, "images", "web", "run2", "web.tar.zst")
	remove(two, old, now)
	there(false, "images", "web")
	there(true, "images")

	remove(old, now)
	there(true, "site", "out", "web.tar.zst")
	remove(now)
	there(false, "site", "out", "web.tar.zst")
	there(true, "site", "out")
}
