package rootfs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func TestLayers(t *testing.T) {
	t.Parallel()
	l := layers{filepath.Join(t.TempDir(), "layers")}
	fill := func(tree string) (bool, error) { return true, os.Mkdir(tree, 0o755) }
	make := func(id string, below []string, fill func(string) (bool, error)) {
		t.Helper()
		if err := l.make(id, below, fill); err != nil {
			t.Fatal(err)
		}
	}
	chain := func(id string) []string {
		t.Helper()
		c, err := l.chain(id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	make("a", nil, fill)
	make("b", chain("a"), fill)
	make("empty", chain("b"), func(string) (bool, error) { return false, nil })
	make("c", chain("empty"), fill)
	if got := chain("c"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("chain = %v", got)
	}
	if got := chain("empty"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("chain of an empty layer = %v", got)
	}
	if fi, err := os.Stat(l.path("a")); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("others may read a layer: %v, %v", fi.Mode(), err)
	}

	gone := func(id, why string) {
		t.Helper()
		if c, err := l.chain(id); !errors.Is(err, machine.ErrGone) {
			t.Errorf("%s: chain = %v, %v, want that it is gone", why, c, err)
		}
	}
	boom := errors.New("boom")
	if err := l.make("half", nil, func(string) (bool, error) { return false, boom }); !errors.Is(err, boom) {
		t.Errorf("err = %v", err)
	}
	gone("half", "never finished")
	gone("never", "never made")
	for _, id := range []string{"", "..", "../layers/a", "a/../a", ".", "a\x00"} {
		gone(id, "no name of a layer")
		if err := l.remove(id); err != nil {
			t.Errorf("remove %q: %v", id, err)
		}
	}
	if err := l.remove("b"); err != nil {
		t.Fatal(err)
	}
	gone("c", "one below is gone")
	if err := os.WriteFile(filepath.Join(l.path("a"), noteFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone("a", "a note that is cut short")
}

// TestLayerAfterCrash: what may not have reached the disk is not trusted after
// the host went down.
func TestLayerAfterCrash(t *testing.T) {
	t.Parallel()
	l := layers{filepath.Join(t.TempDir(), "layers")}
	if err := l.make("a", nil, func(tree string) (bool, error) { return true, os.Mkdir(tree, 0o755) }); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(l.path("a"), noteFile)
	if err := os.WriteFile(note, []byte(`{"boot":"an earlier one"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.chain("a"); !errors.Is(err, machine.ErrGone) {
		t.Errorf("err = %v, want that it is gone", err)
	}
	if err := l.sync("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.chain("a"); err != nil {
		t.Errorf("a layer that was synced: %v", err)
	}
}
