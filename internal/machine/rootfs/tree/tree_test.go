package tree

import (
	"archive/tar"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// item is an entry of an archive under test.
type item struct {
	tar.Header
	content string
}

func file(name, content string) item {
	return item{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}, content}
}

func directory(name string) item {
	return item{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func symlink(name, target string) item {
	return item{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, ""}
}

func hardlink(name, target string) item {
	return item{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, ""}
}

func device(kind byte, name string, major, minor int64) item {
	return item{tar.Header{Typeflag: kind, Name: name, Mode: 0o666, Devmajor: major, Devminor: minor}, ""}
}

func (i item) with(pax ...string) item {
	i.PAXRecords = map[string]string{}
	for n := 0; n < len(pax); n += 2 {
		i.PAXRecords[pax[n]] = pax[n+1]
	}
	return i
}

// tarball makes an archive; files get the present user as their owner, so that
// tests need no root.
func tarball(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := i.Header
		h.Uid, h.Gid = os.Getuid(), os.Getgid()
		h.ModTime = time.Unix(1700000000, 0)
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(i.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("root is missing: owners, device nodes and mounts are tested here")
	}
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sample makes a tree with one of each kind of thing.
func sample(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sample")
	p := func(n string) string { return filepath.Join(dir, n) }
	write(t, p("etc/passwd"), "root:x:0:0::/root:/bin/sh\n", 0o644)
	write(t, p("etc/shadow"), "root:*:::::::\n", 0o600)
	write(t, p("etc/empty"), "", 0o444)
	write(t, p("usr/bin/su"), "#!", 0o755)
	must(t, os.Chmod(p("usr/bin/su"), 0o755|fs.ModeSetuid))
	write(t, p("usr/bin/large"), strings.Repeat("0123456789abcdef", 20000), 0o755)
	must(t, os.Link(p("usr/bin/su"), p("usr/bin/zu")))
	must(t, os.Link(p("usr/bin/su"), p("etc/a-su")))
	must(t, os.Symlink("usr/bin", p("bin")))
	must(t, os.Symlink("/nowhere/at/all", p("etc/dangling")))
	must(t, unix.Mkfifo(p("etc/pipe"), 0o620))
	write(t, p("strange/a b\n\"\u00e9\xff"), "x", 0o640)
	write(t, p("strange/"+strings.Repeat("long", 60)), "y", 0o640)
	write(t, p("deep/"+strings.Repeat("directory/", 20)+"file"), "z", 0o640)
	must(t, os.MkdirAll(p("tmp"), 0o755))
	must(t, os.Chmod(p("tmp"), 0o777|fs.ModeSticky))
	must(t, os.MkdirAll(p("var/mail"), 0o755))
	must(t, os.Chmod(p("var/mail"), 0o775|fs.ModeSetgid))
	sparse, err := os.Create(p("var/sparse"))
	must(t, err)
	_, err = sparse.WriteAt([]byte("end"), 3<<20)
	must(t, err)
	must(t, sparse.Close())
	must(t, unix.Setxattr(p("etc/passwd"), "user.note", []byte("a\x00b"), 0))
	if os.Geteuid() == 0 {
		must(t, unix.Mkdir(p("dev"), 0o755))
		must(t, unix.Mknod(p("dev/null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))))
		must(t, unix.Mknod(p("dev/loop0"), unix.S_IFBLK|0o660, int(unix.Mkdev(7, 0))))
		must(t, os.Lchown(p("etc/dangling"), 3, 4))
		must(t, os.Chown(p("var/mail"), 8, 12))
		must(t, os.Chmod(p("var/mail"), 0o775|fs.ModeSetgid))
		// cap_net_raw+ep
		must(t, unix.Setxattr(p("usr/bin/large"), "security.capability", []byte{1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0))
		must(t, unix.Setxattr(p("var/mail"), "trusted.note", []byte("dir"), 0))
	}
	at := time.Unix(1600000000, 123456789)
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		return os.Chtimes(path, at, at)
	}))
	return dir
}

func listing(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, List(t.Context(), dir, &b, ListOptions{}))
	return b.String()
}

func same(t testing.TB, what, want, got string) {
	t.Helper()
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// blocked returns the bytes that a file takes on disk.
func blocked(t testing.TB, path string) int64 {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Lstat(path, &st))
	return st.Blocks * 512
}

// names lists a directory without its order.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func cancelled() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	return ctx
}
