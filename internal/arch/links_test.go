package arch

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	ours      = regexp.MustCompile("`((?:cmd|internal|docs|examples|scripts|bench)/[A-Za-z0-9_./-]+)`")
	// made up by a page for its reader.
	invented = regexp.MustCompile(`NAME|motd`)
)

// TestLinks: what the pages of this repository link to is there, headings too, and
// so are the files that they name.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := 0
	err := brokenLinks(os.DirFS("../.."), &pages, func(page, what string) { t.Errorf("%s: %s", page, what) })
	if err != nil {
		t.Fatal(err)
	}
	if pages < 10 {
		t.Errorf("found %d pages only", pages)
	}
}

func brokenLinks(root fs.FS, pages *int, report func(page, what string)) error {
	return fs.WalkDir(root, ".", func(page string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || page == "build" || page == "dist") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(page) != ".md" {
			return nil
		}
		*pages++
		text, err := fs.ReadFile(root, page)
		if err != nil {
			return err
		}
		prose := codeBlock.ReplaceAllString(string(text), "")
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose, ""), -1) {
			if err := follow(root, page, m[1]); err != nil {
				report(page, err.Error())
			}
		}
		for _, m := range ours.FindAllStringSubmatch(prose, -1) {
			if _, err := fs.Stat(root, path.Clean(m[1])); err != nil && !invented.MatchString(m[1]) {
				report(page, "names "+m[1]+", which is not there")
			}
		}
		return nil
	})
}

// follow looks for the target of a link that stands on a page.
func follow(root fs.FS, page, target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" {
		return err
	}
	file := page
	if u.Path != "" {
		file = path.Join(path.Dir(page), u.Path)
	}
	if _, err := fs.Stat(root, file); err != nil {
		return fmt.Errorf("links to %s: %w", target, err)
	}
	if u.Fragment == "" {
		return nil
	}
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return err
	}
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(text), ""), -1) {
		if anchor(m[1]) == u.Fragment {
			return nil
		}
	}
	return errors.New("links to " + target + ": there is no such heading")
}

// anchor is how a heading is linked to.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 0x7f:
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// TestArchitecture: the page has every package, or the one that it is a part of.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"../../internal/*", "../../internal/machine/*", "../../cmd/*"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil || len(dirs) == 0 {
			t.Fatal(dirs, err)
		}
		for _, d := range dirs {
			if st, err := os.Stat(d); err != nil || !st.IsDir() {
				continue
			}
			if name := strings.TrimPrefix(filepath.ToSlash(d), "../../"); !strings.Contains(string(page), "](../"+name+")") {
				t.Errorf("docs/architecture.md does not say what %s is", name)
			}
		}
	}
}

func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{
		"a.md": {Data: []byte("# A `b` c\n\n[good](docs/b.md#second-part) [self](#a-b-c) [out](https://example.com/x) [bad](gone.md)\n" +
			"[anchor](docs/b.md#third) `internal/x.go` `internal/gone.go` `internal/motd.go`\n```\n[code](nowhere)\n```\n`[span](nowhere)`\n")},
		"docs/b.md":     {Data: []byte("# B\n\n## Second part\n\n[up](../a.md) [dir](../internal) [bad](a.md)\n```\n# third\n```\n")},
		"internal/x.go": {},
	}
	var got []string
	pages := 0
	if err := brokenLinks(root, &pages, func(page, what string) { got = append(got, page+": "+what) }); err != nil {
		t.Fatal(err)
	}
	want := []string{"a.md: links to gone.md", "a.md: links to docs/b.md#third", "a.md: names internal/gone.go", "docs/b.md: links to a.md"}
	if pages != 2 || len(got) != len(want) {
		t.Fatalf("%d pages, %q", pages, got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}
