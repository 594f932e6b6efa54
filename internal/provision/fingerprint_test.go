package provision

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// TestFingerprint: a key changes with the content of what a step reads, and with
// nothing else.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/a.sh", "a", 0o644)
	write(t, dir+"/b.sh", "b", 0o644)
	write(t, dir+"/tree/sub/c", "c", 0o644)
	write(t, dir+"/shared/d", "d", 0o644)
	write(t, dir+"/shared/dir/e", "e", 0o644)
	for link, to := range map[string]string{"inside": "sub/c", "out": "../shared/d", "outdir": dir + "/shared/dir"} {
		if err := os.Symlink(to, filepath.Join(dir, "tree", link)); err != nil {
			t.Fatal(err)
		}
	}
	scripts, err := openShell(shellConfig{scriptConfig: scriptConfig{Scripts: []string{dir + "/a.sh", os.DevNull, dir + "/b.sh"}}})
	if err != nil {
		t.Fatal(err)
	}
	upload := func(c fileConfig) Provisioner {
		p, err := openFile(c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, tt := range []struct {
		name  string
		p     Provisioner
		reads []string
	}{
		{"shell", scripts, []string{"a.sh", "b.sh"}},
		{"file", upload(fileConfig{Source: dir + "/a.sh", Destination: "/x"}), []string{"a.sh"}},
		{"tree", upload(fileConfig{Source: dir + "/tree", Destination: "/x"}), []string{"tree/sub/c", "shared/d", "shared/dir/e"}},
		{"both", upload(fileConfig{Sources: []string{dir + "/tree/", dir + "/b.sh"}, Destination: "/x/"}), []string{"b.sh", "tree/sub/c", "shared/d", "shared/dir/e"}},
	} {
		key := func() cache.Key {
			h := cache.NewHash("", "kind", nil)
			if err := tt.p.Fingerprint(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			return h.Key()
		}
		before := key()
		for _, f := range tt.reads {
			f := filepath.Join(dir, f)
			old, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			write(t, f, "other", 0o644)
			if key() == before {
				t.Errorf("%s: the key does not depend on %s", tt.name, f)
			}
			write(t, f, string(old), 0o644)
			if err := os.Chtimes(f, time.Time{}, time.Unix(1e9, 0)); err != nil {
				t.Fatal(err)
			}
			if key() != before {
				t.Errorf("%s: the key depends on the time of %s", tt.name, f)
			}
		}
	}
}

// TestPlaceIsNoInput: the same files elsewhere give the same key, other names and
// another order do not.
func TestPlaceIsNoInput(t *testing.T) {
	t.Parallel()
	key := func(p Provisioner, err error) cache.Key {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		h := cache.NewHash("", "kind", nil)
		if err := p.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	shell := func(dir string, names ...string) cache.Key {
		c := shellConfig{}
		for _, n := range names {
			c.Scripts = append(c.Scripts, dir+"/"+n)
		}
		return key(openShell(c))
	}
	upload := func(source string) cache.Key { return key(openFile(fileConfig{Source: source, Destination: "/x"})) }
	here, there := t.TempDir(), t.TempDir()+"/elsewhere"
	for _, dir := range []string{here, there} {
		for _, name := range []string{"a.sh", "b.sh", "other/a.sh", "tree/c", "twin/c"} {
			write(t, dir+"/"+name, "text", 0o644)
		}
	}
	for _, tt := range []struct {
		name string
		a, b cache.Key
		same bool
	}{
		{"scripts", shell(here, "a.sh", "b.sh"), shell(there, "a.sh", "b.sh"), true},
		{"scripts of one name", shell(here, "a.sh", "other/a.sh"), shell(there, "other/a.sh", "a.sh"), true},
		{"fewer scripts", shell(here, "a.sh", "other/a.sh"), shell(here, "a.sh"), false},
		{"order", shell(here, "a.sh", "b.sh"), shell(here, "b.sh", "a.sh"), false},
		{"file", upload(here + "/a.sh"), upload(there + "/a.sh"), true},
		{"name of a file", upload(here + "/a.sh"), upload(here + "/b.sh"), false},
		{"tree", upload(here + "/tree"), upload(there + "/tree"), true},
		{"name of a tree", upload(here + "/tree"), upload(here + "/twin"), false},
		{"what is in a tree", upload(here + "/tree"), upload(here + "/tree/"), false},
	} {
		if (tt.a == tt.b) != tt.same {
			t.Errorf("%s: the same key: %v", tt.name, !tt.same)
		}
	}
}

// TestUsesNames: builds of different names share no layer of a step that is told
// the name.
func TestUsesNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config shellConfig
		want   bool
	}{
		{shellConfig{scriptConfig: scriptConfig{Inline: []string{"echo $PACKER_BUILD_NAME"}}}, true},
		{shellConfig{scriptConfig: scriptConfig{Inline: []string{"env"}}, ExecuteCommand: late(t, "HOST=$PACKER_BUILD_NAME sh {{.Path}}")}, true},
		{shellConfig{scriptConfig: scriptConfig{Inline: []string{"echo $HOME"}}}, false},
	} {
		p, err := openShell(tt.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.(UsesNames).UsesNames(); got != tt.want {
			t.Errorf("%+v uses names: %v", tt.config, got)
		}
	}
	dir := t.TempDir()
	write(t, dir+"/knows/a/run.sh", "echo $PACKER_BUILDER_TYPE", 0o644)
	write(t, dir+"/plain/run.sh", "echo $HOME", 0o644)
	if err := os.Symlink(dir+"/knows/a/run.sh", dir+"/plain/link"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		config fileConfig
		want   bool
	}{
		{fileConfig{Source: dir + "/knows/a/run.sh"}, true},
		{fileConfig{Source: dir + "/knows"}, true},
		{fileConfig{Sources: []string{dir + "/plain/run.sh", dir + "/knows"}, Destination: "/srv/"}, true},
		{fileConfig{Source: dir + "/plain/run.sh"}, false},
		{fileConfig{Source: dir + "/plain"}, true}, // by the link
		{fileConfig{Content: new("echo $PACKER_BUILD_NAME")}, true},
		{fileConfig{Content: new("echo")}, false},
		{fileConfig{Source: dir + "/knows", Direction: "download"}, false},
	} {
		p, err := openFile(tt.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.(UsesNames).UsesNames(); got != tt.want {
			t.Errorf("%+v uses names: %v", tt.config, got)
		}
	}
}
