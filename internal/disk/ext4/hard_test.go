package ext4

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func linkTo(name, to string) file {
	return file{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to, Mode: 0o777}}
}

func attributes(name string, kind byte, records map[string]string) file {
	h := tar.Header{Typeflag: kind, Name: name, Mode: 0o755, PAXRecords: map[string]string{}}
	for k, v := range records {
		h.PAXRecords[paxXattr+k] = v
	}
	return file{Header: h}
}

// TestOddTrees fills trees that file systems get wrong, and reads them back.
func TestOddTrees(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 250)
	var longs, deep, names []file
	for i := range 4000 {
		longs = append(longs, regular(fmt.Sprintf("d/%s%05d", long, i), nil))
	}
	path := ""
	for i := range 400 {
		path += fmt.Sprintf("deep-%04d/", i)
		deep = append(deep, folder(path))
	}
	for i := range maxLinks - 1 {
		names = append(names, file{Header: tar.Header{Typeflag: tar.TypeLink, Name: fmt.Sprintf("l%d", i), Linkname: "first"}})
	}
	for name, tt := range map[string]struct {
		files []file
		want  map[string][]string // of debugfs, by request
	}{
		"names of 255 bytes": {append([]file{folder("d/")}, longs...),
			map[string][]string{"stat d": {"Type: directory"}, "stat d/" + long + "03999": {"Type: regular"}}},
		"deep":       {append(deep, regular(path+"f", []byte("bottom\n"))), map[string][]string{"cat " + path + "f": {"bottom\n"}}},
		"most names": {append([]file{regular("first", []byte("1"))}, names...), map[string][]string{"stat first": {"Links: 65000"}}},
		"symbolic links": {[]file{linkTo("l59", strings.Repeat("a", 59)), linkTo("l60", strings.Repeat("b", 60)), linkTo("l4095", strings.Repeat("c", 4095))},
			map[string][]string{"stat l59": {"Fast link dest", "Size: 59"}, "stat l60": {"Size: 60"}, "cat l60": {strings.Repeat("b", 60)},
				"cat l4095": {strings.Repeat("c", 4095)}}},
		"odd names": {[]file{regular("a b", nil), regular("\xff\xfe", nil), regular("new\nline", nil), regular("...", nil), regular(`"`, nil), regular("é", nil)},
			map[string][]string{"ls -p /": {"/a b/", "/.../", "/é/"}}},
		"owners": {[]file{
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "a", Uid: 65536, Gid: 65535}},
			{Header: tar.Header{Typeflag: tar.TypeDir, Name: "b/", Uid: 1<<32 - 2, Gid: 1<<31 - 1, Mode: 0o7777}}},
			map[string][]string{"stat a": {"User: 65536   Group: 65535"}, "stat b": {"User:    -2   Group: 2147483647", "Mode:  07777"}}},
		"times": {[]file{
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "1901", ModTime: time.Unix(-1<<31, 0)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "older", ModTime: time.Unix(-1<<31-5, 0)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "1969", ModTime: time.Unix(-1, 999_999_999)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "2038", ModTime: time.Unix(1<<31, 1)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "2106", ModTime: time.Unix(1<<32, 0)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "2446", ModTime: time.Unix(1<<34-1<<31-1, 0)}},
			{Header: tar.Header{Typeflag: tar.TypeReg, Name: "newer", ModTime: time.Unix(1<<35, 0)}}},
			map[string][]string{"stat 1901": {"mtime: 0x80000000:00000000"}, "stat older": {"mtime: 0x80000000:00000000"},
				"stat 1969": {"mtime: 0xffffffff:ee6b27fc"}, "stat 2038": {"mtime: 0x80000000:00000005"},
				"stat 2106": {"mtime: 0x00000000:00000001"}, "stat 2446": {"mtime: 0x7fffffff:00000003"}, "stat newer": {"mtime: 0x7fffffff:00000003"}}},
		"attributes": {[]file{
			attributes("dir/", tar.TypeDir, map[string]string{"user.large": strings.Repeat("v", 3900), "trusted.é": "\x00\x01"}),
			attributes("fits", tar.TypeReg, map[string]string{"user.x": strings.Repeat("v", 64)}),
			attributes("just not", tar.TypeReg, map[string]string{"user.x": strings.Repeat("v", 69)}),
			attributes("most", tar.TypeReg, map[string]string{"user.x": strings.Repeat("v", BlockSize-xattrHeader-4-xattrEntry-4)}),
			{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "fits", Mode: 0o777, PAXRecords: map[string]string{paxXattr + "trusted.x": strings.Repeat("v", 200)}}},
			{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: "far", Linkname: strings.Repeat("f", 300), Mode: 0o777, PAXRecords: map[string]string{paxXattr + "security.selinux": strings.Repeat("v", 200)}}},
			{Header: tar.Header{Typeflag: tar.TypeChar, Name: "null", Devmajor: 1, Devminor: 3, PAXRecords: map[string]string{paxXattr + "security.selinux": strings.Repeat("v", 200)}}},
			attributes("name", tar.TypeReg, map[string]string{"user." + strings.Repeat("n", 250): "1"})},
			map[string][]string{"ea_get dir user.large": {strings.Repeat("v", 3900)}, "ea_get fits user.x": {strings.Repeat("v", 64)},
				`ea_get "just not" user.x`: {strings.Repeat("v", 69)}, "ea_list most": {"user.x ("}, "stat link": {`Fast link dest: "fits"`},
				"ea_list far": {"security.selinux (200)"}, "ea_list name": {"user." + strings.Repeat("n", 250)}}},
		"a directory twice": {[]file{
			attributes("dir/", tar.TypeDir, map[string]string{"user.large": strings.Repeat("v", 2000)}), folder("dir/"), regular("dir/f", nil)},
			map[string][]string{"stat dir": {"Mode:  0755"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := empty(t, 128<<20, 0)
			if err := fill(f, bytes.NewReader(archive(t, append([]file{folder("./")}, tt.files...)...))); err != nil {
				t.Fatal(err)
			}
			check(t, f)
			for request, want := range tt.want {
				got := ask(t, f, request)
				for _, w := range want {
					if !strings.Contains(got, w) {
						t.Errorf("%s says\n%s\nwant %q in it", request, got, w)
					}
				}
			}
		})
	}
}

