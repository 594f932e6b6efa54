package build_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/fake"

	"github.com/proofmark-build/proofmark/internal/build"
)

// snapshot describes everything below a directory: modes, sizes, contents, times.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		content := ""
		switch fi.Mode().Type() {
		case 0:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = fmt.Sprintf("%x", sha256.Sum256(b))
		case fs.ModeSymlink:
			if content, err = os.Readlink(path); err != nil {
				return err
			}
		}
		all[path] = fmt.Sprintf("%v %s %s", fi.Mode(), fi.ModTime(), content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantSame(t testing.TB, before, after map[string]string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if before[path] == "" {
			t.Errorf("%s is new", path)
		} else if before[path] != after[path] {
			t.Errorf("%s was %s, is %s", path, before[path], after[path])
		}
	}
	for path := range before {
		if after[path] == "" {
			t.Errorf("%s is gone", path)
		}
	}
}

// versions lists the catalog's versions, newest first.
func (b *bench) versions() []catalog.Version {
	b.t.Helper()
	s := b.open()
	defer s.close()
	list, err := s.Catalog.List(b.t.Context(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	for i, v := range list {
		if list[i], err = s.Catalog.Get(b.t.Context(), fmt.Sprintf("%s:%d", v.Name, v.Version)); err != nil {
			b.t.Fatal(err)
		}
	}
	return list
}

// wantVersions compares the catalog with "name:version status", newest first.
func (b *bench) wantVersions(want ...string) {
	b.t.Helper()
	var got []string
	for _, v := range b.versions() {
		got = append(got, fmt.Sprintf("%s:%d %s", v.Name, v.Version, v.Status))
	}
	if !slices.Equal(got, want) {
		b.t.Errorf("catalog = %q, want %q", got, want)
	}
}

// below lists what a directory of the home holds, "" for none.
func (b *bench) below(elem ...string) (names []string) {
	b.t.Helper()
	found, err := filepath.Glob(b.path(append(elem, "*")...))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	return names
}

// wantClean checks that nothing is in the home but what belongs there: images of
// the catalog, layers of the cache, logs and reports.
func (b *bench) wantClean() {
	b.t.Helper()
	if got := append(b.below("ledger"), b.below("fake", "machines")...); len(got) > 0 {
		b.t.Errorf("left in ledger and machines: %q", got)
	}
	s := b.open()
	defer s.close()
	var layers, images []string
	entries, err := s.Cache.List()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range entries {
		layers = append(layers, filepath.Base(e.Ref))
	}
	for _, v := range b.versions() {
		images = append(images, filepath.Base(filepath.Dir(v.Image.ID)))
		if _, err := os.Stat(v.Image.ID); err != nil {
			b.t.Errorf("an image of the catalog is gone: %v", err)
		}
	}
	for _, name := range b.below("fake", "layers") {
		if !slices.Contains(layers, name) {
			b.t.Errorf("left layer %s, which the cache does not know", name)
		}
	}
	for _, name := range b.below("images") {
		runs := b.below("images", name)
		for _, run := range runs {
			if !slices.Contains(images, run) {
				b.t.Errorf("left image %s/%s, which the catalog does not know", name, run)
			}
		}
		if len(runs) == 0 {
			b.t.Errorf("left an empty image directory: %s", name)
		}
	}
	for _, pattern := range []string{".*", "*.part"} {
		for _, dir := range []string{"logs", "reports"} {
			if found, _ := filepath.Glob(b.path(dir, pattern)); len(found) > 0 {
				b.t.Errorf("left %q", found)
			}
		}
	}
}

// reap removes what dead builds left.
func (b *bench) reap() {
	b.t.Helper()
	s := b.open()
	defer s.close()
	if err := s.Ledger.Reap(b.t.Context(), s.reapable(), nil, nil); err != nil {
		b.t.Errorf("reap: %v", err)
	}
}

func (s *session) reapable() func(string, ledger.Where) []ledger.Class {
	return build.Reapable(s.Kit, func(kind string, _ ledger.Where) []ledger.Class {
		if kind != "fake" && kind != "plain" {
			return nil
		}
		return fake.Resources(fake.Where(s.b.path("fake")))
	})
}

// grep lists the files of the home that hold a text.
func (b *bench) grep(text string) (found []string) {
	b.t.Helper()
	err := filepath.WalkDir(b.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) || strings.Contains(path, text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}
