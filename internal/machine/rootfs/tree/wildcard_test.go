package tree

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestSealWildcards: what a wildcard stands for may be a link that leads anywhere in
// the tree. Only where the path ends with a name is it what was meant.
func TestSealWildcards(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"offline", "by script"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			needDisk(t, dir)
			for _, f := range []string{"etc/passwd", "etc/deep/file", "var/log/app/log", "var/log/app/deep/log", "srv/someone/.bash_history", "srv/someone/notes"} {
				write(t, filepath.Join(dir, f), "text", 0o644)
			}
			for name, target := range map[string]string{
				"var/log/all": "../../etc", "var/log/app/all": "../../../etc", "var/log/one": "../../etc/passwd", "home/someone": "../srv/someone",
			} {
				must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
				must(t, os.Symlink(target, filepath.Join(dir, name)))
			}
			rules := machine.SealRules(nil)
			if how == "offline" {
				must(t, Seal(t.Context(), dir, rules))
			} else {
				for i := range rules {
					rules[i] = below(dir, rules[i])
				}
				cmd := exec.Command("sh", "-s")
				cmd.Stdin = strings.NewReader(machine.SealScript(rules))
				if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			for f, want := range map[string]string{
				"etc/passwd": "text", "etc/deep/file": "text", "srv/someone/notes": "text", "var/log/app/log": "", "var/log/app/deep/log": "",
			} {
				if got, err := os.ReadFile(filepath.Join(dir, f)); err != nil || string(got) != want {
					t.Errorf("%s holds %q, %v, want %q", f, got, err, want)
				}
			}
			if _, err := os.Lstat(filepath.Join(dir, "srv/someone/.bash_history")); err == nil {
				t.Error("a history in a home that is a link is still there")
			}
		})
	}
}
