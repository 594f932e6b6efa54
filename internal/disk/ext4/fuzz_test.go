package ext4

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzFill feeds whatever bytes to a small file system: it never panics, and what it
// takes e2fsck finds nothing wrong with.
func FuzzFill(f *testing.F) {
	for _, name := range []string{"a", "./a/b", "../x", "lost+found/x", "a//b", ""} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755})
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755})
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: 1, PAXRecords: map[string]string{paxXattr + "user.x": "y"}})
		_, _ = io.WriteString(w, "x")
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeLink, Name: "l", Linkname: name})
		_ = w.Close()
		f.Add(b.Bytes())
	}
	for _, tree := range [][]file{
		{folder("./"), attributes("d/", tar.TypeDir, map[string]string{"user.x": strings.Repeat("v", 300)}), folder("d/"), folder("./")},
		{folder("./"), linkTo("l", strings.Repeat("x", 100)), {Header: tar.Header{Typeflag: tar.TypeLink, Name: "m", Linkname: "l"}}},
		{folder("./"), {Header: tar.Header{Typeflag: tar.TypeBlock, Name: "b", Devmajor: 300, Devminor: 70_000}}, regular("r", noise(70_000))},
	} {
		f.Add(archive(f, tree...))
	}
	made := filepath.Join(f.TempDir(), "made")
	if err := os.WriteFile(made, nil, 0o600); err != nil {
		f.Fatal(err)
	}
	if err := os.Truncate(made, 16<<20); err != nil {
		f.Fatal(err)
	}
	err := Make(f.Context(), Format{File: made, Blocks: 16 << 20 / BlockSize, UUID: "6d0e3b0c-1c0a-4b8e-9f00-000000000001", Time: testTime})
	if err != nil {
		f.Skip(err)
	}
	empty, err := os.ReadFile(made)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		file, err := os.Create(filepath.Join(t.TempDir(), "disk"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.Write(empty); err != nil {
			t.Fatal(err)
		}
		fs, err := Open(file, 0)
		if err != nil {
			t.Fatal(err)
		}
		if fs.Fill(bytes.NewReader(stream)) != nil {
			return
		}
		checkWhole(t, file.Name())
	})
}
