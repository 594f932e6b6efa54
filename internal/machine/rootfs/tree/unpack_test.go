package tree

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"golang.org/x/sys/unix"
)

// unpackInto unpacks into a new directory beside a file that must stay as it is,
// and returns the tree's directory.
func unpackInto(t testing.TB, archive []byte, o UnpackOptions) (string, error) {
	t.Helper()
	outer := t.TempDir()
	write(t, filepath.Join(outer, "canary"), "untouched", 0o600)
	dir := filepath.Join(outer, "tree")
	must(t, os.Mkdir(dir, 0o755))
	_, err := Unpack(t.Context(), bytes.NewReader(archive), dir, o)
	if n := names(t, outer); len(n) != 2 {
		t.Errorf("something was made outside of the tree: %q", n)
	}
	if b, err := os.ReadFile(filepath.Join(outer, "canary")); err != nil || string(b) != "untouched" {
		t.Errorf("the file outside of the tree was changed: %q, %v", b, err)
	}
	return dir, err
}

// hostile are archives that must be refused, with what the error says.
func hostile(t testing.TB) map[string]struct {
	archive []byte
	want    string
} {
	gz := compressed(t, "gz", tarball(t, file("a", strings.Repeat("some content ", 10000))))
	plain := tarball(t, file("a", "some content"), file("b", "more"))
	return map[string]struct {
		archive []byte
		want    string
	}{
		"dot dot":                {tarball(t, file("../canary", "x")), `entry "../canary": has ".." in its name`},
		"dot dot inside":         {tarball(t, file("a/../../canary", "x")), `".."`},
		"hard link outside":      {tarball(t, hardlink("a", "../canary"), file("a", "x")), `".."`},
		"hard link to nothing":   {tarball(t, hardlink("a", "nosuch")), `entry "a": is a hard link to "nosuch", which is not in the archive before it`},
		"hard link by link":      {tarball(t, symlink("up", ".."), hardlink("a", "up/canary")), "not in the archive"},
		"file below a file":      {tarball(t, file("a", "x"), file("a/b", "x")), "a is not a directory"},
		"link to nowhere":        {tarball(t, symlink("a", "/no/such"), file("a/b", "x")), "a is a link to nowhere"},
		"link to itself":         {tarball(t, symlink("a", "a"), file("a/b", "x")), "too many levels"},
		"device":                 {tarball(t, device(tar.TypeBlock, "sda", 8, 0)), "device node (8:0) outside of /dev"},
		"device in a dev":        {tarball(t, device(tar.TypeChar, "x/dev/mem", 1, 1)), "outside of /dev"},
		"whiteout":               {tarball(t, device(tar.TypeChar, "gone", 0, 0)), "whiteout"},
		"overlay attribute":      {tarball(t, directory("a").with("SCHILY.xattr.trusted.overlay.redirect", "/x")), "overlay"},
		"root that is no dir":    {tarball(t, symlink(".", "/etc")), "root directory"},
		"unknown type":           {tarball(t, item{Header: tar.Header{Typeflag: 'M', Name: "a"}}), "not supported"},
		"not tar":                {bytes.Repeat([]byte("no archive at all. "), 100), "not a tar archive"},
		"empty":                  {nil, "is empty"},
		"squashfs":               {append([]byte("hsqs"), make([]byte, 600)...), "squashfs"},
		"truncated gzip":         {gz[:len(gz)/2], "truncated"},
		"truncated content":      {plain[:600], "truncated"},
		"truncated after a file": {plain[:1024], "truncated"},
		"truncated header":       {plain[:1200], "truncated"},
		"goes on for ever":       {append(plain, make([]byte, maxTail+4096)...), "goes on after its end"},
	}
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := unpackInto(t, c.archive, UnpackOptions{Name: "base.tar"})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "unpack base.tar: ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// What is odd but has a meaning inside the tree.
func TestUnpackContains(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive []byte
		want    map[string]string // file: content; "->x" for a link
	}{
		"absolute name": {tarball(t, file("/etc/x", "1")), map[string]string{"etc/x": "1"}},
		"link to the root": {tarball(t, symlink("esc", "/"), file("esc/canary", "1")),
			map[string]string{"canary": "1", "esc": "->/"}},
		"link out": {tarball(t, symlink("esc", "../.."), file("esc/canary", "1")),
			map[string]string{"canary": "1", "esc": "->../.."}},
		"absolute link":     {tarball(t, directory("run"), symlink("var/run", "/run"), file("var/run/x", "1")), map[string]string{"run/x": "1"}},
		"file through link": {tarball(t, symlink("a", "../canary"), file("a", "1")), map[string]string{"a": "1"}},
		"link over file":    {tarball(t, file("a", "1"), symlink("a", "../canary")), map[string]string{"a": "->../canary"}},
		"twice":             {tarball(t, file("a", "1"), file("b", "x"), file("a", "2")), map[string]string{"a": "2", "b": "x"}},
		"directory over file": {tarball(t, file("a", "1"), directory("a"), file("a/b", "2")),
			map[string]string{"a/b": "2"}},
		"file over directory": {tarball(t, directory("a"), file("a/b", "2"), file("a", "1")),
			map[string]string{"a": "1"}},
		"hard link to a link": {tarball(t, symlink("a", "../canary"), hardlink("b", "a")), map[string]string{"b": "->../canary"}},
		"hard link to itself": {tarball(t, file("a", "1"), hardlink("a", "a")), map[string]string{"a": "1"}},
		"absolute hard link":  {tarball(t, file("a", "1"), hardlink("d/b", "/a")), map[string]string{"d/b": "1"}},
		"no directories":      {tarball(t, file("a/b/c", "1")), map[string]string{"a/b/c": "1"}},
		"other devices":       {tarball(t, file("a", "1"), device(tar.TypeBlock, "dev/sda", 8, 0)), map[string]string{"a": "1"}},
		"plain whiteout name": {tarball(t, file("a", "1"), file(".wh.a", "")), map[string]string{"a": "1", ".wh.a": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := unpackInto(t, c.archive, UnpackOptions{})
			must(t, err)
			for f, want := range c.want {
				got, err := os.Readlink(filepath.Join(dir, f))
				if got = "->" + got; err != nil {
					b, err := os.ReadFile(filepath.Join(dir, f))
					must(t, err)
					got = string(b)
				}
				if got != want {
					t.Errorf("%s is %q, want %q", f, got, want)
				}
			}
			if _, err := os.Lstat(filepath.Join(dir, "dev/sda")); err == nil {
				t.Error("a disk's node was made")
			}
		})
	}
}

