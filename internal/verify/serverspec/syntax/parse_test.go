package syntax

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the trees of testdata/*.txt anew")

const (
	between = "----\n" // snippets
	arrow   = "=>\n"   // between a snippet and its tree, or what is wrong with it
)

// snippet is one of testdata/*.txt.
type snippet struct{ file, text, want string }

func snippets(t testing.TB) []snippet {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no snippets: %v", err)
	}
	var list []snippet
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(data), between) {
			i := strings.LastIndex(part, "\n"+arrow)
			if i < 0 {
				t.Fatalf("%s: snippet without %q: %q", file, arrow, part)
			}
			list = append(list, snippet{file, part[:i+1], part[i+1+len(arrow):]})
		}
	}
	return list
}

func TestTrees(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, s := range snippets(t) {
		text := parsed(s.text)
		if text != s.want && !*update {
			t.Errorf("%s: %s\n got %s\nwant %s", s.file, s.text, text, s.want)
		}
		got[s.file] = append(got[s.file], s.text+arrow+text)
	}
	if !*update {
		return
	}
	for file, parts := range got {
		if err := os.WriteFile(file, []byte(strings.Join(parts, between)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// parsed is the tree of a text, or its problems.
func parsed(text string) string {
	f, problems := Parse("x.rb", text)
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.Error() + "\n")
	}
	if f != nil {
		b.WriteString(tree(f.Body) + "\n")
		if f.Data != "" {
			b.WriteString("data " + quoteBytes(f.Data) + "\n")
		}
	}
	return b.String()
}
