package probe

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

// TestAgreement compares what the probe says of a Debian tree with what the
// programs say that keep these records.
func TestAgreement(t *testing.T) {
	t.Parallel()
	dir := probetest.Tree(t)
	t.Run("unit states", func(t *testing.T) { agreeUnits(t, dir) })
	t.Run("packages", func(t *testing.T) { agreePackages(t, dir) })
}

func agreeUnits(t *testing.T, dir string) {
	if _, err := exec.LookPath("systemctl"); err != nil {
		t.Skip("needs systemctl")
	}
	out, err := exec.Command("systemctl", "--root="+dir, "list-unit-files", "--no-legend", "--plain").Output()
	if err != nil {
		t.Fatal(err)
	}
	v := newView(NewProber(dir), nil)
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

func agreePackages(t *testing.T, dir string) {
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
