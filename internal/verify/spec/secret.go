package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// hiding makes a replacer of secrets, as they are and as they appear when quoted.
func hiding(secrets []string) *strings.Replacer {
	forms := make(map[string]bool)
	for _, s := range secrets {
		forms[s] = true
		forms[strings.Trim(strconv.Quote(s), `"`)] = true
		forms[strings.Trim(shellQuote(s), "'")] = true
		for line := range strings.SplitSeq(s, "\n") {
			forms[strings.TrimSpace(line)] = true
		}
	}
	delete(forms, "")
	if len(forms) == 0 {
		return nil
	}
	var pairs []string
	for _, s := range slices.SortedFunc(maps.Keys(forms), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, s, hidden)
	}
	return strings.NewReplacer(pairs...)
}

// hidden stands in place of sensitive values.
const hidden = "(sensitive)"

// hide takes sensitive values out of a text.
func (r *resource) hide(s string) string {
	if r.mask == nil {
		return s
	}
	return r.mask.Replace(s)
}

// hideIn takes sensitive values out of a value of the machine.
func (r *resource) hideIn(v any) any {
	switch x := v.(type) {
	case string:
		return r.hide(x)
	case []any:
		items := make([]any, len(x))
		for i, item := range x {
			items[i] = r.hideIn(item)
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(x))
		for k, field := range x {
			fields[r.hide(k)] = r.hideIn(field)
		}
		return fields
	}
	return v
}

// hideOutcome takes sensitive values out of what was found, before anything of it
// is shortened. What cannot be said without them is not said.
func (r *resource) hideOutcome(m matcher, value any, o outcome) outcome {
	masked := r.hideIn(value)
	if equal(masked, value) {
		return o
	}
	if _, ok := m.(length); ok || masked == hidden {
		return outcome{found: hidden}
	}
	if o = m.match(masked); o.ok || o.misfit != "" {
		return outcome{}
	}
	return o
}
