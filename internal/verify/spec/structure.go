package spec

import (
	"maps"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"
)

// key wants a mapping to have a key that matches name, and its value, when asked
// for, to match value.
type key struct{ name, value matcher }

func (m key) match(v any) outcome {
	fields, ok := v.(map[string]any)
	if !ok {
		return outcome{misfit: "is not a mapping"}
	}
	names := slices.Sorted(maps.Keys(fields))
	last := outcome{found: "the keys " + show(names)}
	if len(names) == 0 {
		last.found = "no keys"
	}
	for _, k := range names {
		if !m.name.match(k).ok {
			continue
		}
		if m.value == nil {
			return outcome{ok: true}
		}
		if last = m.value.match(fields[k]); last.ok {
			return last
		}
		if last.found == "" {
			last.found = show(k) + ": " + show(fields[k])
		}
	}
	return outcome{found: last.found}
}

func (m key) words(v voice) string {
	s := v.say("has ", "have ") + "a key that " + m.name.words(voice{})
	if t, ok := m.name.(sameText); ok {
		s = v.say("has ", "have ") + "the key " + strconv.Quote(string(t))
	}
	if m.value != nil {
		s += " whose value " + m.value.words(voice{})
	}
	return s
}

// path wants what stands at a gjson path of a JSON text to match.
type path struct {
	path  string
	value matcher
}

func (m path) match(v any) outcome {
	s, ok := v.(string)
	if !ok || !gjson.Valid(s) {
		return outcome{misfit: "is not JSON"}
	}
	r := gjson.Get(s, m.path)
	if !r.Exists() {
		return outcome{misfit: "has nothing at " + strconv.Quote(m.path)}
	}
	o := m.value.match(r.Value())
	if !o.ok && o.misfit == "" && o.found == "" {
		o.found = strconv.Quote(m.path) + ": " + show(r.Value())
	}
	return o
}

func (m path) words(v voice) string {
	return "at " + strconv.Quote(m.path) + " " + m.value.words(voice{not: v.not})
}
