package probe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(in("plain"), []byte("one\ntwo\n"), 0o600))
	must(os.Chmod(in("plain"), 0o640|os.ModeSetuid|os.ModeSticky))
	must(os.Symlink("plain", in("link")))
	must(os.Symlink("nowhere", in("dangling")))
	must(os.Symlink(dir, in("dirlink")))
	must(syscall.Mkfifo(in("pipe"), 0o644))
	must(os.WriteFile(in("empty"), nil, 0o644))
	must(os.WriteFile(in("large"), make([]byte, MaxBlob+1), 0o644))
	must(os.WriteFile(in("full"), make([]byte, MaxBlob), 0o644))

	content := map[string]string{"content": "1"}
	targets := map[string]string{"link": "file", "dangling": "", "dirlink": "directory"}
	tests := []struct {
		name string
		args map[string]string
		want File
	}{
		{"missing", content, File{}},
		{"plain/below", content, File{}},
		{"plain", nil, File{Exists: true, Type: "file", Mode: "5640", Size: 8}},
		{"plain", map[string]string{"content": "1", "md5": "1", "sha256": "1"}, File{Exists: true, Type: "file", Mode: "5640", Size: 8,
			Content: []byte("one\ntwo\n"), MD5: "43d93b0d8e9f27a7d16f0b0f4ba8ee68", SHA256: sum256("one\ntwo\n")}},
		{"link", content, File{Exists: true, Type: "symlink", Mode: "0777", Size: 5, LinkTarget: "plain", Content: []byte("one\ntwo\n")}},
		{"dangling", content, File{Exists: true, Type: "symlink", Mode: "0777", Size: 7, LinkTarget: "nowhere", ReadErr: "no such file"}},
		{"dirlink", content, File{Exists: true, Type: "symlink", Mode: "0777", Size: int64(len(dir)), LinkTarget: dir, ReadErr: "it is a directory"}},
		{"pipe", content, File{Exists: true, Type: "pipe", Mode: "0644", ReadErr: "it is a pipe"}},
		{"empty", content, File{Exists: true, Type: "file", Mode: "0644"}},
		{"large", content, File{Exists: true, Type: "file", Mode: "0644", Size: MaxBlob + 1, TooLarge: true}},
		{"large", map[string]string{"content": "1", "sha256": "1"}, File{Exists: true, Type: "file", Mode: "0644", Size: MaxBlob + 1, TooLarge: true,
			SHA256: sum256(strings.Repeat("\x00", MaxBlob+1))}},
		{"full", content, File{Exists: true, Type: "file", Mode: "0644", Size: MaxBlob, Content: make([]byte, MaxBlob)}},
	}
	for _, tt := range tests {
		got := one[File](t, "/", Question{Kind: KindFile, Name: in(tt.name), Args: tt.args})
		if tt.want.Exists {
			tt.want.UID, tt.want.GID = os.Getuid(), os.Getgid()
			tt.want.Owner, tt.want.Group = got.Owner, got.Group
			tt.want.TargetType, tt.want.MTime = tt.want.Type, modified(t, in(tt.name))
			if to, ok := targets[tt.name]; ok {
				tt.want.TargetType = to
			}
			if got.Owner == "" || got.Group == "" {
				t.Errorf("%s: no owner", tt.name)
			}
			if tt.name == "plain" && tt.args != nil {
				tt.want.MD5 = got.MD5
				if len(got.MD5) != 32 {
					t.Errorf("md5 %q", got.MD5)
				}
			}
		}
		if tt.want.ReadErr != "" && strings.Contains(got.ReadErr, tt.want.ReadErr) {
			tt.want.ReadErr = got.ReadErr
		}
		if !bytes.Equal(got.Content, tt.want.Content) {
			t.Errorf("%s: %d bytes of content, want %d", tt.name, len(got.Content), len(tt.want.Content))
		}
		got.Content, tt.want.Content = nil, nil
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%s %v: (-want +got)\n%s", tt.name, tt.args, diff)
		}
	}
}

func modified(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime().Unix()
}