// Entries that replace a directory whose files are still on their way, in every
// manner, often enough that some of them are.
func TestUnpackReplacesBusyDirectories(t *testing.T) {
	t.Parallel()
	var items []item
	want := map[string]string{}
	for i := range 300 {
		d := fmt.Sprintf("d%d", i)
		items = append(items, directory(d), directory(d+"/sub"), file(d+"/sub/x", "old"), file(d+"/y", "old"))
		switch i % 3 {
		case 0:
			items = append(items, file(d, "new"))
			want[d] = "new"
		case 1:
			items = append(items, symlink(d, "elsewhere"))
			want[d] = "->elsewhere"
		case 2:
			items = append(items, file(d+"/sub", "new"), directory(d+"/sub"), file(d+"/sub/z", "new"))
			want[d+"/y"], want[d+"/sub/z"] = "old", "new"
		}
	}
	dir, err := unpackInto(t, tarball(t, items...), UnpackOptions{})
	must(t, err)
	for f, want := range want {
		got, err := os.Readlink(filepath.Join(dir, f))
		if got = "->" + got; err != nil {
			b, err := os.ReadFile(filepath.Join(dir, f))
			must(t, err)
			got = string(b)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", f, got, want)
		}
		if _, err := os.Lstat(filepath.Join(dir, filepath.Dir(f), "x")); err == nil {
			t.Errorf("what the directory of %s had before it was replaced is there", f)
		}
	}
}

