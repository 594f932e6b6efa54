package probe

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two machines of one image have the same inventory of /etc.
func TestInventoryEtc(t *testing.T) {
	t.Parallel()
	etc := func(machineID string) map[string]string {
		root := t.TempDir()
		dir := filepath.Join(root, "etc", "deep")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"etc/motd": "hello", "etc/deep/machine-id": "stays", "etc/machine-id": machineID} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("../motd", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		return one[Inventory](t, root, Question{Kind: KindInventory}).Etc
	}
	want := map[string]string{"/etc/motd": sum256("hello"), "/etc/deep/machine-id": sum256("stays"), "/etc/deep/link": "-> ../motd"}
	for _, id := range []string{"", "0123456789abcdef0123456789abcdef\n"} {
		if d := cmp.Diff(want, etc(id)); d != "" {
			t.Error(d)
		}
	}
}
