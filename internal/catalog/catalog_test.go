package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/image"
)

func open(t testing.TB, path string) *Catalog {
	t.Helper()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func add(t testing.TB, c *Catalog, v Version) Version {
	t.Helper()
	v, err := c.Add(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// full is a version with something in every field.
func full() Version {
	made := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	return Version{
		Name: "web", Key: "sha256:k", ProofKey: "sha256:p", Status: Proven, Created: made,
		Image: image.Image{Name: "web", Builder: "rootfs", ID: "/images/web", Format: "tar.zst", Digest: image.Digest("sha256:" + strings.Repeat("ab", 32)),
			Size: 1 << 40, Files: []string{"/images/web/image.tar.zst"}, Facts: map[string]string{"region": "here"}},
		Build: "rootfs.web", Run: "r1", Template: "web.pkr.hcl", TemplateDigest: "sha256:t", Commit: "abc+dirty",
		Labels:    map[string]string{"team": "web", "empty": ""},
		Variables: []Variable{{"mirror", "http://x", false}, {"password", "hmac-sha256:d", true}},
		Parent:    &Ref{"base", 3, "sha256:b"},
		Steps:     []Step{{"base", time.Minute, true, made}, {"shell", time.Second, false, made}},
		Checks: []Check{{Gate: 1, Source: "inline", Subject: `Service "nginx"`, Description: "is running", Pos: "web.pkr.hcl:3:4", Verdict: "pass"},
			{Gate: 2, Source: "goss", Subject: "File", Description: "exists", Verdict: "fail", Wanted: "a", Found: "b", Reason: "c", Command: "ls"}},
		Content: Content{OS: "Debian 12", Arch: "amd64", Packages: []Package{{"nginx", "1.22", "amd64", "dpkg"}}, Etc: map[string]string{"/etc/motd": "d"},
			Services: map[string]string{"nginx.service": "active"}, Ports: []string{"tcp:80"}, Users: []string{"root:0:0:/root:/bin/bash"}},
		Log: "/logs/r1", Report: "/reports/r1.html", Tool: "0.1",
	}
}

func TestAbsentCatalogIsEmpty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "home", "catalog.db")
	c := open(t, path)
	ctx := t.Context()
	if l, err := c.List(ctx, ""); err != nil || len(l) != 0 {
		t.Errorf("list: %v, %v", l, err)
	}
	_, byKey := c.ByKey(ctx, "web", "k")
	_, get := c.Get(ctx, "web")
	_, remove := c.Remove(ctx, "web", false)
	for name, err := range map[string]error{"ByKey": byKey, "Get": get, "Remove": remove, "Update": c.Update(ctx, full())} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("reading made the directory")
	}
	add(t, c, full())
	if v, err := c.Get(ctx, "web"); err != nil || v.Version != 1 {
		t.Errorf("after the first Add: %v, %v", v.Version, err)
	}
}

func TestAddAndGet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd ?name#100%.db")
	want := full()
	added := add(t, open(t, path), want)
	want.Version = 1
	equal(t, "added", added, want)
	c := open(t, path)
	for _, ref := range []string{"web", "web:1", "web:latest", "abababab", "sha256:ABABABAB", "sha256:" + strings.Repeat("ab", 32), "ababababa"} {
		got, err := c.Get(t.Context(), ref)
		if err != nil {
			t.Errorf("get %s: %v", ref, err)
			continue
		}
		equal(t, ref, got, want)
	}
	got, err := c.ByKey(t.Context(), "web", "sha256:k")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "by key", got, want)
	list, err := c.List(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	want.Checks, want.Content = nil, Content{}
	equal(t, "list", list, []Version{want})
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("files: %v", entries)
	}
	if _, err := c.Add(t.Context(), Version{}); err == nil {
		t.Error("an image without a name was added")
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	digest := func(begin string) image.Image {
		return image.Image{Digest: image.Digest("sha256:" + begin + strings.Repeat("0", 64-len(begin)))}
	}
	for _, v := range []Version{
		{Name: "web", Status: Proven, Image: digest("aaaaaaaa1")},
		{Name: "web", Status: Unproven, Image: digest("aaaaaaaa2")},
		{Name: "web", Status: Refused, Image: digest("bbbbbbbb")},
		{Name: "bad", Status: Refused, Image: digest("cccccccc")},
		{Name: "deadbeef", Status: Proven, Image: digest("11111111")},
		{Name: "other", Status: Proven, Image: digest("deadbeef")},
		{Name: "with:colon", Status: Proven, Image: digest("22222222")},
	} {
		add(t, c, v)
	}
	for ref, want := range map[string]string{
		"web": "web:2", "web:latest": "web:2", "web:1": "web:1", "web:3": "web:3", "bbbbbbbb": "web:3", "aaaaaaaa1": "web:1", "sha256:aaaaaaaa2": "web:2",
		"deadbeef": "deadbeef:1", "sha256:deadbeef": "other:1", "with:colon": "with:colon:1", "with:colon:1": "with:colon:1",
	} {
		v, err := c.Get(t.Context(), ref)
		if got := fmt.Sprintf("%s:%d", v.Name, v.Version); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", ref, got, err, want)
		}
	}
	for ref, want := range map[string]string{
		"wep":            `did you mean web?`,
		"wep:1":          `did you mean web?`,
		"deadbee":        `did you mean deadbeef?`,
		"zzzzzzzzzzzz":   `there is bad, deadbeef, other, web, with:colon`,
		"web:4":          `web has 3 version(s) from 1 to 3`,
		"web:x":          `"x" is not a version`,
		"bad":            `refused`,
		"99999999":       `no digest begins like this`,
		"sha256:9999999": `there is`,
	} {
		_, err := c.Get(t.Context(), ref)
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q in it", ref, err, want)
		}
	}
	_, err := c.Get(t.Context(), "aaaaaaaa")
	if err == nil || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "web:1") || !strings.Contains(err.Error(), "web:2") {
		t.Errorf("an ambiguous digest: %v", err)
	}
}

