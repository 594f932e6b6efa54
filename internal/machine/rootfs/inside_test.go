package rootfs

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInside: no name and no link leads out of the tree.
func TestInside(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "tree")
	secret := filepath.Join(top, "secret")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "etc", "sub"), 0o755), os.WriteFile(secret, []byte("secret"), 0o600),
		os.Symlink("/etc/real", filepath.Join(dir, "absolute")), os.Symlink("../../../../etc/real2", filepath.Join(dir, "etc", "up")),
		os.Symlink(secret, filepath.Join(dir, "out")), os.Symlink("../../../secret", filepath.Join(dir, "etc", "out")),
		os.Symlink("/etc", filepath.Join(dir, "conf")), os.Symlink("sub/../../conf/chain2", filepath.Join(dir, "etc", "chain")),
		os.Symlink("loop", filepath.Join(dir, "loop")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	in, err := openInside(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for name, lands := range map[string]string{
		"/absolute": "etc/real", "/etc/up": "etc/real2", "/conf/x": "etc/x", "../../../y": "y", "/etc/chain": "etc/chain2",
	} {
		if err := in.put(name, 0o640, strings.NewReader(name)); err != nil {
			t.Errorf("put %s: %v", name, err)
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, lands))
		if string(text) != name || err != nil {
			t.Errorf("put %s: %s holds %q, %v", name, lands, text, err)
		}
		var b bytes.Buffer
		if err := in.get(name, &b); err != nil || b.String() != name {
			t.Errorf("get %s: %q, %v", name, b.String(), err)
		}
	}
	for _, name := range []string{"/out", "/etc/out"} {
		var b bytes.Buffer
		if err := in.get(name, &b); err == nil {
			t.Errorf("get %s: %q", name, b.String())
		}
		_ = in.put(name, 0o644, strings.NewReader("overwritten"))
	}
	large := filepath.Join(dir, "large") // of one hole
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, 1<<40)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.read("/large"); err == nil || !strings.Contains(err.Error(), "larger than 64 MiB") {
		t.Errorf("a file of 1 TiB: %v", err)
	}
	if text, _ := os.ReadFile(secret); string(text) != "secret" {
		t.Errorf("a file outside of the tree became %q", text)
	}
	if err := in.put("/loop", 0o644, strings.NewReader("x")); err == nil {
		t.Error("put into a loop of links")
	}
	if err := in.get("/never", &bytes.Buffer{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("get of nothing: %v", err)
	}
	if err := in.put("/etc", 0o644, strings.NewReader("x")); err == nil {
		t.Error("put over a directory")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", ".proofmark*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
