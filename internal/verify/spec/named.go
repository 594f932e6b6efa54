package spec

import (
	"fmt"
	"regexp"

	"github.com/blang/semver/v4"
)

// matcherNames in the order in which they are suggested.
var matcherNames = []string{
	"equal", "have-prefix", "have-suffix", "match-regexp", "contain-substring", "have-len",
	"gt", "ge", "lt", "le", "be-numerically", "contain-element", "contain-elements", "consist-of",
	"have-key", "have-key-with-value", "have-patterns", "semver-constraint", "gjson", "and", "or", "not",
}

// named makes the matcher that a mapping names.
func (c compiler) named(n *node) matcher {
	if len(n.fields) != 1 {
		detail := "to ask for several things at once, list them: and: [{…}, {…}]"
		if len(n.fields) == 0 {
			detail = "known are gt, match-regexp, contain-element and others"
		}
		c.p.add(n.pos, detail, "one matcher is needed here, not %d", len(n.fields))
		return never{}
	}
	return c.one(n.fields[0])
}

func (c compiler) one(f field) matcher {
	v := f.value
	switch name := canonical(f.name); name {
	case "equal":
		return equality{v.plain()}
	case "have-prefix", "have-suffix", "contain-substring":
		s, ok := c.text(f)
		if !ok {
			return never{}
		}
		return affix{name, s}
	case "match-regexp":
		s, ok := c.text(f)
		if !ok {
			return never{}
		}
		re, err := regexp.Compile(s)
		if err != nil {
			c.p.add(v.pos, "the syntax is that of Go's regexp package", "bad regular expression: %s", reason(v, err))
			return never{}
		}
		return expression{re}
	case "have-len":
		if i, ok := v.value.(int64); ok && i >= 0 {
			return length(i)
		}
		return c.wrong(f, "a whole number")
	case "gt", "ge", "lt", "le":
		return c.comparison(f, map[string]string{"gt": ">", "ge": ">=", "lt": "<", "le": "<="}[name])
	case "be-numerically":
		return c.numerically(f)
	case "contain-element":
		return elements{[]matcher{c.part().matcher(v)}, false}
	case "contain-elements", "consist-of":
		if v.shape != list {
			return c.wrong(f, "a list")
		}
		if name == "consist-of" {
			return elements{c.part().each(v), true}
		}
		return elements{c.part().each(v), false}
	case "have-patterns":
		if v.shape != list {
			return c.wrong(f, "a list of texts")
		}
		return c.patterns(v)
	case "have-key":
		return key{name: c.part().matcher(v)}
	case "have-key-with-value":
		return c.keyValue(f)
	case "semver-constraint":
		s, ok := c.text(f)
		if !ok {
			return never{}
		}
		within, err := semver.ParseRange(s)
		if err != nil {
			c.p.add(v.pos, `such as ">=1.2.0 <2.0.0 || 3.1.4"`, "bad version range: %s", reason(v, err))
			return never{}
		}
		return versions{s, within}
	case "gjson":
		return c.gjson(f)
	case "and", "or":
		return c.several(f, name)
	case "not":
		return negation{c.matcher(v)}
	case "xml":
		c.p.add(f.pos, "take the value out with a command such as xmllint --xpath and check its stdout", "the matcher %q is not supported", f.name)
		return never{}
	}
	c.p.add(f.pos, nearest(f.name, matcherNames), "unknown matcher %q", f.name)
	return never{}
}

// reason tells what is wrong with a text, unless it is sensitive.
func reason(n *node, err error) string {
	if n.secret {
		return hidden
	}
	return fmt.Sprintf("%v in %q", err, cut(n.text, 60))
}

// wrong notes an argument of the wrong shape.
func (c compiler) wrong(f field, want string) matcher {
	c.p.add(f.value.pos, "", "%s takes %s, not %s", f.name, want, f.value.is())
	return never{}
}

func (c compiler) text(f field) (string, bool) {
	s, ok := f.value.value.(string)
	if !ok {
		c.wrong(f, "a text")
	}
	return s, ok
}

// comparison takes numbers, and texts that hold one, as variables often do.
func (c compiler) comparison(f field, op string) matcher {
	n := f.value.value
	if s, ok := n.(string); ok {
		n, ok = number(s)
		if !ok {
			n = nil
		}
	}
	switch n.(type) {
	case int64, float64:
		return comparison{op, n}
	}
	return c.wrong(f, "a number")
}

func (c compiler) numerically(f field) matcher {
	if f.value.shape != mapping {
		return c.comparison(f, "==")
	}
	signs := map[string]string{"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", ">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "=="}
	var all []matcher
	for _, x := range f.value.fields {
		op, ok := signs[x.name]
		if !ok {
			c.p.add(x.pos, "known are gt, ge, lt, le, eq", "unknown comparison %q", x.name)
			return never{}
		}
		all = append(all, c.comparison(x, op))
	}
	if len(all) == 0 {
		return c.wrong(f, "a comparison such as {gt: 5}")
	}
	return junction{all, true}
}

// several makes and and or. A mapping is taken as a list of its matchers.
func (c compiler) several(f field, name string) matcher {
	var all []matcher
	switch f.value.shape {
	case list:
		all = c.each(f.value)
	case mapping:
		for _, x := range f.value.fields {
			all = append(all, c.one(x))
		}
	}
	switch {
	case f.value.shape != list && f.value.shape != mapping:
		return c.wrong(f, "a list of matchers")
	case len(all) == 0:
		c.p.add(f.value.pos, "", "%s needs at least one matcher", f.name)
		return never{}
	}
	return junction{all, name == "and"}
}

func (c compiler) keyValue(f field) matcher {
	if f.value.shape != mapping || len(f.value.fields) == 0 {
		return c.wrong(f, "a mapping of keys to values")
	}
	var all []matcher
	for _, x := range f.value.fields {
		all = append(all, key{sameText(x.name), c.part().matcher(x.value)})
	}
	return junction{all, true}
}

func (c compiler) gjson(f field) matcher {
	if f.value.shape != mapping || len(f.value.fields) == 0 {
		return c.wrong(f, "a mapping of paths to values")
	}
	var all []matcher
	for _, x := range f.value.fields {
		all = append(all, path{x.name, c.part().matcher(x.value)})
	}
	return junction{all, true}
}
