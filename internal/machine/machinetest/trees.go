package machinetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// testTrees: this is what the transfer of trees makes of a communicator's Run.
func testTrees(t *testing.T, c inside) {
	if c.exit("command -v tar >/dev/null") != 0 {
		return // tested with a machine that has it
	}
	src, dst := t.TempDir(), filepath.Join(t.TempDir(), "dst")
	want := map[string]string{"a b/c": "text", "top": string(make([]byte, 300<<10)), "a b/deep/er/x": "\x00\n"}
	for name, text := range want {
		file := filepath.Join(src, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := machine.PutTree(t.Context(), c, src, c.at("tree"), machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	if err := machine.GetTree(t.Context(), c, c.at("tree"), dst, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(dst, name)); string(got) != text || err != nil {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(text))
		}
	}
}
