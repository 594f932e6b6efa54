package rootfs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// leftovers lists what machines leave on a host outside of their home. Machines
// of other builds on the same host are left out: those that run, and those that
// come and go while this looks.
func leftovers(t testing.TB, home string) []string {
	t.Helper()
	unclaimed := tagged(t)
	for range 20 {
		if len(unclaimed) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
		now := tagged(t)
		unclaimed = slices.DeleteFunc(unclaimed, func(s string) bool { return !slices.Contains(now, s) })
	}
	return append(machinetest.Host(t, home), unclaimed...)
}

var tagForm = regexp.MustCompile(`pm[a-z2-7]{10}`)

// tagged lists what carries a tag that no running machine has.
func tagged(t testing.TB) []string {
	t.Helper()
	var found []string
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		found = append(found, "link "+l.Attrs().Name)
	}
	for _, pattern := range []string{
		"/run/netns/*", "/run/systemd/nspawn/*/*", "/sys/fs/cgroup/pm*", "/sys/fs/cgroup/*/pm*", "/sys/fs/cgroup/*/*/pm*",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, paths...)
	}
	out, err := exec.Command("nft", "list", "tables").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		found = append(found, strings.TrimSpace(line))
	}
	running := tagsOf(t)
	return slices.DeleteFunc(found, func(s string) bool {
		tag := tagForm.FindString(s)
		return tag == "" || running[tag]
	})
}

// tagsOf returns the tags in the command lines of all processes, and those of the
// control groups that these are in.
func tagsOf(t testing.TB) map[string]bool {
	tags := map[string]bool{}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		line, _ := os.ReadFile(filepath.Join(p, "cmdline"))
		if !strings.Contains(string(line), "systemd-nspawn") {
			continue
		}
		group, _ := os.ReadFile(filepath.Join(p, "cgroup"))
		for _, tag := range tagForm.FindAllString(string(line)+string(group), -1) {
			tags[tag] = true
		}
	}
	return tags
}
