package disk

import (
	"os"
	"path/filepath"
	"testing"
)

// oddPlace is a directory whose name the programs of the host could take for something
// else: options, offsets, another protocol, a pattern.
const oddPlace = "-o odd,, fmt=raw:x?offset=5 [y]* 'é\"%d\\n"

// TestOddPlaces makes a disk in all forms where paths are read in more than one way.
func TestOddPlaces(t *testing.T) {
	t.Parallel()
	needDisks(t)
	dir := filepath.Join(t.TempDir(), oddPlace)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	raw := filepath.Join(dir, "disk.raw")
	if err := Write(t.Context(), small(), both, Form{Format: Raw}, raw); err != nil {
		t.Fatal(err)
	}
	if got, want := sum(t, raw), sum(t, write(t, both)); got != want {
		t.Error("the disk depends on where it is made")
	}
	for _, format := range Formats() {
		out := filepath.Join(dir, "disk."+format)
		if format == Raw {
			continue
		}
		if err := produce(t.Context(), raw, out, Form{Format: format}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != len(Formats()) {
		t.Errorf("there are %v, %v", left, err)
	}
}

func sum(t *testing.T, name string) string {
	t.Helper()
	got, err := Sum(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// TestPlainPath: shells of ordinary users do not look into /usr/sbin.
func TestPlainPath(t *testing.T) {
	needDisks(t)
	t.Setenv("PATH", "/usr/bin:/bin")
	if err := Write(t.Context(), small(), both, Form{Format: Raw}, filepath.Join(t.TempDir(), "disk.raw")); err != nil {
		t.Fatal(err)
	}
}
