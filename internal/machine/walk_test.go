package machine

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStaysInside(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, target string
		want         bool
	}{
		{"l", "a", true},
		{"l", "./a/b", true},
		{"l", ".", true},
		{"d/l", "../a", true},
		{"d/e/l", "../../a", true},
		{"l", "../a", false},
		{"d/l", "../../a", false},
		{"d/l", "a/../b", false}, // a may be a link to somewhere deeper or higher
		{"l", "/a", false},
		{"l", "", false},
		{"l", "..a", true},
	} {
		if got := staysInside(tt.name, tt.target); got != tt.want {
			t.Errorf("%s -> %s: %v", tt.name, tt.target, got)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":          "''",
		"/tmp/a-b":  "/tmp/a-b",
		"a b":       "'a b'",
		"it's $HOM": `'it'"'"'s $HOM'`,
		"~":         "'~'",
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

// FuzzReceive checks that whatever a machine sends, nothing outside of the
// destination is written, and no link that leads out of it is made.
func FuzzReceive(f *testing.F) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []*tar.Header{
		{Typeflag: tar.TypeReg, Name: "a/b", Size: 1, Mode: 0o755},
		{Typeflag: tar.TypeSymlink, Name: "a/l", Linkname: "../a/b"},
		{Typeflag: tar.TypeLink, Name: "h", Linkname: "a/b"},
		{Typeflag: tar.TypeReg, Name: "../x"},
	} {
		if err := w.WriteHeader(h); err != nil {
			f.Fatal(err)
		}
		if h.Size > 0 {
			w.Write([]byte("x"))
		}
	}
	w.Close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, stream []byte) {
		top := t.TempDir()
		dst := filepath.Join(top, "d", "dst")
		err := receiveTree(bytes.NewReader(stream), dst, "", func(int64) {}, func(string, ...any) {})
		for _, dir := range []string{top, filepath.Dir(dst)} {
			if e, _ := os.ReadDir(dir); len(e) != 1 {
				t.Fatalf("wrote beside the destination: %v", e)
			}
		}
		if err != nil {
			return
		}
		// A root refuses to follow what leads out of it; nothing in it may.
		root, err := os.OpenRoot(dst)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type() == fs.ModeSymlink {
				_, err = root.Stat(name)
				if err != nil && strings.Contains(err.Error(), "escapes") {
					t.Errorf("%s: %v", name, err)
				}
			}
			return nil
		})
	})
}
