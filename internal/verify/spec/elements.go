package spec

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// asList turns a value into its elements: a text into lines, a mapping into its
// values.
func asList(v any) ([]any, bool) {
	switch x := v.(type) {
	case []any:
		return x, true
	case string:
		lines := strings.Split(x, "\n")
		items := make([]any, len(lines))
		for i, l := range lines {
			items[i] = l
		}
		return items, true
	case map[string]any:
		var items []any
		for _, k := range slices.Sorted(maps.Keys(x)) {
			items = append(items, x[k])
		}
		return items, true
	}
	return nil, false
}

// elements wants a different element for each of its matchers; when exact, none
// may be left over.
type elements struct {
	all   []matcher
	exact bool
}

func (m elements) match(v any) outcome {
	items, ok := asList(v)
	if !ok {
		return outcome{misfit: "is not a list"}
	}
	// Matchers and elements are paired so that as many as possible have a partner
	// (augmenting paths): with [lt: 20, "15"] the element 15 must not go to lt.
	taken := make([]int, len(items)) // matcher + 1
	var pair func(i int, seen []bool) bool
	pair = func(i int, seen []bool) bool {
		for j := range items {
			if seen[j] || !m.all[i].match(items[j]).ok {
				continue
			}
			seen[j] = true
			if taken[j] == 0 || pair(taken[j]-1, seen) {
				taken[j] = i + 1
				return true
			}
		}
		return false
	}
	var missing []string
	for i, x := range m.all {
		if !pair(i, make([]bool, len(items))) {
			missing = append(missing, element(x))
		}
	}
	var extra []any
	for j, i := range taken {
		if i == 0 {
			extra = append(extra, items[j])
		}
	}
	o := outcome{ok: len(missing) == 0 && (!m.exact || len(extra) == 0)}
	if !o.ok && len(missing) > 0 {
		o.wanted = "also " + cut(strings.Join(missing, ", "), maxWords)
	} else if !o.ok {
		o.wanted = "nothing more"
		o.found = "also " + show(extra)
	}
	return o
}

// element describes one wanted element: `"docker"`, `one that starts with "d"`.
func element(m matcher) string {
	words := m.words(voice{})
	if rest, ok := strings.CutPrefix(words, `is "`); ok {
		return `"` + rest
	}
	if c, ok := m.(comparison); ok && c.op == "==" {
		return strings.TrimPrefix(words, "is ")
	}
	return "one that " + words
}

func (m elements) words(v voice) string {
	if len(m.all) == 0 {
		return v.is() + " empty"
	}
	list := make([]string, len(m.all))
	for i, x := range m.all {
		list[i] = element(x)
	}
	verb := v.say("includes", "include")
	if m.exact {
		verb = v.say("consists of", "consist of")
	}
	return verb + " " + cut(strings.Join(list, ", "), maxWords)
}

// length wants a text (in bytes), list or mapping to be this long.
type length int64

func (m length) match(v any) outcome {
	n := 0
	switch x := v.(type) {
	case string:
		n = len(x)
	case []any:
		n = len(x)
	case map[string]any:
		n = len(x)
	default:
		return outcome{misfit: "has no length"}
	}
	return outcome{ok: n == int(m), found: "a length of " + show(int64(n))}
}

func (m length) words(v voice) string {
	return v.say("has", "have") + " a length of " + show(int64(m))
}

// maxWords bounds what is shown of one wanted or found value, in bytes.
const maxWords = 160

// cut shortens text for people.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
