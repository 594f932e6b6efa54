package build_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.build(three, build.Options{}).must(build.Built).reports[0].Image
	second := b.build(three, build.Options{NoCache: true}).must(build.Built).reports[0].Image
	s := b.open()
	remove := func(name string) {
		t.Helper()
		if _, err := s.Remove(t.Context(), name, false); err != nil {
			t.Error(err)
		}
	}
	there := func(want bool, path string) {
		t.Helper()
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := s.Remove(t.Context(), "nginx", false); !errors.Is(err, catalog.ErrNotFound) {
		t.Error(err)
	}
	remove("web:1")
	there(false, filepath.Dir(first))
	there(true, second)
	remove("web")
	there(false, b.path("images", "web"))
	there(true, b.path("images"))

	// A file that another version has by now, in a place that the template names.
	file := b.write("out/web.tar.zst", "image")
	for range 2 {
		if _, err := s.Catalog.Add(t.Context(), catalog.Version{Name: "out", Status: catalog.Proven, Image: image.Image{ID: file, Files: []string{file}}}); err != nil {
			t.Fatal(err)
		}
	}
	remove("out:1")
	there(true, file)
	remove("out:2")
	there(false, file)
	there(true, filepath.Dir(file))
	s.close()
	b.wantClean()
}

// Who dies while removing leaves the image, or a directory that the reaper removes.
func TestDeathWhileRemoving(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		b := newBench(t)
		img := b.build(three, build.Options{}).must(build.Built).reports[0].Image
		b.build(edit(t, three, `"web" {}`, `"web" { image_name = "shop" }`), build.Options{}).must(build.Built)
		_, lived := b.die(strconv.Itoa(n), "remove web:1")
		b.reap()
		b.wantClean()
		s := b.open()
		_, err := s.Catalog.Get(t.Context(), "web:1")
		_, gone := os.Stat(filepath.Dir(img))
		if (err == nil) != (gone == nil) || lived && err == nil {
			t.Errorf("point %d: catalog %v, directory %v", n, err, gone)
		}
		if found, err := s.Sweep(t.Context(), true); len(found) > 0 || err != nil {
			t.Errorf("point %d: nobody knows %q, %v", n, found, err)
		}
		s.close()
		if lived {
			if n < 5 {
				t.Errorf("only %d points", n)
			}
			return
		}
	}
}

// The same of an image in a place that the template names.
func TestDeathWhileRemovingElsewhere(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		b := newBench(t)
		first := b.write("out/web/etc/first", "1")
		b.write("out/web/second", "2")
		dir := filepath.Dir(filepath.Dir(first))
		s := b.open()
		_, err := s.Catalog.Add(t.Context(), catalog.Version{Name: "out", Run: "run", Build: "x", Status: catalog.Proven, Image: image.Image{ID: dir, Files: []string{dir}}})
		if err != nil {
			t.Fatal(err)
		}
		s.close()
		_, lived := b.die(strconv.Itoa(n), "remove out:1")
		b.reap()
		b.wantClean()
		s = b.open()
		_, err = s.Catalog.Get(t.Context(), "out:1")
		s.close()
		_, gone := os.Stat(first)
		if (err == nil) != (gone == nil) || lived && err == nil {
			t.Errorf("point %d: catalog %v, file %v", n, err, gone)
		}
		want := 0
		if err == nil {
			want = 1
		}
		if names, err := os.ReadDir(filepath.Dir(dir)); len(names) != want || err != nil {
			t.Errorf("point %d: %v, %v", n, names, err)
		}
		if lived {
			if n < 5 {
				t.Errorf("only %d points", n)
			}
			return
		}
	}
}