// TestHugeFile: what no file system holds is refused before it is read.
func TestHugeFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755})
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "huge", Size: maxFile + 1, Format: tar.FormatPAX}); err != nil {
		t.Fatal(err)
	}
	if err := fill(empty(t, 32<<20, 0), &b); err == nil || !strings.Contains(err.Error(), "huge: a file has 17592186040320 bytes at most") {
		t.Error(err)
	}
}

// TestManyDirectories: beyond 65000 names the links of a directory are not counted, up
// to there they are.
func TestManyDirectories(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 260 MiB")
	}
	for _, n := range []int{maxLinks - 2, maxLinks - 1} {
		files := []file{folder("./"), folder("d/")}
		for i := range n {
			files = append(files, folder(fmt.Sprintf("d/%d/", i)))
		}
		f := empty(t, 1<<30, 70_000)
		if err := fill(f, bytes.NewReader(archive(t, files...))); err != nil {
			t.Fatal(err)
		}
		check(t, f)
	}
}

// TestLargeFile puts something behind the first 4 GiB of a file of holes.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads 5 GiB of zeros")
	}
	const size = 5<<30 + 3
	end := []byte("end")
	r, w := io.Pipe()
	go func() {
		tw := tar.NewWriter(w)
		_ = tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755})
		_ = tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "large", Mode: 0o644, Size: size})
		for range (size - len(end)) / chunk {
			_, _ = tw.Write(zeros[:])
		}
		_, _ = tw.Write(end)
		w.CloseWithError(tw.Close())
	}()
	f := empty(t, 64<<20, 0)
	if err := fill(f, r); err != nil {
		t.Fatal(err)
	}
	check(t, f)
	if got := ask(t, f, "stat large"); !strings.Contains(got, "Size: 5368709123") || !strings.Contains(got, "Blockcount: 8") || !strings.Contains(got, "(1310720)") {
		t.Errorf("the large file is\n%s", got)
	}
}
