package build_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.home = filepath.Join(t.TempDir(), "h[o]*me")
	b.build(three, build.Options{}).must(build.Built)
	kept := b.build(edit(t, three, `"web" {}`, `"web" { image_name = "shop" }`), build.Options{}).must(build.Built).reports[0].Image

	// The image was removed from the catalog, and its files were not.
	s := b.open()
	v, err := s.Catalog.Remove(t.Context(), "web:1", false)
	if err != nil {
		t.Fatal(err)
	}
	forgotten := filepath.Dir(v.Image.ID)
	for _, dir := range []string{"notes", "pm-mine"} { // of the user
		if err := os.MkdirAll(b.path("images", "web", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func(dryRun bool) []string {
		t.Helper()
		removed, err := s.Sweep(t.Context(), dryRun)
		if err != nil {
			t.Error(err)
		}
		return removed
	}
	if got := sweep(true); !slices.Equal(got, []string{forgotten}) {
		t.Errorf("would remove %q, want %q", got, forgotten)
	}
	if got := sweep(false); !slices.Equal(got, []string{forgotten}) {
		t.Errorf("removed %q, want %q", got, forgotten)
	}
	if _, err := os.Stat(forgotten); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", forgotten, err)
	}
	for _, path := range []string{kept, b.path("images", "web", "notes"), b.path("images", "web", "pm-mine")} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	s.close()

	// What a build is making stays, whenever in its life somebody sweeps.
	for _, op := range []string{fake.OpCapture, fake.OpBoot, fake.OpPublish} {
		b.fault = during(op, func(fake.Call) error {
			other := b.open()
			defer other.close()
			removed, err := other.Sweep(t.Context(), false)
			if len(removed) > 0 {
				t.Errorf("%s: removed %q", op, removed)
			}
			return err
		})
		b.build(three, build.Options{NoCache: true}).must(build.Built)
	}
}
