package provision

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// content reads a tree: file names to modes and contents.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.Walk(dir, func(p string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		got[rel] = info.Mode().Perm().String()[1:] + " " + string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFileUpload(t *testing.T) {
	t.Parallel()
	const plain, exec = "rw-r--r-- ", "rwxr-xr-x "
	for _, tt := range []struct {
		name   string
		config fileConfig // $S is the source directory, $D the machine's
		want   map[string]string
		says   string
		err    []string
	}{
		{
			name:   "file",
			config: fileConfig{Source: "$S/a.txt", Destination: "$D/b"},
			want:   map[string]string{"b": plain + "a"},
			says:   "Uploading $S/a.txt => $D/b",
		},
		{
			name:   "file keeps its name",
			config: fileConfig{Source: "$S/a.txt", Destination: "$D/etc/"},
			want:   map[string]string{"etc/a.txt": plain + "a"},
		},
		{
			name:   "executable, over one that is there",
			config: fileConfig{Source: "$S/run", Destination: "$D/etc/old"},
			want:   map[string]string{"etc/old": exec + "run"},
		},
		{
			name:   "a link is what it leads to",
			config: fileConfig{Source: "$S/link", Destination: "$D/"},
			want:   map[string]string{"link": plain + "a"},
		},
		{
			name:   "several",
			config: fileConfig{Sources: []string{"$S/a.txt", "$S/tree"}, Source: "$S/run", Destination: "$D/etc/"},
			want:   map[string]string{"etc/a.txt": plain + "a", "etc/run": exec + "run", "etc/tree/x": plain + "x", "etc/tree/sub/y": plain + "y"},
		},
		{
			name:   "directory",
			config: fileConfig{Source: "$S/tree", Destination: "$D/etc"},
			want:   map[string]string{"etc/tree/x": plain + "x", "etc/tree/sub/y": plain + "y"},
		},
		{
			name:   "what a directory holds",
			config: fileConfig{Source: "$S/tree/", Destination: "$D/etc"},
			want:   map[string]string{"etc/x": plain + "x", "etc/sub/y": plain + "y"},
		},
		{
			name:   "what a directory holds, to a new one",
			config: fileConfig{Source: "$S/tree/", Destination: "$D/etc/new/"},
			want:   map[string]string{"etc/new/x": plain + "x", "etc/new/sub/y": plain + "y"},
		},
		{
			name:   "content",
			config: fileConfig{Content: new("{\"k\": 1}\n"), Destination: "$D/c"},
			want:   map[string]string{"c": plain + "{\"k\": 1}\n"},
			says:   "Uploading content => $D/c",
		},
		{
			name:   "content without a name",
			config: fileConfig{Content: new("c"), Destination: "$D/"},
			want:   map[string]string{"pkr-file-content": plain + "c"},
		},
		{
			name:   "no parent",
			config: fileConfig{Source: "$S/a.txt", Destination: "$D/no/b"},
			err:    []string{"upload $S/a.txt to $D/no/b", "directory $D/no is not there in the machine; make it"},
		},
		{
			name:   "no parent of content",
			config: fileConfig{Content: new("x"), Destination: "$D/no/"},
			err:    []string{"directory $D/no is not there in the machine; make it"},
		},
		{
			name:   "no parent of a directory",
			config: fileConfig{Source: "$S/tree", Destination: "$D/no"},
			err:    []string{"directory $D/no is not there in the machine; make it"},
		},
		{
			name:   "directory without a slash",
			config: fileConfig{Source: "$S/a.txt", Destination: "$D/etc"},
			want:   map[string]string{"etc/a.txt": plain + "a"},
		},
		{
			name:   "several without a slash",
			config: fileConfig{Sources: []string{"$S/a.txt", "$S/run"}, Destination: "$D/etc"},
			want:   map[string]string{"etc/a.txt": plain + "a", "etc/run": exec + "run"},
		},
		{
			name:   "several into nothing",
			config: fileConfig{Sources: []string{"$S/a.txt", "$S/run"}, Destination: "$D/no"},
			err:    []string{"directory $D/no is not there in the machine; make it"},
		},
		{
			name:   "empty content",
			config: fileConfig{Content: new(""), Destination: "$D/c"},
			says:   "Nothing to upload to $D/c: the content is empty",
		},
		{
			name:   "content over a directory",
			config: fileConfig{Content: new("x"), Destination: "$D/etc"},
			err:    []string{"end the path with /"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, dst := t.TempDir(), t.TempDir()
			write(t, src+"/a.txt", "a", 0o600)
			write(t, src+"/run", "run", 0o700)
			write(t, src+"/tree/x", "x", 0o664)
			write(t, src+"/tree/sub/y", "y", 0o640)
			if err := os.Symlink("a.txt", src+"/link"); err != nil {
				t.Fatal(err)
			}
			write(t, dst+"/etc/old", "old", 0o600)
			put := func(s string) string { return strings.NewReplacer("$S", src, "$D", dst).Replace(s) }
			c := tt.config
			c.Source, c.Destination = put(c.Source), put(c.Destination)
			for i := range c.Sources {
				c.Sources[i] = put(c.Sources[i])
			}
			p, err := openFile(c)
			if err != nil {
				t.Fatal(err)
			}
			run, log := run(t)
			err = p.Provision(t.Context(), run, &host{})
			want := map[string]string{"etc/old": "rw------- old"}
			switch {
			case tt.err != nil:
				for _, e := range tt.err {
					wantError(t, err, put(e))
				}
			case err != nil:
				t.Fatal(err)
			}
			for k, v := range tt.want {
				want[k] = v
			}
			if d := cmp.Diff(want, content(t, dst)); d != "" {
				t.Error(d)
			}
			if tt.says != "" && log.said() != put(tt.says) {
				t.Errorf("said %q", log.said())
			}
		})
	}
}

