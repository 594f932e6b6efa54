package ext4

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const testOffset = 1 << 20

var testTime = time.Unix(1_700_000_000, 123_456_789)

// needTools skips where e2fsprogs is not installed.
func needTools(t *testing.T) {
	t.Helper()
	for _, name := range []string{"mke2fs", "e2fsck", "debugfs"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s (package e2fsprogs)", name)
		}
	}
}

// empty makes an empty file system in a sparse file.
func empty(t *testing.T, size, inodes int64) *os.File {
	t.Helper()
	needTools(t)
	f, err := os.Create(filepath.Join(t.TempDir(), "disk"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(testOffset + size); err != nil {
		t.Fatal(err)
	}
	err = Make(t.Context(), Format{File: f.Name(), Offset: testOffset, Blocks: size / BlockSize, Inodes: inodes,
		UUID: "6d0e3b0c-1c0a-4b8e-9f00-000000000001", Label: "root", Time: testTime})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fill(f *os.File, r io.Reader) error {
	fs, err := Open(f, testOffset)
	if err != nil {
		return err
	}
	return fs.Fill(r)
}

// check has e2fsck look at every bit.
func check(t *testing.T, f *os.File) {
	t.Helper()
	checkWhole(t, at(f))
}

func checkWhole(t *testing.T, place string) {
	t.Helper()
	out, err := exec.Command("e2fsck", "-fn", place).CombinedOutput()
	if err != nil {
		t.Fatalf("e2fsck: %v\n%s", err, out)
	}
}

func at(f *os.File) string { return fmt.Sprintf("%s?offset=%d", f.Name(), testOffset) }

// ask runs a command of debugfs.
func ask(t *testing.T, f *os.File, request string) string {
	t.Helper()
	out, err := exec.Command("debugfs", "-R", request, at(f)).Output()
	if err != nil {
		t.Fatalf("debugfs %s: %v", request, err)
	}
	return string(out)
}

type file struct {
	tar.Header
	data []byte
}

func archive(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		f.Size, f.Format = int64(len(f.data)), tar.FormatPAX
		if f.ModTime.IsZero() {
			f.ModTime = testTime
		}
		if err := w.WriteHeader(&f.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func folder(name string) file {
	return file{Header: tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}}
}

func regular(name string, data []byte) file {
	return file{Header: tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, data: data}
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

// everything is a tree with something of each kind in it.
func everything(t *testing.T) []byte {
	acl := func(perms ...uint32) string {
		b := le.AppendUint32(nil, 2)
		for i := 0; i < len(perms); i += 3 {
			b = le.AppendUint16(b, uint16(perms[i]))
			b = le.AppendUint16(b, uint16(perms[i+1]))
			b = le.AppendUint32(b, perms[i+2])
		}
		return string(b)
	}
	const nobody = 1<<32 - 1
	holes := make([]byte, 1<<20)
	copy(holes, "begin")
	copy(holes[len(holes)-4:], "end\n")
	odd := make([]byte, 3<<20) // every other chunk is zeros: more extents than an inode holds
	for i := 0; i < len(odd); i += 2 * chunk {
		odd[i] = 1
	}
	files := []file{
		folder("./"), folder("lost+found/"), folder("dir/"), folder("dir/sub/"),
		regular("dir/empty", nil), regular("dir/small", []byte("small\n")), regular("dir/sub/large", noise(5<<20+17)),
		regular("holes", holes), regular("odd", odd), regular("zeros", make([]byte, 1<<20)),
		{Header: tar.Header{Typeflag: tar.TypeReg, Name: "owned", Mode: 0o4751, Uid: 70_000, Gid: 4_000_000_000, ModTime: time.Unix(7_000_000_000, 5)}},
		{Header: tar.Header{Typeflag: tar.TypeReg, Name: "old", Mode: 0o600, ModTime: time.Unix(-5, 0)}},
		{Header: tar.Header{Typeflag: tar.TypeLink, Name: "second", Linkname: "dir/small"}},
		{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: "fast", Linkname: "dir/small", Mode: 0o777}},
		{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: "slow", Linkname: strings.Repeat("x", 200), Mode: 0o777}},
		{Header: tar.Header{Typeflag: tar.TypeFifo, Name: "fifo", Mode: 0o600}},
		{Header: tar.Header{Typeflag: tar.TypeChar, Name: "null", Mode: 0o666, Devmajor: 1, Devminor: 3}},
		{Header: tar.Header{Typeflag: tar.TypeBlock, Name: "far", Mode: 0o660, Devmajor: 259, Devminor: 70_000}},
		{Header: tar.Header{Typeflag: tar.TypeReg, Name: "ping", Mode: 0o755, PAXRecords: map[string]string{
			paxXattr + "security.capability": "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"}}, data: []byte("ping")},
		{Header: tar.Header{Typeflag: tar.TypeReg, Name: "noted", Mode: 0o644, PAXRecords: map[string]string{
			paxXattr + "user.long": strings.Repeat("v", 1001), paxXattr + "user.a": "1", paxXattr + "trusted.b": ""}}, data: []byte("noted")},
		{Header: tar.Header{Typeflag: tar.TypeDir, Name: "shared/", Mode: 0o2775, PAXRecords: map[string]string{
			paxXattr + "system.posix_acl_access":  acl(1, 7, nobody, 4, 5, nobody, 8, 5, 4, 16, 7, nobody, 32, 5, nobody),
			paxXattr + "system.posix_acl_default": acl(1, 7, nobody, 2, 7, 1000, 4, 5, nobody, 16, 7, nobody, 32, 5, nobody)}}},
		folder("many/"),
	}
	for i := range 3000 {
		files = append(files, regular(fmt.Sprintf("many/file-with-a-long-name-%d", i), []byte{byte(i)}))
	}
	return archive(t, files...)
}

func TestFill(t *testing.T) {
	t.Parallel()
	f := empty(t, 256<<20, 0)
	if err := fill(f, bytes.NewReader(everything(t))); err != nil {
		t.Fatal(err)
	}
	check(t, f)
	for request, want := range map[string][]string{
		"cat dir/small":                      {"small\n"},
		"cat second":                         {"small\n"},
		"cat many/file-with-a-long-name-65":  {"A"},
		"stat dir/small":                     {"Links: 2", "Mode:  0644", "mtime: 0x6553f100:1d6f3454"},
		"stat owned":                         {"Mode:  04751", "User: 70000", "Group: -294967296", "2191"},
		"stat old":                           {"1969"},
		"stat fast":                          {`Fast link dest: "dir/small"`},
		"stat slow":                          {"Size: 200", "Type: symlink"},
		"stat null":                          {"character special", "01:03 "},
		"stat far":                           {"block special", "259:70000 (hex 103:11170)"},
		"stat fifo":                          {"FIFO"},
		"stat zeros":                         {"Size: 1048576", "Blockcount: 0"},
		"stat dir":                           {"Links: 3"},
		"stat holes":                         {"Size: 1048576", "Blockcount: 256"},
		"ea_get -x ping security.capability": {"01 00 00 02 00 20"},
		"ea_get noted user.long":             {strings.Repeat("v", 1001)},
		"ea_list noted":                      {"user.a (1)", "trusted.b (0)"},
		"ea_get -x shared system.posix_acl_default": {"02 00 00 00 01 00 07 00 00 00 00 00 02 00 07 00 e8 03 00 00"},
	} {
		got := ask(t, f, request)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s says\n%s\nwant %q in it", request, got, w)
			}
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	for name, want := range map[string][]byte{"dir/sub/large": noise(5<<20 + 17)} {
		ask(t, f, "dump "+name+" "+out)
		got, err := os.ReadFile(out)
		if err != nil || sha256.Sum256(got) != sha256.Sum256(want) {
			t.Errorf("%s: %d bytes, %v; want %d others", name, len(got), err, len(want))
		}
	}
}

// TestGroups fills several block groups, and a file system whose bitmaps mke2fs has
// not written.
func TestGroups(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 390 MiB")
	}
	f := empty(t, 3<<30, 200_000)
	big := noise(130 << 20)
	if err := fill(f, bytes.NewReader(archive(t, folder("./"), regular("big", big), regular("bigger", big), regular("biggest", big)))); err != nil {
		t.Fatal(err)
	}
	check(t, f)
	if got := ask(t, f, "stat biggest"); !strings.Contains(got, "Size: 136314880") {
		t.Errorf("biggest is\n%s", got)
	}
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	a, b := empty(t, 128<<20, 0), empty(t, 128<<20, 0)
	for _, f := range []*os.File{a, b} {
		if err := fill(f, bytes.NewReader(everything(t))); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("cmp", a.Name(), b.Name()).CombinedOutput(); err != nil {
		t.Errorf("the same stream gave different bytes: %s", out)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files []file
		want  string
	}{
		"no room":    {[]file{folder("./"), regular("big", noise(40<<20))}, "big: the file system is full"},
		"no parent":  {[]file{folder("./"), regular("a/b", nil)}, "its directory a does not come before it"},
		"twice":      {[]file{folder("./"), regular("a", nil), regular("a", nil)}, "twice"},
		"lost+found": {[]file{folder("./"), regular("lost+found", nil)}, "lost+found: an ext4 file system has a directory of that name"},
		"no root":    {[]file{regular("a", nil)}, "no root directory"},
		"link ahead": {[]file{folder("./"), {Header: tar.Header{Typeflag: tar.TypeLink, Name: "a", Linkname: "b"}}}, "no file b"},
		"long name":  {[]file{folder("./"), regular(strings.Repeat("n", 256), nil)}, "255 bytes"},
		"attribute": {[]file{folder("./"), {Header: tar.Header{Typeflag: tar.TypeReg, Name: "a", PAXRecords: map[string]string{paxXattr + "odd.name": "1"}}}},
			"odd.name"},
		"owner":    {[]file{folder("./"), {Header: tar.Header{Typeflag: tar.TypeReg, Name: "a", Uid: 1 << 32}}}, "no owner 4294967296:0"},
		"nowhere":  {[]file{folder("./"), linkTo("a", "")}, "a symbolic link leads to 1 to 4095 bytes"},
		"far away": {[]file{folder("./"), linkTo("a", strings.Repeat("x", 4096))}, "and this one to 4096"},
		"large attribute": {[]file{folder("./"), {Header: tar.Header{Typeflag: tar.TypeReg, Name: "a",
			PAXRecords: map[string]string{paxXattr + "user.v": strings.Repeat("v", 5000)}}}}, "too large"},
	} {
		err := fill(empty(t, 32<<20, 0), bytes.NewReader(archive(t, tt.files...)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", name, err, tt.want)
		}
		if (name == "no room") != errors.Is(err, ErrFull) {
			t.Errorf("%s: %v wraps ErrFull or not", name, err)
		}
	}
}

func TestOpenRefused(t *testing.T) {
	t.Parallel()
	f := empty(t, 32<<20, 0)
	if _, err := Open(f, 0); err == nil {
		t.Error("a file system was found where there is none")
	}
	for _, at := range []int64{superOffset + 0x20, BlockSize + 0xC} {
		var b [1]byte
		if _, err := f.ReadAt(b[:], testOffset+at); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte{b[0] ^ 1}, testOffset+at); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(f, testOffset); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("damaged at %#x: %v", at, err)
		}
		if _, err := f.WriteAt(b[:], testOffset+at); err != nil {
			t.Fatal(err)
		}
	}
}
