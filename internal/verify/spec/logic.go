package spec

import "strings"

// junction wants all of its matchers to hold, or any.
type junction struct {
	all []matcher
	and bool
}

func (m junction) match(v any) outcome {
	var last outcome
	misfits := 0
	for _, x := range m.all {
		last = x.match(v)
		switch {
		case m.and && !last.ok:
			if last.wanted == "" && last.misfit == "" {
				last.wanted = x.words(voice{})
			}
			return last
		case !m.and && last.ok:
			return last
		case last.misfit != "":
			misfits++
		}
	}
	if m.and {
		return outcome{ok: true}
	}
	if misfits == len(m.all) {
		return last
	}
	return outcome{}
}

func (m junction) words(v voice) string {
	list := make([]string, len(m.all))
	for i, x := range m.all {
		list[i] = x.words(v)
		if j, ok := x.(junction); ok && len(j.all) > 1 && j.and != m.and {
			list[i] = "(" + list[i] + ")"
		}
	}
	if m.and != v.not { // not (a and b) is (not a or not b)
		return strings.Join(list, " and ")
	}
	return strings.Join(list, " or ")
}

// negation wants its matcher not to hold.
type negation struct{ of matcher }

func (m negation) match(v any) outcome {
	o := m.of.match(v)
	if o.misfit != "" {
		return outcome{misfit: o.misfit}
	}
	return outcome{ok: !o.ok}
}

func (m negation) words(v voice) string {
	v.not = !v.not
	return m.of.words(v)
}
