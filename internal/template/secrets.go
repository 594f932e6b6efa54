package template

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
)

// minSecret is how many characters a string needs to be masked. Masking shorter
// ones would make every log unreadable and hide nothing that cannot be guessed.
const minSecret = 3

// minDerived is the same for what was computed from a secret or is a part of one,
// where chance hits ("yes", "main") are likelier.
const minDerived = 8

// Secrets returns every sensitive string that must be masked in output, longest
// first. Parts of sensitive lists and maps count, so do the lines of a text
// (logs come line by line) and what expressions made of a secret when it no longer
// holds the secret itself, e.g. its base64 form. Strings of fewer than 3
// characters (8 for lines and derived ones), true and false are left out: masking
// them would destroy the output without hiding anything.
func (t *Template) Secrets() []string { return slices.Clone(t.secrets) }

// secretSet collects strings to mask. It is safe for concurrent use: blocks may be
// evaluated at the same time.
type secretSet struct {
	mu       sync.Mutex
	declared map[string]bool
	derived  map[string]bool
}

// declare adds a value that the user called sensitive.
func (s *secretSet) declare(v cty.Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	eachText(v, func(text string) {
		if s.declared == nil {
			s.declared = map[string]bool{}
		}
		s.declared[text] = true
		s.declared[strings.TrimSpace(text)] = true
	})
}

// derive adds a string that was made with a sensitive value.
func (s *secretSet) derive(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.derived == nil {
		s.derived = map[string]bool{}
	}
	s.derived[text] = true
}

func (s *secretSet) list() []string {
	out := map[string]bool{}
	for d := range s.declared {
		if len([]rune(d)) >= minSecret && d != "true" && d != "false" && d != "null" {
			out[d] = true
			for line := range strings.Lines(d) {
				if line = strings.TrimSpace(line); len(line) >= minDerived {
					out[line] = true
				}
			}
		}
	}
	derived := slices.SortedFunc(maps.Keys(s.derived), func(a, b string) int { return len(a) - len(b) })
	for _, d := range derived { // short ones first: what holds one is masked with it
		if len(d) >= minDerived && !containsAny(d, out) {
			out[d] = true
		}
	}
	list := make([]string, 0, len(out))
	for d := range out {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return list
}

// containsAny tells whether s holds one of the strings, so that masking that one
// masks what is secret in s.
func containsAny(s string, parts map[string]bool) bool {
	for p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// eachText calls f for every string and number in a value.
func eachText(v cty.Value, f func(string)) {
	if v == cty.NilVal {
		return
	}
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		return
	}
	_ = cty.Walk(v, func(_ cty.Path, e cty.Value) (bool, error) {
		if !e.IsNull() && (e.Type() == cty.String || e.Type() == cty.Number) {
			f(scalarText(e))
		}
		return true, nil
	})
}

// eachSecret calls f for every sensitive string below a node that is known.
func (n *node) eachSecret(f func(string)) {
	if n.kind == scalarNode {
		if _, isText := n.raw(); isText && n.isSecret() && !n.isOpen() {
			if s, err := n.text(nil); err == nil {
				f(s)
			}
		}
		return
	}
	for _, e := range n.list {
		e.eachSecret(f)
	}
	for _, e := range n.items {
		e.eachSecret(f)
	}
}
