package overlay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBelow(t *testing.T) {
	t.Parallel()
	const table = `21 1 8:1 / / rw - ext4 /dev/sda rw
30 21 0:5 / /srv/m/root rw - overlay overlay rw
31 30 0:6 / /srv/m/root/a\040b rw - tmpfs tmpfs rw
32 21 0:7 / /srv/m2 rw - tmpfs tmpfs rw
33 21 0:8 / /srv/m rw - tmpfs tmpfs rw
short line
`
	got, err := below(strings.NewReader(table), "/srv/m/")
	if want := []string{"/srv/m/root", "/srv/m/root/a b", "/srv/m"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("below = %q, %v, want %q", got, err, want)
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`plain`: "plain", `a\040b`: "a b", `\134`: `\`, `\012x`: "\nx", `end\04`: `end\04`, `\999`: `\999`, "": "",
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(`a\040b\`)
	f.Fuzz(func(t *testing.T, s string) {
		if got := unescape(s); len(got) > len(s) {
			t.Errorf("unescape(%q) = %q is longer", s, got)
		}
	})
}

// TestMount stacks as many directories as may be, with long names, and leaves
// the working directory of the process alone.
func TestMount(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := filepath.Join(t.TempDir(), strings.Repeat("long, with: strange\\ signs ", 6))
	mk := func(name string) string {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(p, 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	o := Options{Upper: mk("upper"), Work: mk("work"), Links: filepath.Join(dir, "links")}
	for i := range MaxLowers {
		lower := mk(fmt.Sprintf("lower-%03d", i))
		for _, name := range []string{fmt.Sprint("only-", i), "all"} {
			if err := os.WriteFile(filepath.Join(lower, name), []byte(fmt.Sprint(i)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		o.Lowers = append(o.Lowers, lower)
	}
	at := mk("merged")
	t.Cleanup(func() {
		if err := Unmount(dir); err != nil {
			t.Error(err)
		}
	})
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := Mount(at, o); err != nil {
		t.Fatal(err)
	}
	if now, err := os.Getwd(); now != before || err != nil {
		t.Errorf("working directory is %s, %v, was %s", now, err, before)
	}
	if text, err := os.ReadFile(filepath.Join(at, "all")); string(text) != fmt.Sprint(MaxLowers-1) || err != nil {
		t.Errorf("on top is %q, %v", text, err)
	}
	for i := range MaxLowers {
		if _, err := os.Lstat(filepath.Join(at, fmt.Sprint("only-", i))); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(filepath.Join(at, "new"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if mounted, err := Mounted(dir); !mounted || err != nil {
		t.Errorf("mounted = %v, %v", mounted, err)
	}
	for range 2 {
		if err := Unmount(dir); err != nil {
			t.Fatal(err)
		}
	}
	if mounted, err := Mounted(dir); mounted || err != nil {
		t.Errorf("mounted = %v, %v", mounted, err)
	}
	if _, err := os.Lstat(filepath.Join(o.Upper, "new")); err != nil {
		t.Error(err)
	}
}

func TestMountRefuses(t *testing.T) {
	t.Parallel()
	if err := Mount(t.TempDir(), Options{}); err == nil {
		t.Error("mounted nothing")
	}
	if err := Mount(t.TempDir(), Options{Lowers: make([]string, MaxLowers+1)}); err == nil {
		t.Error("mounted too many")
	}
	err := Mount(t.TempDir(), Options{Lowers: []string{"/nowhere"}, Upper: "/nowhere", Work: "/nowhere", Links: filepath.Join(t.TempDir(), "l")})
	if err == nil || errors.Is(err, os.ErrInvalid) {
		t.Errorf("mounted what is not there: %v", err)
	}
}

// TestUnmountByLink: a home that is reached through a link is cleaned up too.
func TestUnmountByLink(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	dir := t.TempDir()
	o := Options{Lowers: []string{filepath.Join(dir, "real", "lower")}, Upper: filepath.Join(dir, "real", "upper"),
		Work: filepath.Join(dir, "real", "work"), Links: filepath.Join(dir, "real", "links")}
	at := filepath.Join(dir, "real", "root")
	for _, d := range []string{o.Lowers[0], o.Upper, o.Work, at} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	if err := Mount(filepath.Join(link, "root"), o); err != nil {
		t.Skip("needs overlayfs: ", err)
	}
	t.Cleanup(func() { _ = Unmount(at) })
	if mounted, err := Mounted(link); !mounted || err != nil {
		t.Errorf("mounted: %v, %v", mounted, err)
	}
	if err := Unmount(link); err != nil {
		t.Error(err)
	}
	if mounted, err := Mounted(at); mounted || err != nil {
		t.Errorf("after Unmount mounted: %v, %v", mounted, err)
	}
	if err := Unmount(filepath.Join(dir, "nowhere")); err != nil {
		t.Error(err)
	}
}
