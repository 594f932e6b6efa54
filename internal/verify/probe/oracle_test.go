package probe

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// base returns a Debian tree with systemd in it, which is only read.
func base(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PROOFMARK_TEST_BASE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "build", "base")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "usr/lib/systemd/systemd")); err != nil {
		t.Skipf("needs a tree with systemd at build/base or $PROOFMARK_TEST_BASE: %v", err)
	}
	return dir
}

// TestUnitStatesAgree compares the state of every unit file with what systemctl says.
func TestUnitStatesAgree(t *testing.T) {
	t.Parallel()
	dir := base(t)
	if _, err := exec.LookPath("systemctl"); err != nil {
		t.Skip("needs systemctl")
	}
	out, err := exec.Command("systemctl", "--root="+dir, "list-unit-files", "--no-legend", "--plain").Output()
	if err != nil {
		t.Fatal(err)
	}
	v := newView(dir, nil)
	n := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n++
		if got := v.unitFiles().state(f[0]); got != f[1] {
			t.Errorf("%s is %q, and systemctl says %q", f[0], got, f[1])
		}
	}
	if n < 100 {
		t.Errorf("systemctl lists %d units only", n)
	}
}

// TestPackagesAgree compares the package list with dpkg-query's.
func TestPackagesAgree(t *testing.T) {
	t.Parallel()
	dir := base(t)
	if _, err := exec.LookPath("dpkg-query"); err != nil {
		t.Skip("needs dpkg-query")
	}
	out, err := exec.Command("dpkg-query", "--admindir="+dir+"/var/lib/dpkg", "-W", "-f", "${Package} ${Version} ${Architecture}\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	inv := one[Inventory](t, dir, Question{Kind: KindInventory})
	var got strings.Builder
	for _, p := range inv.Packages {
		got.WriteString(p.Name + " " + p.Version + " " + p.Arch + "\n")
	}
	if got.String() != string(out) {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), out)
	}
	if inv.Arch == "" || !strings.Contains(inv.OS, "Debian") || len(inv.Etc) < 100 || len(inv.Users) < 5 {
		t.Errorf("os %q, arch %q, %d files in /etc, %d users", inv.OS, inv.Arch, len(inv.Etc), len(inv.Users))
	}
	if sum := inv.Etc["/etc/debian_version"]; len(sum) != 64 {
		t.Errorf("digest %q", sum)
	}
}
