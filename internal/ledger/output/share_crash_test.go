package output

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever dies between two changes of the disk leaves what the next one puts right.
func TestDeathWithinAShare(t *testing.T) {
	t.Parallel()
	words := Form{Name: "words", Add: func(text, entry []byte) ([]byte, error) { return append(text, entry...), nil }}
	const a, b = "pmaaaaaaaaaa", "pmbbbbbbbbbb"
	var path string
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	add := func(tag, text string) {
		t.Helper()
		_, err := addTo(path, 0o644, words, shareEntry{Tag: tag, Text: []byte(text)})
		must(err)
	}
	undo := func(tag string) {
		t.Helper()
		must(undoing{identity: identity{tag: tag, path: path}, old: oldOf(path, tag), replaced: true}.takeBack([]Form{words}))
	}
	load := func() *share {
		t.Helper()
		s, err := loadShare(path, []Form{words})
		must(err)
		return s
	}
	for name, test := range map[string]func(){
		"the base has its name": func() {
			must(os.Link(path, oldOf(path, a)))
			undo(a)
		},
		"half of the new text": func() {
			must(os.Link(path, oldOf(path, a)))
			must(os.WriteFile(partOf(path, a), []byte("ol"), 0o600))
			must(os.WriteFile(sharePartOf(path, a), []byte("{"), 0o600))
			undo(a)
		},
		"the share is there, the new text is not": func() {
			add(a, "a ")
			must(os.Remove(path))
			must(os.Link(oldOf(path, a), path)) // as before the rename
			undo(a)
		},
		"the share knows the second, the text does not": func() {
			add(a, "a ")
			must(os.Link(path, path+"1"))
			add(b, "b ")
			must(os.Rename(path+"1", path))
			undo(b)
			undo(a)
		},
		"the base has been handed down": func() {
			add(a, "a ")
			add(b, "b ")
			must(os.Rename(oldOf(path, a), oldOf(path, b)))
			undo(a)
			undo(b)
		},
		"handed down, and the other goes first": func() {
			add(a, "a ")
			add(b, "b ")
			must(os.Rename(oldOf(path, a), oldOf(path, b)))
			undo(b)
			undo(a)
		},
		"what was there is back, the share is not gone": func() {
			add(a, "a ")
			must(os.Rename(oldOf(path, a), path))
			undo(a)
		},
		"kept, and half tidied up": func() {
			add(a, "a ")
			s := load()
			s.Entries[0].Kept = true
			must(errors.Join(s.save(a), os.Remove(s.base())))
			undo(a) // changes nothing any more
			text, err := os.ReadFile(path)
			if must(err); string(text) != "old a " {
				t.Errorf("%q", text)
			}
			must(os.WriteFile(path, []byte("old "), 0o644))
		},
		"kept, half tidied up, and another adds": func() {
			add(a, "a ")
			s := load()
			s.Entries[0].Kept = true
			must(errors.Join(s.save(a), os.Remove(s.base())))
			add(b, "b ")
			undo(b)
			must(keepEntry(path, a))
			text, err := os.ReadFile(path)
			if must(err); string(text) != "old a " {
				t.Errorf("%q", text)
			}
			must(os.WriteFile(path, []byte("old "), 0o644))
		},
	} {
		path = filepath.Join(t.TempDir(), "list")
		must(os.WriteFile(path, []byte("old "), 0o640))
		test()
		undo(a) // again, as who died before the ledger knew
		undo(b)
		text, err := os.ReadFile(path)
		if string(text) != "old " || err != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		names, err := os.ReadDir(filepath.Dir(path))
		for _, n := range names {
			if err != nil || strings.HasPrefix(n.Name(), ".") || len(names) != 1 {
				t.Errorf("%s: %s, %v", name, n.Name(), err)
			}
		}
	}
}
