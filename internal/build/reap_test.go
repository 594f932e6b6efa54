package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

func TestWhatTheCatalogAndTheCacheOwnIsNotReaped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.open()
	defer s.close()
	dir := func(elem ...string) string {
		path := b.path(append([]string{"images"}, elem...)...)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, img := range []image.Image{
		{ID: filepath.Join(dir("tar", "pm1"), "x.tar.zst"), Format: "tar.zst"},
		{ID: dir("dir", "pm2", "x"), Format: "dir"},
		{ID: dir("oci", "pm3"), Format: "oci"},
		{ID: "ami-1", Format: "ami", Files: []string{filepath.Join(dir("ami", "pm4"), "manifest")}},
	} {
		if _, err := s.Catalog.Add(t.Context(), catalog.Version{Name: "x", Image: img}); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := s.Cache.Commit(cache.Entry{Key: s.Cache.Hash("", "base").Key(), Kind: "fake", Ref: "layer-1"}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	var destroyed []string
	reapable := build.Reapable(s.Kit, func(kind string, _ ledger.Where) []ledger.Class {
		if kind == "unknown" {
			return nil
		}
		return []ledger.Class{{Name: "thing", Destroy: func(_ context.Context, id string) error {
			destroyed = append(destroyed, id)
			return nil
		}}}
	})
	if classes := reapable("unknown", nil); classes != nil {
		t.Errorf("classes of an unknown builder = %v; a reaper must leave those", classes)
	}
	tests := []struct {
		kind, id string
		owned    bool
	}{
		{"build", b.path("images", "tar", "pm1"), true},
		{"build", b.path("images", "dir", "pm2"), true},
		{"build", b.path("images", "oci", "pm3"), true},
		{"build", b.path("images", "ami", "pm4"), true},
		{"build", dir("tar", "pm"), false}, // though another's name begins like it
		{"build", dir("tar", "pm12"), false},
		{"build", dir("oci", "pm3x"), false},
		{"build", b.path("images", "none", "pm9"), false},
		{"fake", "ami-1", true},
		{"fake", "ami-12", false},
		{"fake", "layer-1", true},
		{"fake", "layer-12", false},
		{"other", "layer-1", false},
		{"fake", "", false},
	}
	for _, tt := range tests {
		destroyed = nil
		if err := reapable(tt.kind, nil)[0].Destroy(t.Context(), tt.id); err != nil {
			t.Errorf("%s %s: %v", tt.kind, tt.id, err)
		}
		gone := len(destroyed) > 0
		if tt.kind == "build" {
			_, err := os.Stat(tt.id)
			gone = errors.Is(err, os.ErrNotExist)
		}
		if gone == tt.owned {
			t.Errorf("%s %q: gone = %v, owned = %v", tt.kind, tt.id, gone, tt.owned)
		}
	}
	if found, err := reapable("build", nil)[0].Find(t.Context(), "pm3"); err != nil || len(found) != 1 || found[0] != b.path("images", "oci", "pm3") {
		t.Errorf("found %q, %v", found, err)
	}
	if found, err := reapable("build", nil)[0].Find(t.Context(), "pm*"); err != nil || len(found) != 0 {
		t.Errorf("found %q, %v", found, err)
	}
}

func TestNothingIsReapedThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.open()
	defer s.close()
	id := b.path("images", "x", "pm1")
	if err := errors.Join(os.MkdirAll(id, 0o755), os.WriteFile(b.path("catalog.db"), []byte("this is no catalog, but many bytes of text\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"build", "fake"} {
		if err := s.reapable()(kind, nil)[0].Destroy(t.Context(), id); err == nil {
			t.Errorf("%s: no error", kind)
		}
	}
	if _, err := os.Stat(id); err != nil {
		t.Error(err)
	}
}

// TestFailedLedger: what the catalog has stays, what the cache must not have goes,
// when the ledger cannot be written any more.
func TestFailedLedger(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		versions []string
		layers   int // in use
	}{
		"before-intent fake machine":    {nil, 0},
		"before-keep fake layer":        {nil, 0},
		"before-intent image-directory": {nil, 2},
		"before-keep image-directory":   {[]string{"web:1 UNPROVEN"}, 2},
	}
	for point, tt := range tests {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			var s *session
			b.observe = func(p ledger.Point) {
				if p.Name == point {
					s.Ledger.Close()
				}
			}
			s = b.open()
			plan, err := s.plan(bare, build.Options{})
			if err != nil {
				t.Fatal(err)
			}
			reports, err := plan.Execute(t.Context())
			if !errors.Is(err, ledger.ErrClosed) || reports[0].Outcome != build.Failed {
				t.Errorf("err = %v, outcome %s", err, reports[0].Outcome)
			}
			s.close()
			b.observe = nil
			b.reap()
			b.wantVersions(tt.versions...)
			s = b.open()
			entries, err := s.Cache.List()
			if err != nil {
				t.Fatal(err)
			}
			s.close()
			entries = slices.DeleteFunc(entries, func(e cache.Entry) bool { return e.Retired })
			if len(entries) != tt.layers {
				t.Errorf("layers = %+v, want %d", entries, tt.layers)
			}
			for _, e := range entries {
				if _, err := os.Stat(e.Ref); err != nil {
					t.Error(err)
				}
			}
			b.wantClean()
			if r := b.build(bare, build.Options{}); r.err != nil {
				t.Error(r.err)
			}
			b.wantVersions("web:1 UNPROVEN")
		})
	}
}
