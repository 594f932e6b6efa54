package spec

import "strings"

// matcher compares a value of the machine with what is wanted. Values are bool,
// int64, float64, string, []any, map[string]any or nil.
type matcher interface {
	match(value any) outcome
	// words reads after the name of an attribute: `is "0644"`.
	words(v voice) string
}

// outcome of a comparison.
type outcome struct {
	ok bool
	// misfit says why the value cannot be compared at all, as in "is not a
	// number". Then not even the negated matcher holds.
	misfit string
	wanted string // what of it is missing, when that is less than all
	found  string // what is there instead, when that is less than the value
}

// voice is the grammatical form that words take.
type voice struct{ not, plural bool }

// say gives a verb in the right form: "contains", "does not contain".
func (v voice) say(one, many string) string {
	switch {
	case v.not && v.plural:
		return "do not " + many
	case v.not:
		return "does not " + many
	case v.plural:
		return many
	}
	return one
}

// is gives the verb "to be" in the right form.
func (v voice) is() string {
	verb := "is"
	if v.plural {
		verb = "are"
	}
	if v.not {
		verb += " not"
	}
	return verb
}

// form decides what a plain value means when no matcher is named.
type form int

const (
	plain form = iota
	text       // of many lines: a list is a list of patterns
	mode       // permissions: numbers are octal digits however they were written
)

// compiler makes matchers and notes what is wrong with them.
type compiler struct {
	p *problems
	f form
}

// compile makes the matcher of an attribute.
func compile(n *node, f form, p *problems) matcher {
	return compiler{p: p, f: f}.matcher(n)
}

// part is the compiler for parts of a value, to which its form does not apply.
func (c compiler) part() compiler { return compiler{p: c.p} }

func (c compiler) matcher(n *node) matcher {
	switch n.shape {
	case scalar:
		return c.scalar(n)
	case list:
		if c.f == text {
			return c.patterns(n)
		}
		return elements{c.part().each(n), false}
	case mapping:
		return c.named(n)
	}
	c.p.add(n.pos, "", "a value or a matcher is needed here")
	return never{}
}

// scalar is equality: texts with the value as text, numbers with its number.
func (c compiler) scalar(n *node) matcher {
	switch v := n.value.(type) {
	case bool:
		return equality{v}
	case string:
		if c.f == mode && len(v) == 3 && strings.Trim(v, "01234567") == "" {
			v = "0" + v
		}
		return sameText(v)
	}
	if c.f == mode {
		digits := strings.TrimPrefix(strings.TrimPrefix(n.text, "0o"), "0")
		if digits != "" && strings.Trim(digits, "01234567") == "" {
			return sameText(strings.Repeat("0", max(4-len(digits), 0)) + digits)
		}
	}
	return comparison{"==", n.value}
}

func (c compiler) each(n *node) []matcher {
	list := make([]matcher, 0, len(n.items))
	for _, item := range n.items {
		list = append(list, c.matcher(item))
	}
	return list
}

// never stands where a matcher could not be made; it is not used.
type never struct{}

func (never) match(any) outcome  { return outcome{misfit: "has no matcher"} }
func (never) words(voice) string { return "is something" }
