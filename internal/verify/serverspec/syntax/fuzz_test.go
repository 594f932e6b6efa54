package syntax

import (
	"strings"
	"testing"
)

// FuzzParse: any text gives a tree or problems, places are in the text, and a tree can
// be printed.
func FuzzParse(f *testing.F) {
	for _, s := range snippets(f) {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, problems := Parse("x.rb", text)
		if (file == nil) == (len(problems) == 0) {
			t.Fatalf("file %v, problems %v", file, problems)
		}
		lines := strings.Count(text, "\n") + 1
		in := func(what any, p Pos) {
			if p.File != "x.rb" || p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > len(text)+1 {
				t.Errorf("%T %v is at %v in %q", what, what, p, text)
			}
		}
		for _, p := range problems {
			in(p, p.Pos)
			if p.Text == "" {
				t.Errorf("problem without words at %v", p.Pos)
			}
		}
		if file == nil {
			return
		}
		walk(file.Body, func(n Node) { in(n, n.Position()) })
		if s := normal(file.Body); strings.Contains(s, "(?") && !strings.Contains(text, "(?") {
			t.Errorf("tree of %q has what the printer does not know: %s", text, s)
		}
	})
}
