package rootfs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

func TestConformance(t *testing.T) {
	needMachines(t)
	archives := [2]string{tiny(t, nil), tiny(t, map[string]string{"etc/variant": "1"})}
	machinetest.Run(t, machinetest.Options{
		Kind: KindName,
		User: "worker",
		New: func(t testing.TB, home string, variant int) machine.Builder {
			b, err := New(Config{Archive: archives[variant]}, Deps{State: filepath.Join(home, "state")})
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		Leftovers: leftovers,
	})
}

// leftovers lists what machines make on a host outside of their home.
func leftovers(t testing.TB, home string) []string {
	t.Helper()
	found := machinetest.Host(t, home)
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if name := l.Attrs().Name; strings.HasPrefix(name, "pm") {
			found = append(found, "link "+name)
		}
	}
	for _, dir := range []string{"/run/netns", "/run/systemd/nspawn/propagate", "/run/systemd/nspawn/locks"} {
		entries, err := os.ReadDir(dir)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, e := range entries {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return append(append(found, tables(t)...), groups(t)...)
}

func tables(t testing.TB) []string {
	out, err := exec.Command("nft", "list", "tables").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "table inet pm") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func groups(t testing.TB) []string {
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/pm*", "/sys/fs/cgroup/*/pm*", "/sys/fs/cgroup/*/*/pm*"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, dirs...)
	}
	return found
}