func TestFileDownload(t *testing.T) {
	t.Parallel()
	const plain = "rw-r--r-- "
	for _, tt := range []struct {
		name   string
		config fileConfig // $S is the machine's directory, $D the host's
		want   map[string]string
		err    string
	}{
		{name: "file", config: fileConfig{Source: "$S/a.txt", Destination: "$D/old"}, want: map[string]string{"old": plain + "a"}},
		{name: "to a new directory", config: fileConfig{Source: "$S/a.txt", Destination: "$D/x/y/"}, want: map[string]string{"old": plain + "old", "x/y/a.txt": plain + "a"}},
		{name: "directory", config: fileConfig{Source: "$S/tree/", Destination: "$D/t"}, want: map[string]string{"old": plain + "old", "t/x": plain + "x"}},
		{name: "pattern", config: fileConfig{Source: "$S/*.txt", Destination: "$D"}, want: map[string]string{"old": plain + "old", "a.txt": plain + "a"}},
		{name: "several", config: fileConfig{Sources: []string{"$S/tree/", "$S/a.txt"}, Destination: "$D/"}, want: map[string]string{"old": plain + "old", "a.txt": plain + "a", "x": plain + "x"}},
		{name: "not there", config: fileConfig{Source: "$S/b", Destination: "$D/old"}, want: map[string]string{"old": plain + "old"}, err: "no such file in the machine"},
		{name: "no such directory", config: fileConfig{Source: "$S/b/", Destination: "$D/"}, want: map[string]string{"old": plain + "old"}, err: "no such directory"},
		{name: "a directory without a slash", config: fileConfig{Source: "$S/tree", Destination: "$D/old"}, want: map[string]string{"old": plain + "old"}, err: "end the source with /"},
		{name: "to a directory without a slash", config: fileConfig{Source: "$S/a.txt", Destination: "$D"}, want: map[string]string{"old": plain + "old"}, err: "end the destination with /"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, dst := t.TempDir(), t.TempDir()
			write(t, src+"/a.txt", "a", 0o600)
			write(t, src+"/tree/x", "x", 0o600)
			write(t, dst+"/old", "old", 0o644)
			put := func(s string) string { return strings.NewReplacer("$S", src, "$D", dst).Replace(s) }
			c := tt.config
			c.Direction, c.Source, c.Destination = "download", put(c.Source), put(c.Destination)
			for i := range c.Sources {
				c.Sources[i] = put(c.Sources[i])
			}
			p, err := openFile(c)
			if err != nil {
				t.Fatal(err)
			}
			run, _ := run(t)
			err = p.Provision(t.Context(), run, &host{})
			if tt.err != "" {
				wantError(t, err, tt.err)
			} else if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, content(t, dst)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFileOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := write(t, dir+"/a", "a", 0o644)
	for _, tt := range []struct {
		name   string
		config fileConfig
		want   []string
	}{
		{"nothing", fileConfig{Destination: "/x"}, []string{`needs option "source" or "sources" or "content"`}},
		{"both", fileConfig{Source: a, Content: new("x"), Destination: "/x"}, []string{"content", "not both"}},
		{"content down", fileConfig{Content: new("x"), Direction: "download", Destination: "/x"}, []string{"content", "uploads"}},
		{"direction", fileConfig{Source: a, Direction: "sideways", Destination: "/x"}, []string{"direction", "sideways"}},
		{"gone", fileConfig{Source: dir + "/b", Destination: "/x"}, []string{"source: ", dir + "/b"}},
		{"one gone", fileConfig{Source: a, Sources: []string{dir + "/b"}, Destination: "/x/"}, []string{"sources: ", dir + "/b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := openFile(tt.config)
			wantError(t, err, tt.want...)
		})
	}
	for _, c := range []fileConfig{
		{Source: dir + "/b", Generated: true, Destination: "/x"},
		{Source: "/only/in/the/machine", Direction: "download", Destination: dir + "/x"},
	} {
		if _, err := openFile(c); err != nil {
			t.Error(err)
		}
	}
}

func TestFileGeneratedIsMissing(t *testing.T) {
	t.Parallel()
	p, err := openFile(fileConfig{Source: t.TempDir() + "/b", Generated: true, Destination: "/x"})
	if err != nil {
		t.Fatal(err)
	}
	run, _ := run(t)
	if err := p.Provision(t.Context(), run, &host{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestFileFingerprintKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config fileConfig
		want   error
	}{
		{fileConfig{Source: "/x", Direction: "download", Destination: "y"}, cache.ErrOutside},
		{fileConfig{Source: "/nonexistent", Generated: true, Destination: "/y"}, cache.ErrVolatile},
		{fileConfig{Content: new("x"), Destination: "/y"}, nil},
	} {
		p, err := openFile(tt.config)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Fingerprint(t.Context(), cache.NewHash("", "file", nil)); !errors.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt.config, err)
		}
	}
}
