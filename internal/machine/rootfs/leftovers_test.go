package rootfs

import (
	"errors"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// leftovers lists what of the machines with these tags, or of home, is on the
// host: other tests run machines at the same time.
func leftovers(t testing.TB, home string, tags []string) []string {
	t.Helper()
	found := machinetest.Host(t, home, tags)
	if inUserNamespace() {
		return found // all else needs root
	}
	for _, s := range named(t) {
		if slices.ContainsFunc(tags, func(tag string) bool { return strings.Contains(s, tag) }) {
			found = append(found, s)
		}
	}
	return found
}

// named lists what has a name on this host and could be a machine's.
func named(t testing.TB) []string {
	t.Helper()
	var found []string
	links, err := netlink.LinkList()
	for errors.Is(err, netlink.ErrDumpInterrupted) { // others come and go
		links, err = netlink.LinkList()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		found = append(found, "link "+l.Attrs().Name)
	}
	for _, pattern := range []string{"/run/netns/*", "/run/systemd/nspawn/*/*", "/run/systemd/machines/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, paths...)
	}
	err = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() { // else it went away meanwhile
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("nft", "list", "tables").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		found = append(found, strings.TrimSpace(line))
	}
	return found
}

// TestLeftovers: what a machine of the same host has is seen by its tags, and not
// without them.
func TestLeftovers(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	r.sh(0, "true")
	if got := leftovers(t, t.TempDir(), nil); len(got) > 0 {
		t.Errorf("another's machine counts: %q", got)
	}
	got := strings.Join(leftovers(t, t.TempDir(), r.tags.List()), "\n")
	for _, want := range []string{"mount ", "process ", "link ", "/run/netns/", "/sys/fs/cgroup/", "table inet "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
