package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// strays lists the files of a home that no catalog entry, layer, log or report
// accounts for.
func strays(t testing.TB, dir string) []string {
	t.Helper()
	found, err := straysOf("", dir)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// straysOf is for a home as it is seen below root.
func straysOf(root, dir string) ([]string, error) {
	dir = root + dir
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	h := home{dir: dir}
	kit, closeKit, err := h.openKit(settings{})
	if err != nil {
		return nil, err
	}
	defer closeKit()
	var known []string
	layers, err := kit.Cache.List()
	if err != nil {
		return nil, err
	}
	for _, e := range layers {
		known = append(known, h.path("layers", e.Ref))
	}
	images, err := kit.Catalog.List(context.Background(), "")
	if err != nil {
		return nil, err
	}
	for _, v := range images {
		for _, f := range v.Image.Files {
			known = append(known, root+f)
		}
	}
	for _, d := range []string{"cache/entries", "cache/holds", "digests"} {
		known = append(known, h.path(d))
	}
	for _, f := range []string{"catalog.db", "cache/lock", "cache/prune.lock", "cache/key", "cache/resolved"} {
		known = append(known, h.path(f))
	}
	var found []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(known, path):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if parent := filepath.Base(filepath.Dir(path)); parent == "machines" || parent == "layers" {
				found = append(found, path)
				return fs.SkipDir
			}
			return nil
		}
		in, _ := filepath.Rel(dir, path)
		top, rest, _ := strings.Cut(in, string(filepath.Separator))
		ext := filepath.Ext(rest)
		if top == "logs" && ext == ".log" || top == "reports" && slices.Contains([]string{".html", ".md", ".json"}, ext) {
			return nil
		}
		found = append(found, path)
		return nil
	})
	return found, err
}

// files lists what is in a directory.
func files(t testing.TB, dir string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		found = append(found, filepath.Join(dir, e.Name()))
	}
	return found
}
