package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	old := []Input{{"kind", "shell 1"}, {"inline", "a"}, {"inline", "b"}, {"gone", "x"}, {"mode", "0644"}}
	for name, test := range map[string]struct {
		now  []Input
		want []Change
	}{
		"same":    {old, nil},
		"changed": {[]Input{{"kind", "shell 1"}, {"inline", "a"}, {"inline", "c"}, {"gone", "x"}, {"mode", "0600"}}, []Change{{"inline", "b", "c"}, {"mode", "0644", "0600"}}},
		"added":   {append(old[:len(old):len(old)], Input{"inline", "c"}, Input{"new", "y"}), []Change{{"inline", "", "c"}, {"new", "", "y"}}},
		"removed": {[]Input{{"kind", "shell 1"}, {"inline", "a"}, {"mode", "0644"}}, []Change{{"inline", "b", ""}, {"gone", "x", ""}}},
		"kind":    {[]Input{{"kind", "file 1"}}, []Change{{"kind", "shell 1", "file 1"}, {"inline", "a", ""}, {"inline", "b", ""}, {"gone", "x", ""}, {"mode", "0644", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := open(t, t.TempDir(), Options{Now: c.now})
			commit(t, s, Entry{Key: key("older"), Ref: "older", Index: 2})
			c.advance(time.Hour)
			commit(t, s, Entry{Key: key("prev"), Ref: "prev", Index: 2, Inputs: old})
			c.advance(time.Hour)
			commit(t, s, Entry{Key: key("other step"), Ref: "3", Index: 3})
			commit(t, s, Entry{Key: key("other build"), Ref: "4", Index: 2, Build: "fake.db"})
			c.advance(30 * 24 * time.Hour) // an expired entry still explains
			changes, prev, ok, err := s.Explain("fake.web", 2, test.now)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			equal(t, "prev", prev.Ref, "prev")
			equal(t, "changes", changes, test.want)
			if _, _, ok, _ := s.Explain("fake.web", 9, nil); ok {
				t.Error("found something to compare a new step with")
			}
		})
	}
}

func TestExplainTrees(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "css"), 0o755)
	write(t, filepath.Join(dir, "index.html"), "1")
	write(t, filepath.Join(dir, "css/main.css"), "1")
	inputs := func() []Input {
		h := NewHash("", "file 1", nil)
		if err := h.AddTree("source", dir); err != nil {
			t.Fatal(err)
		}
		return h.Inputs()
	}
	names := func(changes []Change) (n []string) {
		for _, c := range changes {
			n = append(n, c.Name)
		}
		return n
	}
	small := inputs()
	write(t, filepath.Join(dir, "css/main.css"), "2")
	write(t, filepath.Join(dir, "new.html"), "1")
	edited := inputs()
	equal(t, "a file changed, one is new", names(compare(small, edited)), []string{"source/css/main.css", "source/new.html"})
	os.Chmod(dir, 0o711)
	equal(t, "the top directory's mode", names(compare(edited, inputs())), []string{"source"})
	for i := range treeDetails {
		write(t, filepath.Join(dir, fmt.Sprint("many", i)), "")
	}
	many := inputs()
	equal(t, "size of a long list", len(many), 2)
	equal(t, "grown", names(compare(edited, many)), []string{"source"})
	equal(t, "shrunk", names(compare(many, edited)), []string{"source"})
}
