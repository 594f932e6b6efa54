package probe

import (
<<<<<<< HEAD
	"os"
	"path/filepath"
=======
>>>>>>> flow
	"testing"

	"github.com/google/go-cmp/cmp"
)

<<<<<<< HEAD
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
=======
// TestEtcOfTheImage: what each machine has of its own is no difference between two
// images.
func TestEtcOfTheImage(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"etc/machine-id": "0123", "etc/motd": "hello", "etc/link": "-> motd", "etc/sub/machine-id": "x"})
	got := one[Inventory](t, root, Question{Kind: KindInventory}).Etc
	want := map[string]string{"/etc/motd": sum256("hello"), "/etc/link": "-> motd", "/etc/sub/machine-id": sum256("x")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	mounts := []mountEntry{{point: "/"}, {point: "/etc/resolv.conf"}}
	for name, want := range map[string]bool{"/etc/resolv.conf": true, "/etc/hosts": false, "/etc/machine-id": true} {
		if ofMachine(name, mounts) != want {
			t.Errorf("%s is of the machine: %v", name, !want)
>>>>>>> flow
		}
	}
}