func TestByKeyIsOfNewest(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	for _, v := range []Version{{Name: "web", Key: "a"}, {Name: "web", Key: "a"}, {Name: "web", Key: "b"}, {Name: "db", Key: "a"}} {
		add(t, c, v)
	}
	v, err := c.ByKey(t.Context(), "web", "a")
	if err != nil || v.Version != 2 {
		t.Errorf("version %d, %v", v.Version, err)
	}
	if _, err := c.ByKey(t.Context(), "db", "b"); !errors.Is(err, ErrNotFound) {
		t.Errorf("err %v", err)
	}
	list, err := c.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range list {
		names = append(names, fmt.Sprint(v.Name, v.Version))
	}
	equal(t, "list", names, []string{"db1", "web3", "web2", "web1"})
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	v := add(t, c, full())
	other := add(t, c, full())
	change := v
	change.Status, change.ProofKey, change.Log, change.Report = Refused, "p2", "l2", "r2"
	change.Checks, change.Content = []Check{{Gate: 2, Verdict: "fail"}}, Content{OS: "Debian 13"}
	want := change
	change.Key, change.Labels, change.Created = "ignored", nil, time.Time{}
	if err := c.Update(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(t.Context(), "web:1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "updated", got, want)
	got, _ = c.Get(t.Context(), "web:2")
	equal(t, "the other", got, other)
	change.Version = 9
	if err := c.Update(t.Context(), change); !errors.Is(err, ErrNotFound) {
		t.Errorf("updating what is not there: %v", err)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	ctx := t.Context()
	for range 3 {
		add(t, c, Version{Name: "base"})
	}
	add(t, c, Version{Name: "web", Parent: &Ref{Name: "base", Version: 3}})
	add(t, c, Version{Name: "db", Parent: &Ref{Name: "base", Version: 3}})
	_, err := c.Remove(ctx, "base:3", false)
	if err == nil || !strings.Contains(err.Error(), "web:1, db:1") {
		t.Errorf("removing a parent: %v", err)
	}
	if _, err := c.Get(ctx, "base:3"); err != nil {
		t.Errorf("the parent is gone: %v", err)
	}
	if v, err := c.Remove(ctx, "base:3", true); err != nil || v.Version != 3 {
		t.Errorf("by force: %v, %v", v.Version, err)
	}
	if _, err := c.Get(ctx, "base:3"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the parent is still there: %v", err)
	}
	if v := add(t, c, Version{Name: "base"}); v.Version != 4 {
		t.Errorf("the number %d was given again", v.Version)
	}
	for _, ref := range []string{"web:1", "db"} {
		if _, err := c.Remove(ctx, ref, false); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if v := add(t, c, Version{Name: "web"}); v.Version != 2 {
		t.Errorf("after its only version went, web goes on with %d", v.Version)
	}
}

func TestForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	make := func(name, statements string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:                                "not a database",
		make("other", `CREATE TABLE t (x)`): "not a catalog",
		make("newer", `PRAGMA user_version = 99`): "newer version",
	} {
		before, _ := os.ReadFile(path)
		c := open(t, path)
		_, read := c.List(t.Context(), "")
		_, write := c.Add(t.Context(), Version{Name: "web"})
		for _, err := range []error{read, write} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q in it", path, err, want)
			}
		}
		if after, _ := os.ReadFile(path); string(after) != string(before) {
			t.Errorf("%s was changed", path)
		}
	}
	if _, err := Open(dir); err == nil {
		t.Error("a directory passes as a catalog")
	}
	// What a process leaves that dies before its first write.
	empty := filepath.Join(dir, "empty")
	os.WriteFile(empty, nil, 0o600)
	c := open(t, empty)
	if l, err := c.List(t.Context(), ""); err != nil || len(l) != 0 {
		t.Errorf("an empty file: %v, %v", l, err)
	}
	add(t, c, Version{Name: "web"})
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	add(t, c, Version{Name: "web"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, "web"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	if _, err := c.Add(ctx, Version{Name: "web"}); !errors.Is(err, context.Canceled) {
		t.Errorf("add: %v", err)
	}
	if v := add(t, c, Version{Name: "web"}); v.Version != 2 {
		t.Errorf("version %d", v.Version)
	}
}
