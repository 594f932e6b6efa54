package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
)

// strays lists the files of a home that no catalog entry, layer, log or report
// accounts for. root is how the caller sees the files of whoever uses the home;
// ask runs proofmark there.
func strays(root, dir string, ask func(args ...string) ([]byte, error)) ([]string, error) {
	if _, err := os.Stat(root + dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var layers []cache.Entry
	var images []catalog.Version
	for _, q := range []struct {
		what string
		to   any
	}{{"cache", &layers}, {"images", &images}} {
		text, err := ask(q.what, "list", "--json")
		if err == nil {
			err = json.Unmarshal(text, q.to)
		}
		if err != nil {
			return nil, fmt.Errorf("%s list: %w", q.what, err)
		}
	}
	h := home{dir: root + dir}
	var known []string
	for _, e := range layers {
		known = append(known, h.path("layers", e.Ref))
	}
	for _, v := range images {
		for _, f := range v.Image.Files {
			known = append(known, root+f)
		}
	}
	for _, d := range []string{"cache/entries", "cache/holds", "cache/resolved", "digests", "keys"} {
		known = append(known, h.path(d))
	}
	for _, f := range []string{"catalog.db", "cache/lock", "cache/prune.lock", "cache/secret.key", "cache/digests.json", "accelerator.json"} {
		known = append(known, h.path(f))
	}
	var found []string
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
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
		in, _ := filepath.Rel(h.dir, path)
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
