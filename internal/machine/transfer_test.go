package machine_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// plant makes a tree: a name that ends with "/" is a directory, a value that
// begins with "->" a link, one that begins with "#!" an executable file.
func plant(t *testing.T, dir string, tree map[string]string) {
	t.Helper()
	for name, content := range tree {
		p := filepath.Join(dir, name)
		var err error
		switch {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(p, 0o755)
		default:
			if err = os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				break
			}
			if to, ok := strings.CutPrefix(content, "->"); ok {
				err = os.Symlink(to, p)
			} else if strings.HasPrefix(content, "#!") {
				err = os.WriteFile(p, []byte(content), 0o700)
			} else {
				err = os.WriteFile(p, []byte(content), 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// list is the reverse of plant, with modes in front.
func list(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		name, _ := filepath.Rel(dir, p)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.Type() == fs.ModeSymlink:
			to, _ := os.Readlink(p)
			got[name] = "->" + to
		case d.IsDir():
			got[name+"/"] = fmt.Sprintf("%o", info.Mode().Perm())
		default:
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			got[name] = fmt.Sprintf("%o %s", info.Mode().Perm(), b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPutTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "src"), filepath.Join(dir, "it's dst")
	long := strings.Repeat("long/", 40) + "ü-name"
	plant(t, dir, map[string]string{
		"shared/ca.pem":    "ca",
		"shared/sub/inner": "inner",
		"shared/sub/same":  "->inner",
	})
	plant(t, src, map[string]string{
		"bin/run":     "#!/bin/sh\n",
		"etc/a b.txt": "spaces",
		"etc/empty/":  "",
		"hollow/x/y/": "",
		"to-empty":    "->etc/empty",
		"etc/up":      "->../bin/run",
		"ca.pem":      "->../shared/ca.pem",
		"shared":      "->" + filepath.Join(dir, "shared/sub"),
		"roundabout":  "->../src/bin/run",
		long:          "deep",
		"-rf":         "dash",
	})
	plant(t, dst, map[string]string{"real/kept": "kept", "bin": "->real"})
	if err := os.Chmod(filepath.Join(dst, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	var total, moved int64
	err := machine.PutTree(t.Context(), local{}, src, dst, machine.Transfer{
		Begin: func(n int64) func(int64) { total = n; return func(n int64) { moved += n } },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"real/":        "700",
		"real/kept":    "600 kept",
		"real/run":     "755 #!/bin/sh\n", // a link to a directory is not replaced
		"bin":          "->real",
		"etc/":         "755",
		"etc/a b.txt":  "644 spaces",
		"etc/empty/":   "755",
		"etc/up":       "->../bin/run",
		"hollow/":      "755",
		"hollow/x/":    "755",
		"hollow/x/y/":  "755",
		"to-empty":     "->etc/empty",
		"ca.pem":       "644 ca",
		"shared/":      "755",
		"shared/inner": "644 inner",
		"shared/same":  "->inner",
		"roundabout":   "755 #!/bin/sh\n",
		"-rf":          "644 dash",
		long:           "644 deep",
	}
	for d := filepath.Dir(long); d != "."; d = filepath.Dir(d) {
		want[d+"/"] = "755"
	}
	if d := cmp.Diff(want, list(t, dst)); d != "" {
		t.Error(d)
	}
	if total != moved || total == 0 {
		t.Errorf("announced %d bytes, moved %d", total, moved)
	}
}

func TestPutTreeManyDirectories(t *testing.T) {
	t.Parallel()
	src, dst := t.TempDir(), t.TempDir()
	tree := map[string]string{}
	for i := range 1001 {
		tree[fmt.Sprintf("d%d/", i)] = ""
	}
	plant(t, src, tree)
	if err := machine.PutTree(t.Context(), local{}, src, dst, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	if n := len(list(t, dst)); n != len(tree) {
		t.Errorf("%d directories of %d", n, len(tree))
	}
}

func TestPutTreeErrors(t *testing.T) {
	t.Parallel()
	full := func(t *testing.T) string {
		dir := t.TempDir()
		plant(t, dir, map[string]string{"a": "a"})
		return dir
	}
	none := t.TempDir()
	for _, tt := range []struct {
		name string
		src  func(t *testing.T) string
		c    machine.Communicator
		dst  string
		want string
		is   error
	}{
		{"no parent", full, local{}, none + "/no/where", "directory " + none + "/no is not there in the machine", fs.ErrNotExist},
		{"no source", func(*testing.T) string { return none + "/gone" }, local{}, none, "no such file", fs.ErrNotExist},
		{"source is a file", func(t *testing.T) string { return full(t) + "/a" }, local{}, none, "not a directory", nil},
		{"loop", func(t *testing.T) string {
			dir := full(t)
			plant(t, dir, map[string]string{"sub/loop": "->" + dir})
			return dir
		}, local{}, none, "leads back", nil},
		{"link to nothing", func(t *testing.T) string {
			dir := full(t)
			plant(t, dir, map[string]string{"sub/l": "->/nonexistent/x"})
			return dir
		}, local{}, none, "leads out of the tree to /nonexistent/x", fs.ErrNotExist},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := machine.PutTree(t.Context(), tt.c, tt.src(t), tt.dst, machine.Transfer{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
		})
	}
}

// half runs the command but lets it read only the beginning of its input.
type half struct{ local }

func (h half) Run(ctx context.Context, c machine.Command) (int, error) {
	_, err := io.CopyN(io.Discard, c.Stdin, 10)
	return 0, err
}

func TestPutTreeCutShort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, dir, map[string]string{"a": strings.Repeat("a", 1<<20)})
	err := machine.PutTree(t.Context(), half{}, dir, dir, machine.Transfer{})
	if err == nil || !strings.Contains(err.Error(), "stopped before the end") {
		t.Fatal(err)
	}
}

func TestGetTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "src"), filepath.Join(dir, "new", "dst")
	plant(t, src, map[string]string{
		"bin/run":  "#!x",
		"log/a b":  "log",
		"empty/":   "",
		"in":       "->bin/run",
		"bin/up":   "->../log",
		"out":      "->/etc/passwd",
		"bin/out":  "->../../x",
		"bin/odd":  "->run/../../..",
		"-rf *;'$": "odd",
	})
	if err := os.Link(src+"/bin/run", src+"/bin/hard"); err != nil {
		t.Fatal(err)
	}
	plant(t, dst, map[string]string{"log/kept": "kept", "log/a b": "old"})
	var warned []string
	err := machine.GetTree(t.Context(), local{}, src, dst, machine.Transfer{
		Warn: func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"bin/":     "755",
		"bin/run":  "755 #!x",
		"bin/hard": "755 #!x",
		"bin/up":   "->../log",
		"log/":     "755",
		"log/a b":  "644 log",
		"log/kept": "600 kept",
		"empty/":   "755",
		"in":       "->bin/run",
		"-rf *;'$": "644 odd",
	}
	if d := cmp.Diff(want, list(t, dst)); d != "" {
		t.Error(d)
	}
	if len(warned) != 3 {
		t.Errorf("warnings: %q", warned)
	}
}

func TestGetTreeWildcard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dst := filepath.Join(dir, "dst")
	plant(t, filepath.Join(dir, "src"), map[string]string{"a.log": "a", "b.log": "b", "b.txt": "no", "c d.log/x": "x"})
	get := func(p string) error {
		return machine.GetTree(t.Context(), local{}, p, dst, machine.Transfer{})
	}
	if err := get(dir + "/src/*[.]log"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a.log": "644 a", "b.log": "644 b", "c d.log/": "755", "c d.log/x": "644 x"}
	if d := cmp.Diff(want, list(t, dst)); d != "" {
		t.Error(d)
	}
	for p, want := range map[string]string{
		dir + "/src/*.gz":     "nothing matches",
		dir + "/gone/*":       "no such directory",
		dir + "/gone":         "no such directory",
		dir + "/src/$(id) d*": "nothing matches",
	} {
		if err := get(p); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := get(dir + "/s*/a.log"); err == nil || !strings.Contains(err.Error(), "last element") {
		t.Error(err)
	}
}

// sender is a machine that answers with what it likes.
type sender struct {
	local
	stream []byte
	exit   int
	err    error
}

func (s sender) Run(ctx context.Context, c machine.Command) (int, error) {
	if _, err := c.Stdout.Write(s.stream); err != nil {
		return 0, err
	}
	return s.exit, s.err
}

func archive(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range entries {
		body := "evil"
		if h.Typeflag != tar.TypeReg {
			body = ""
		}
		h.Size, h.Mode = int64(len(body)), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGetTreeHostile(t *testing.T) {
	t.Parallel()
	file := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }
	link := func(name, to string) tar.Header {
		return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to}
	}
	hard := func(name, to string) tar.Header { return tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: to} }
	for name, stream := range map[string][]byte{
		"up":                   archive(t, file("good"), file("../evil")),
		"up in the middle":     archive(t, file("a/../../evil")),
		"absolute":             archive(t, file("/evil")),
		"through a link":       archive(t, link("l", "sub"), file("l/evil")),
		"through an old link":  archive(t, file("old/evil")),
		"hard link up":         archive(t, hard("x", "../secret")),
		"hard link absolute":   archive(t, hard("x", "/etc/passwd")),
		"hard link through":    archive(t, link("l", "."), hard("x", "l/../secret")),
		"hard link to a link":  archive(t, link("l", "a"), hard("x", "l")),
		"link then directory":  archive(t, link("l", "."), tar.Header{Typeflag: tar.TypeDir, Name: "l/"}),
		"file over a full dir": archive(t, file("d/x"), file("d")),
		"cut short":            archive(t, file("good"))[:1500],
		"no archive":           []byte(strings.Repeat("hello", 200)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plant(t, dir, map[string]string{"secret": "s", "dst/keep": "k", "dst/old": "->.."})
			before := list(t, dir)
			err := machine.GetTree(t.Context(), sender{stream: stream}, "/src", dir+"/dst", machine.Transfer{})
			if err == nil {
				t.Error("was taken")
			}
			if d := cmp.Diff(before, list(t, dir)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestGetTreeBroken(t *testing.T) {
	t.Parallel()
	whole := archive(t, tar.Header{Typeflag: tar.TypeReg, Name: "a"})
	for _, s := range []sender{
		{stream: whole, err: machine.ErrDisconnected},
		{stream: whole, exit: 2},
		{stream: whole, exit: 1},
	} {
		dst := t.TempDir()
		err := machine.GetTree(t.Context(), s, "/src", dst, machine.Transfer{})
		if err == nil || s.err != nil && !errors.Is(err, s.err) {
			t.Errorf("%v: %v", s, err)
		}
		if got := list(t, dst); len(got) > 0 {
			t.Errorf("left %v", got)
		}
	}
}
