package probe

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEtcOfTheImage: what each machine has of its own is no difference between two
// images.
func TestEtcOfTheImage(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"etc/machine-id": "0123", "etc/motd": "hello", "etc/link": "-> motd", "etc/sub/machine-id": "x",
		"etc/ssh/ssh_host_rsa_key": "k", "etc/ssh/ssh_host_rsa_key.pub": "k", "etc/dropbear/dropbear_rsa_host_key": "k", "etc/ssh/sshd_config": "c"})
	got := one[Inventory](t, root, Question{Kind: KindInventory}).Etc
	want := map[string]string{"/etc/motd": sum256("hello"), "/etc/link": "-> motd", "/etc/sub/machine-id": sum256("x"), "/etc/ssh/sshd_config": sum256("c")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	mounts := []mountEntry{{point: "/"}, {point: "/etc/resolv.conf"}}
	for name, want := range map[string]bool{"/etc/resolv.conf": true, "/etc/hosts": false, "/etc/machine-id": true} {
		if ofMachine(name, mounts) != want {
			t.Errorf("%s is of the machine: %v", name, !want)
		}
	}
}
