package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFmtKeepsTheFile: it has its links, its owner and its mode afterwards.
func TestFmtKeepsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.pkr.hcl"), filepath.Join(dir, "b")
	if err := os.WriteFile(path, []byte("locals   {\na   = 1\n}\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 12345, 54321); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("proofmark", "fmt", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
	if !os.SameFile(before, after) || was.Uid != is.Uid || was.Gid != is.Gid || before.Mode() != after.Mode() || is.Nlink != 2 {
		t.Errorf("was %+v, is %+v", was, is)
	}
	const want = "locals {\n  a = 1\n}\n"
	if text, err := os.ReadFile(link); err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
	names, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(names) > 0 {
		t.Errorf("%v is left, %v", names, err)
	}
}

// TestFmtWithoutRoom: on a full disk, and in a directory that cannot be written, a file
// is written whole or stays as it was.
func TestFmtWithoutRoom(t *testing.T) {
	t.Parallel()
	if err := exec.Command("unshare", "--mount", "true").Run(); err != nil {
		t.Skipf("mounts a small file system: needs root and unshare: %v", err)
	}
	for name, tt := range map[string]struct {
		mount, fill, want string
		status            int
	}{
		"full":      {"size=8k", "head -c 1000000 /dev/zero > full 2>/dev/null", "same", 1},
		"room":      {"size=64k", "true", "changed", 0},
		"no inodes": {"size=64k,nr_inodes=2", "true", "changed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := `
mount -t tmpfs -o ` + tt.mount + ` none "$1" && cd "$1" || exit 9
cp "$TMPDIR/before" a.pkr.hcl
` + tt.fill + `
proofmark fmt a.pkr.hcl; status=$?
if cmp -s a.pkr.hcl "$TMPDIR/before"; then echo same; elif proofmark fmt -check a.pkr.hcl; then echo changed; else echo broken; fi
ls -A | grep -v -e '^a.pkr.hcl$' -e '^full$'
exit $status`
			cmd := exec.Command("unshare", "--mount", "sh", "-c", script, "sh", t.TempDir())
			tmp := t.TempDir()
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
			// It fills a page, and would need another one.
			text := strings.Repeat("locals {\nv=1\n}\n", 250) + "#"
			text += strings.Repeat("x", 4096-len(text)-len("\n")) + "\n"
			if err := os.WriteFile(filepath.Join(tmp, "before"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, _ := cmd.CombinedOutput()
			if !strings.HasSuffix(string(out), tt.want+"\n") || cmd.ProcessState.ExitCode() != tt.status {
				t.Errorf("%v\n%s", cmd.ProcessState, out)
			}
		})
	}
}
