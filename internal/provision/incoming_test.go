package provision

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestIncomingIsFound: what a killed download left beside its destination is found
// by the step's tag, and nothing else is.
func TestIncomingIsFound(t *testing.T) {
	tmp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	left := func(dir string) (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	make := func(tag string) string {
		name, _, err := incoming(tag, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Mkdir(name, 0o700), os.WriteFile(filepath.Join(name, "file"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		return filepath.Base(name)
	}
	make("pmours")
	theirs := make("pmtheirs")
	if _, _, err := incoming("pmours", dir); err != nil { // killed before it was made
		t.Fatal(err)
	}
	precious := filepath.Join(dir, "precious")
	evil := filepath.Join(tmp, TempPrefix("pmours")+"1"+noteSuffix)
	if err := errors.Join(os.WriteFile(precious, nil, 0o600), os.WriteFile(evil, []byte(precious), 0o600)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := RemoveTemp(tmp, "pmours"); err != nil {
			t.Fatal(err)
		}
	}
	if got := left(dir); !slices.Equal(got, []string{theirs, "precious"}) {
		t.Errorf("left %q", got)
	}
	if got := left(tmp); len(got) != 1 {
		t.Errorf("left notes %q", got)
	}
	name, forget, err := incoming("pmdone", dir)
	if err != nil || filepath.Dir(name) != dir {
		t.Fatal(name, err)
	}
	if err := forget(); err != nil {
		t.Error(err)
	}
	if got := left(tmp); len(got) != 1 {
		t.Errorf("left notes %q", got)
	}
}