func compressed(t testing.TB, how string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch how {
	case "none":
		return b
	case "gz":
		w = gzip.NewWriter(&out)
	case "xz":
		w, err = xz.NewWriter(&out)
	case "zst":
		w, err = zstd.NewWriter(&out)
	case "zst chunks":
		w = newZstd(&out, 0, nil, nil, nil)
	case "gz chunks":
		w = newGzip(&out, 0, nil, nil)
	case "bz2":
		cmd := exec.Command("bzip2", "-c")
		cmd.Stdin = bytes.NewReader(b)
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			t.Skipf("bzip2 is missing: apt-get install --no-install-recommends bzip2: %v", err)
		}
		return out.Bytes()
	}
	must(t, err)
	_, err = w.Write(b)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

func TestUnpackFormats(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"none", "gz", "gz chunks", "xz", "zst", "zst chunks", "bz2"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			// More than one chunk, and more than any buffer on the way.
			size := 3 << 20
			if raceEnabled && (how == "gz" || how == "xz" || how == "bz2") {
				size = 200 << 10 // one goroutine reads them, at a thirtieth of the speed
			}
			content := string(noise(size))
			b := compressed(t, how, tarball(t, file("small", "1"), file("large", content)))
			dir, err := unpackInto(t, b, UnpackOptions{})
			must(t, err)
			got, err := os.ReadFile(filepath.Join(dir, "large"))
			must(t, err)
			if string(got) != content {
				t.Error("the content differs")
			}
			for _, at := range []int{len(b) / 3, len(b) - 1 - len(b)/100} {
				if _, err := unpackInto(t, b[:at], UnpackOptions{}); err == nil {
					t.Errorf("truncated at %d of %d: no error", at, len(b))
				}
			}
		})
	}
}

func TestUnpackDigest(t *testing.T) {
	t.Parallel()
	b := compressed(t, "zst", tarball(t, file("a", string(noise(1<<20)))))
	dir := t.TempDir()
	got, err := Unpack(t.Context(), bytes.NewReader(b), dir, UnpackOptions{})
	must(t, err)
	if got.Read != int64(len(b)) || got.Written != 1<<20 || got.Entries != 1 {
		t.Errorf("got %+v", got)
	}
	_, err = unpackInto(t, b, UnpackOptions{Digest: got.Digest})
	must(t, err)
	// Damage anywhere is told as such, whatever the decompressor says of it.
	for _, at := range []int{0, 10, len(b) / 2, len(b) - 1} {
		damaged := bytes.Clone(b)
		damaged[at] ^= 0x40
		if _, err := unpackInto(t, damaged, UnpackOptions{Digest: got.Digest}); !errors.Is(err, ErrMismatch) {
			t.Errorf("damage at %d: got %v", at, err)
		}
	}
	if _, err := unpackInto(t, append(b, "more"...), UnpackOptions{Digest: got.Digest}); !errors.Is(err, ErrMismatch) {
		t.Errorf("more bytes: got %v", err)
	}
}

func TestUnpackSpace(t *testing.T) {
	t.Parallel()
	bomb := compressed(t, "zst", tarball(t, file("a", strings.Repeat("\x00", 8<<20))))
	if _, err := unpackInto(t, bomb, UnpackOptions{Limit: 4 << 20}); err == nil || !strings.Contains(err.Error(), "more than the 4 MB") {
		t.Errorf("limit: got %v", err)
	}
	needRoot(t)
	dir := t.TempDir()
	mountTmpfs(t, dir, "4m")
	_, err := Unpack(t.Context(), bytes.NewReader(bomb), dir, UnpackOptions{})
	if err == nil || !strings.Contains(err.Error(), "more than the 4 MB that are free on the file system of "+dir) {
		t.Errorf("small disk: got %v", err)
	}
	// Another one fills the disk meanwhile.
	_, err = Unpack(t.Context(), bytes.NewReader(bomb), dir, UnpackOptions{Limit: 1 << 30})
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), `entry "a"`) {
		t.Errorf("full disk: got %v", err)
	}
}

func TestUnpackNotEmpty(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "", 0o644)
	if _, err := Unpack(t.Context(), bytes.NewReader(tarball(t)), dir, UnpackOptions{}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
}

