package machine_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// withoutTar is a machine that has some programs, and tar is none of them.
func withoutTar(t *testing.T, programs ...string) local {
	t.Helper()
	dir := t.TempDir()
	for _, p := range programs {
		path, err := exec.LookPath(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, p)); err != nil {
			t.Fatal(err)
		}
	}
	return local{path: dir}
}

func TestTreesWithoutTar(t *testing.T) {
	t.Parallel()
	c := withoutTar(t, "mkdir", "ln", "find", "readlink", "sh")
	src, dst, back := t.TempDir(), filepath.Join(t.TempDir(), "dst"), filepath.Join(t.TempDir(), "back")
	plant(t, src, map[string]string{
		"bin/run": "#!/bin/sh\n", "etc/a b.txt": "text", "etc/empty/": "", "link": "->bin/run", "it's $HOME": "odd", "-n": "dash", "none": "",
	})
	if err := machine.PutTree(t.Context(), c, src, dst, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"bin/": "755", "bin/run": "755 #!/bin/sh\n", "etc/": "755", "etc/a b.txt": "644 text", "etc/empty/": "755",
		"link": "->bin/run", "it's $HOME": "644 odd", "-n": "644 dash", "none": "644 ",
	}
	if d := cmp.Diff(want, list(t, dst)); d != "" {
		t.Error(d)
	}
	if err := machine.PutTree(t.Context(), c, src, dst, machine.Transfer{}); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := machine.GetTree(t.Context(), c, dst, back, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, list(t, back)); d != "" {
		t.Error(d)
	}
	some := filepath.Join(t.TempDir(), "some")
	if err := machine.GetTree(t.Context(), c, dst+"/-*", some, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"-n": "644 dash"}, list(t, some)); d != "" {
		t.Error(d)
	}
	if err := machine.GetTree(t.Context(), c, dst+"/nothing", some, machine.Transfer{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestTreesWithoutTools(t *testing.T) {
	t.Parallel()
	c := withoutTar(t, "mkdir")
	src := t.TempDir()
	plant(t, src, map[string]string{"link": "->file", "file": "text"})
	if err := machine.PutTree(t.Context(), c, src, filepath.Join(t.TempDir(), "dst"), machine.Transfer{}); err == nil || !strings.Contains(err.Error(), "make links") {
		t.Errorf("%v", err)
	}
	if err := machine.GetTree(t.Context(), c, src, t.TempDir(), machine.Transfer{}); err == nil || !strings.Contains(err.Error(), "has no tar program") {
		t.Errorf("%v", err)
	}
	broken := withoutTar(t, "find", "readlink", "sh")
	plant(t, src, map[string]string{"line\nbreak": "text"})
	if err := machine.GetTree(t.Context(), broken, src, t.TempDir(), machine.Transfer{}); err == nil || !strings.Contains(err.Error(), "line break") {
		t.Errorf("%v", err)
	}
}
