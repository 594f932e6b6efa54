package postprocess

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

func TestFormOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]form{
		"a": {"tar", "gz"}, "a.tar": {"tar", ""}, "a.zip": {"zip", ""}, "a.tar.zip": {"zip", ""}, "a.gz": {"", "gz"}, "a.tar.gz": {"tar", "gz"},
		"a.lz4": {"", "lz4"}, "a.tar.lz4": {"tar", "lz4"}, "a.tar.bgzf": {"tar", "bgzf"}, "a.xz": {"", "xz"}, "a.tar.xz": {"tar", "xz"},
		"a.bz2": {"", "bz2"}, "a.tar.bzip2": {"tar", "bz2"}, "a.tgz": {"tar", "gz"}, "a.box": {"tar", "gz"}, "{{.BuildName}}.tar": {"tar", ""},
		"dir.d/a.gz": {"", "gz"}, ".gz": {"", "gz"}, "": {"tar", "gz"},
	} {
		if got := formOf(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestCompressFile(t *testing.T) {
	t.Parallel()
	unpack := map[string]func(io.Reader) (io.Reader, error){
		"gz":    func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"bgzf":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"xz":    func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) },
		"lz4":   func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
		"bz2":   func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil },
		"bzip2": func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil },
	}
	for method, unpack := range unpack {
		for _, level := range []int{-1, 0, 1, 9, 12} {
			t.Run(fmt.Sprint(method, level), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				out, keep, err := b.process(fmt.Sprintf(`{"type":"compress","output":"DIR/o/{{.BuildName}}-{{.BuilderType}}.%s","compression_level":%d}`, method, level), b.image("disk.img"))
				if err != nil || keep != Drop || len(out.Files) != 1 || out.Files[0] != b.path("o/web-null."+method) || out.Format != "" {
					t.Fatalf("%+v, %v, %v", out, keep, err)
				}
				r, err := unpack(strings.NewReader(b.read("o/web-null." + method)))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil || string(got) != b.read("disk.img") {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			})
		}
	}
}

// Blocks of BGZF follow each other by the lengths that they tell.
func TestBGZF(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, bgzfData, bgzfData + 1, 3*bgzfData + 7} {
		var out bytes.Buffer
		data := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
		w, err := newBGZF(&out, 6)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		blocks, rest := 0, out.Bytes()
		for ; len(rest) > 0; blocks++ {
			if string(rest[12:14]) != "BC" {
				t.Fatalf("block %d has no length", blocks)
			}
			rest = rest[int(binary.LittleEndian.Uint16(rest[bgzfExtra:]))+1:]
		}
		if want := (size+bgzfData-1)/bgzfData + 1; blocks != want {
			t.Errorf("%d bytes: %d blocks, want %d", size, blocks, want)
		}
	}
}

func TestCompressTree(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"tar", "tar.gz", "tar.lz4", "tar.bgzf", "tar.bz2", "tar.xz", "none", "zip"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if _, _, err := b.process(`{"type":"compress","output":"DIR/out.`+format+`"}`, b.image("tree", "disk.img")); err != nil {
				t.Fatal(err)
			}
			into := b.path("into")
			if err := os.Mkdir(into, 0o755); err != nil {
				t.Fatal(err)
			}
			argv := []string{"tar", "-xpf", b.path("out." + format), "-C", into}
			switch format {
			case "zip":
				argv = []string{"unzip", "-q", b.path("out.zip"), "-d", into}
			case "tar.lz4":
				argv = append(argv, "--use-compress-program=lz4")
			case "tar.bgzf":
				argv = append(argv, "-z")
			}
			if tool := map[string]string{"zip": "unzip", "tar.lz4": "lz4", "tar.bz2": "bzip2", "tar.xz": "xz"}[format]; tool != "" {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("needs %s", tool)
				}
			}
			if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %v\n%s", argv, err, out)
			}
			for _, name := range []string{"tree/a", "tree/b", "tree/etc/hosts", "disk.img"} {
				if b.read("into/"+name) != b.read(name) {
					t.Errorf("%s differs", name)
				}
			}
			if link, err := os.Readlink(b.path("into/tree/link")); link != "etc" || err != nil {
				t.Errorf("link to %q, %v", link, err)
			}
			a, err1 := os.Stat(b.path("into/tree/a"))
			other, err2 := os.Stat(b.path("into/tree/b"))
			if err1 != nil || err2 != nil || format != "zip" && (!os.SameFile(a, other) || a.Mode() != 0o755|os.ModeSetuid) {
				t.Errorf("%v %v, %v, %v", a.Mode(), os.SameFile(a, other), err1, err2)
			}
		})
	}
}

func TestCompressNames(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, _, err := b.process(`{"type":"compress","output":"DIR/x.out","format":"tar"}`, b.image("tree")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(strings.NewReader(b.read("x.out"))); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
	if got := strings.Join(names, " "); got != "tree/ tree/a tree/b tree/etc/ tree/etc/hosts tree/link" {
		t.Error(got)
	}
}

func TestCompressRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("old.gz", "old")
	for want, files := range map[string][]string{
		"it can hold one file, and there are 2": {"disk.img", "tree/a"},
		"there is no file to pack":              {},
		"is not a file: end the name":           {"tree"},
		"no such file":                          {"gone"},
	} {
		if _, _, err := b.process(`{"type":"compress","output":"DIR/old.gz"}`, b.image(files...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if got := b.read("old.gz"); got != "old" {
		t.Errorf("it is %q now", got)
	}
}