func sum256(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func TestFileOfKernel(t *testing.T) {
	t.Parallel()
	// A file of /proc says that it has no bytes.
	f := one[File](t, "/", Question{Kind: KindFile, Name: "/proc/version", Args: map[string]string{"content": "1"}})
	if !strings.HasPrefix(string(f.Content), "Linux version") {
		t.Errorf("content %q", f.Content)
	}
}

func TestFileOwnerInTree(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"etc/passwd": "someone:x:" + strconv.Itoa(os.Getuid()) + ":1::/:/bin/sh\n",
		"etc/group":  "people:x:" + strconv.Itoa(os.Getgid()) + ":\n",
		"file":       "",
		"etc/abs":    "-> /file",
	})
	f := one[File](t, root, Question{Kind: KindFile, Name: "/file"})
	if f.Owner != "someone" || f.Group != "people" {
		t.Errorf("owner %q, group %q", f.Owner, f.Group)
	}
	// Links are taken inside the tree.
	f = one[File](t, root, Question{Kind: KindFile, Name: "/etc/abs", Args: map[string]string{"sha256": "1"}})
	if f.SHA256 != sum256("") || f.LinkTarget != "/file" {
		t.Errorf("got %+v", f)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"usr/bin/sh":  "",
		"bin":         "-> usr/bin",
		"abs":         "-> /usr/bin/sh",
		"up":          "-> ../../../../etc/shadow",
		"loop":        "-> loop",
		"a/b/rel":     "-> ../../bin/sh",
		"a/gone":      "-> /nowhere/at/all",
		"a/dir":       "-> /a/b",
		"a/chain":     "-> dir/rel",
		"a/empty/":    "",
		"a/dotted":    "-> ./b/./../b/rel",
		"a/outofroot": "-> /../../usr",
	})
	tests := []struct {
		name   string
		follow bool
		want   string
	}{
		{"/", true, "/"},
		{"/bin/sh", false, "/usr/bin/sh"},
		{"/bin", false, "/bin"},
		{"/bin", true, "/usr/bin"},
		{"/abs", true, "/usr/bin/sh"},
		{"/up", true, "/etc/shadow"},
		{"/up", false, "/up"},
		{"/../../x", true, "/x"},
		{"/a/b/rel", true, "/usr/bin/sh"},
		{"/a/gone", true, "/nowhere/at/all"},
		{"/a/chain", true, "/usr/bin/sh"},
		{"/a/dotted", true, "/usr/bin/sh"},
		{"/a/outofroot/bin", true, "/usr/bin"},
		{"/a/dir/rel", false, "/a/b/rel"},
	}
	for _, tt := range tests {
		got, err := within(root, tt.name, tt.follow)
		if err != nil || strings.TrimPrefix(got, root) != strings.TrimSuffix(tt.want, "/") && got != root+tt.want {
			t.Errorf("within(%q, %v) = %q, %v; want %q", tt.name, tt.follow, strings.TrimPrefix(got, root), err, tt.want)
		}
	}
	if _, err := within(root, "/loop", true); err == nil {
		t.Error("a loop resolves")
	}
}

func FuzzWithin(f *testing.F) {
	f.Add("/a/../b", "../../../etc")
	f.Add("/l", "/l/../..")
	f.Fuzz(func(t *testing.T, name, target string) {
		if strings.ContainsRune(name+target, 0) || len(name+target) > 500 || target == "" {
			return
		}
		root := t.TempDir()
		if os.Symlink(target, filepath.Join(root, "l")) != nil {
			return
		}
		got, err := within(root, "/l/"+name, true)
		if err == nil && got != root && !strings.HasPrefix(got, root+"/") {
			t.Errorf("within(%q) with link to %q leads to %q", name, target, got)
		}
	})
}

// TestRegularWaitsForNothing: a stream that looks like a file is not waited for.
func TestRegularWaitsForNothing(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(regular{r})
	if string(text) != "text" || !errors.Is(err, errNoEnd) {
		t.Errorf("%q, %v", text, err)
	}
}
