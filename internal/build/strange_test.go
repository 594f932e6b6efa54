package build_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestSweepElsewhere: the catalog's paths are those of the day an image was made.
func TestSweepElsewhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change  func(t *testing.T, b *bench)
		refused bool
	}{
		"home moved": {change: func(t *testing.T, b *bench) {
			old := b.home
			b.home = filepath.Join(t.TempDir(), "moved")
			if err := os.Rename(old, b.home); err != nil {
				t.Fatal(err)
			}
		}},
		"home by symlink": {change: func(t *testing.T, b *bench) {
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(b.home, link); err != nil {
				t.Fatal(err)
			}
			b.home = link
		}},
		"catalog removed": {refused: true, change: func(t *testing.T, b *bench) {
			if err := os.Remove(b.path("catalog.db")); err != nil {
				t.Fatal(err)
			}
		}},
		"catalog emptied": {refused: true, change: func(t *testing.T, b *bench) {
			s := b.open()
			defer s.close()
			if _, err := s.Catalog.Remove(t.Context(), "web:1", false); err != nil {
				t.Fatal(err)
			}
		}},
		"catalog of other images": {refused: true, change: func(t *testing.T, b *bench) {
			if err := os.RemoveAll(b.path("images")); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(b.path("images", "web", "pm00000000000000000000000000000000"), 0o755); err != nil {
				t.Fatal(err)
			}
			other := newBench(t)
			dir := filepath.Dir(other.build(three, build.Options{}).must(build.Built).reports[0].Image)
			if err := os.Rename(dir, b.path("images", "web", filepath.Base(dir))); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.build(three, build.Options{}).must(build.Built)
			test.change(t, b)
			before := len(b.below("images", "web")) + len(b.below("logs")) + len(b.below("reports"))
			b.now = func() time.Time { return time.Now().Add(24 * time.Hour) }
			s := b.open()
			defer s.close()
			removed, err := s.Sweep(t.Context(), false)
			if errors.Is(err, build.ErrStrangeCatalog) != test.refused || err != nil && !test.refused || len(removed) > 0 {
				t.Errorf("swept %q, %v", removed, err)
			}
			removed, err = s.PruneLogs(t.Context(), time.Hour, false)
			if errors.Is(err, build.ErrStrangeCatalog) != test.refused || err != nil && !test.refused || len(removed) > 0 {
				t.Errorf("pruned logs %q, %v", removed, err)
			}
			if after := len(b.below("images", "web")) + len(b.below("logs")) + len(b.below("reports")); after != before {
				t.Errorf("%d files and directories, were %d", after, before)
			}
		})
	}
}