func TestUnpackCancel(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b := tarball(t, file("a", string(noise(8<<20))))
	_, err := Unpack(ctx, bytes.NewReader(b), t.TempDir(), UnpackOptions{Progress: func(int64) { stop() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// GNU tar's own way of storing files with holes.
func TestUnpackSparse(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("tar"); err != nil {
		t.Skip("tar is missing")
	}
	src := sample(t)
	for _, format := range []string{"gnu", "posix"} {
		cmd := exec.Command("tar", "-S", "--format="+format, "-C", src, "-c", "var/sparse")
		b, err := cmd.Output()
		must(t, err)
		dir, err := unpackInto(t, b, UnpackOptions{})
		must(t, err)
		got, err := os.ReadFile(filepath.Join(dir, "var/sparse"))
		must(t, err)
		want, err := os.ReadFile(filepath.Join(src, "var/sparse"))
		must(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the content differs", format)
		}
		if n := blocked(t, filepath.Join(dir, "var/sparse")); n > 2<<20 {
			t.Errorf("%s: a file with holes takes %d bytes", format, n)
		}
	}
}

// FuzzUnpack looks for archives that reach outside of the tree or bring the
// program down.
func FuzzUnpack(f *testing.F) {
	for _, c := range hostile(f) {
		if len(c.archive) < 1<<20 {
			f.Add(c.archive)
		}
	}
	f.Add(tarball(f, symlink("a", ".."), symlink("b", "a/.."), file("b/canary", "x"), directory("c"), symlink("c", "/"), file("c/canary", "x")))
	f.Add(compressed(f, "zst", tarball(f, file("a", "x"), hardlink("b", "a"))))
	f.Fuzz(func(t *testing.T, archive []byte) {
		_, err := unpackInto(t, archive, UnpackOptions{Limit: 1 << 20})
		if err != nil && !strings.HasPrefix(err.Error(), "unpack archive: ") {
			t.Errorf("the error does not say what it is about: %v", err)
		}
	})
}

// FuzzUnpackEntries makes well-formed archives of few names, so that links,
// files and directories of the same name meet.
func FuzzUnpackEntries(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add([]byte{2, 0, 5, 0, 7, 0, 3, 7, 1})
	f.Fuzz(func(t *testing.T, program []byte) {
		paths := []string{"a", "b", "a/b", "b/a", "a/canary", "b/canary", "a/b/canary", "/a", "./b", "canary", "a/.wh.b", ".wh..wh..opq"}
		targets := []string{"..", "../..", "/", "a", "b", "/a/b", "../canary", "../../canary", "a/..", ".", "/../canary", t.TempDir()}
		var items []item
		for len(program) >= 3 && len(items) < 40 {
			name, target := paths[int(program[1])%len(paths)], targets[int(program[2])%len(targets)]
			switch program[0] % 5 {
			case 0:
				items = append(items, file(name, "x"))
			case 1:
				items = append(items, directory(name))
			case 2, 3:
				items = append(items, symlink(name, target))
			case 4:
				items = append(items, hardlink(name, paths[int(program[2])%len(paths)]))
			}
			program = program[3:]
		}
		archive := tarball(t, items...)
		unpackInto(t, archive, UnpackOptions{})

		outer := t.TempDir()
		write(t, filepath.Join(outer, "canary"), "untouched", 0o600)
		dir := filepath.Join(outer, "tree")
		must(t, os.Mkdir(dir, 0o755))
		u, err := newUnpacker(t.Context(), dir, UnpackOptions{})
		must(t, err)
		defer u.close()
		u.layer = true
		for range 2 { // once onto nothing, once onto itself
			u.seen = map[string]struct{}{}
			if _, err := u.archive(bytes.NewReader(archive), nil); err != nil {
				break
			}
		}
		if b, err := os.ReadFile(filepath.Join(outer, "canary")); err != nil || string(b) != "untouched" || len(names(t, outer)) != 2 {
			t.Errorf("something outside of the tree was changed: %q %v %q", b, err, names(t, outer))
		}
	})
}
