package tree

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxMemory is what a capture may take, in kilobytes, whatever the size of the
// tree.
const maxMemory = 60 << 10

// TestMemory runs itself in a process of its own, which tells its peak.
func TestMemory(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("the race detector takes several times the memory")
	}
	if dir := os.Getenv("TREE_TEST_MEMORY"); dir != "" {
		_, err := CaptureTar(t.Context(), filepath.Join(dir, "src"), filepath.Join(dir, "out"), CaptureOptions{})
		must(t, err)
		_, err = CaptureOCI(t.Context(), []string{filepath.Join(dir, "src")}, filepath.Join(dir, "oci"), OCIOptions{Gzip: true})
		must(t, err)
		must(t, os.Mkdir(filepath.Join(dir, "to"), 0o755))
		_, err = UnpackFile(t.Context(), filepath.Join(dir, "out"), filepath.Join(dir, "to"), UnpackOptions{})
		must(t, err)
		// Not rusage: that counts the parent's memory before exec.
		status, err := os.ReadFile("/proc/self/status")
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "status"), status, 0o644))
		return
	}
	dir := t.TempDir()
	for i := range 20 {
		write(t, filepath.Join(dir, "src", string(rune('a'+i)), "noise"), string(noise(1<<20)), 0o644)
		for j := range 100 {
			write(t, filepath.Join(dir, "src", string(rune('a'+i)), "small", string(rune('0'+j))), string(noise(20<<10)), 0o644)
		}
	}
	f, err := os.Create(filepath.Join(dir, "src", "large"))
	must(t, err)
	must(t, f.Truncate(400<<20))
	must(t, f.Close())
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemory$")
	cmd.Env = append(os.Environ(), "TREE_TEST_MEMORY="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	must(t, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var peak int
	if _, err := fmt.Sscan(rest, &peak); err != nil {
		t.Fatal(err)
	}
	t.Logf("peak memory %d kB", peak)
	if peak > maxMemory {
		t.Errorf("capture and unpack take %d kB, at most %d kB are right", peak, maxMemory)
	}
}
