package rspec

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// matcher is the Data of RSpec's own matchers. Functions that are nil act as the matchers
// of RSpec that say nothing about them.
type matcher struct {
	name     string // "be_within"
	expected ruby.Value
	actual   ruby.Value
	match    func(actual ruby.Value) (bool, error)
	unmatch  func(actual ruby.Value) (bool, error) // the negation; nil: not match
	describe func() (string, error)
	fail     func() (string, error)
	failNot  func() (string, error)
	chain    map[string]ruby.Func // further words: of, by, with
	other    ruby.Func            // any further word, or nil; it returns nil for one that is none
	block    bool                 // for expect { }
	only     bool                 // for blocks alone
	jumps    bool                 // wants the block to be left by an exception or throw
}

func (s *Suite) matcher(m *matcher) *ruby.Object { return s.in.NewObject(s.matcherClass, m) }

func matcherOf(v ruby.Value) *matcher {
	if o, ok := v.(*ruby.Object); ok {
		m, _ := o.Data.(*matcher)
		return m
	}
	return nil
}

// isMatcher tells whether a value acts as a matcher.
func (s *Suite) isMatcher(v ruby.Value) bool {
	o, ok := v.(*ruby.Object)
	if !ok {
		return false
	}
	switch o.Data.(type) {
	case *matcher:
		return true
	case *double: // a loose one answers everything
		return false
	}
	if yes, err := s.in.Responds(v, "matches?"); !yes || err != nil {
		return false
	}
	yes, err := s.in.Responds(v, "failure_message")
	return yes && err == nil
}

// describedMatcher is a matcher's description.
func (s *Suite) describedMatcher(v ruby.Value) (string, error) {
	if v == nil {
		return "", nil
	}
	ok, err := s.in.Responds(v, "description")
	if err != nil {
		return "", err
	}
	if !ok {
		return "When you call a matcher in an example without a String, like this:\n\nspecify { expect(object).to matcher }\n\nor this:\n\nit { is_expected.to matcher }\n\nRSpec expects the matcher to have a #description method. You should either\nadd a String to the example this matcher is being used in, or give it a\ndescription method. Then you won't have to suffer this lengthy warning again.\n", nil
	}
	return s.said(v, "description")
}

func (s *Suite) describing(m *matcher) (string, error) {
	if m.describe != nil {
		return m.describe()
	}
	if m.expected == nil {
		return words(m.name), nil
	}
	list, err := s.sentence(m.expected)
	return words(m.name) + list, err
}

func (s *Suite) failing(m *matcher, negated bool) (string, error) {
	fn, to := m.fail, " to "
	if negated {
		fn, to = m.failNot, " not to "
	}
	if fn != nil {
		return fn()
	}
	actual, err := s.describe1(orNil(m.actual))
	if err != nil {
		return "", err
	}
	text, err := s.describing(m)
	return "expected " + actual + to + text, err
}

func (m *matcher) matches(actual ruby.Value) (bool, error) {
	m.actual = actual
	return m.match(actual)
}

func (m *matcher) doesNotMatch(actual ruby.Value) (bool, error) {
	m.actual = actual
	if m.unmatch != nil {
		return m.unmatch(actual)
	}
	ok, err := m.match(actual)
	return !ok, err
}

// defineMatchers defines the classes of matchers, and the words that make them.
func (s *Suite) defineMatchers() {
	s.matcherClass = s.in.DefineClassIn(s.builtIn, "BaseMatcher", s.in.Object)
	k := s.matcherClass
	def := func(name string, min, max int, fn func(c *ruby.Call, m *matcher) (ruby.Value, error)) {
		k.Define(name, min, max, func(c *ruby.Call) (ruby.Value, error) { return fn(c, matcherOf(c.Self)) })
	}
	def("matches?", 1, 1, func(c *ruby.Call, m *matcher) (ruby.Value, error) {
		ok, err := m.matches(c.Args[0])
		return ruby.Bool(ok), err
	})
	def("does_not_match?", 1, 1, func(c *ruby.Call, m *matcher) (ruby.Value, error) {
		ok, err := m.doesNotMatch(c.Args[0])
		return ruby.Bool(ok), err
	})
	text := func(name string, of func(m *matcher) (string, error)) {
		def(name, 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) {
			t, err := of(m)
			return ruby.Str(t), err
		})
	}
	text("description", s.describing)
	text("failure_message", func(m *matcher) (string, error) { return s.failing(m, false) })
	text("failure_message_when_negated", func(m *matcher) (string, error) { return s.failing(m, true) })
	def("expected", 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) { return orNil(m.expected), nil })
	def("actual", 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) { return orNil(m.actual), nil })
	def("supports_block_expectations?", 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) { return ruby.Bool(m.block), nil })
	def("supports_value_expectations?", 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) { return ruby.Bool(!m.only), nil })
	def("diffable?", 0, 0, func(c *ruby.Call, m *matcher) (ruby.Value, error) { return ruby.False, nil })
	def("method_missing", 1, -1, func(c *ruby.Call, m *matcher) (ruby.Value, error) {
		name := c.NameArg(0)
		fn, ok := m.chain[name]
		call := *c
		call.Name, call.Args = name, c.Args[1:]
		if m.other != nil {
			if v, err := m.other(&call); v != nil || err != nil {
				return v, err
			}
		}
		if !ok {
			return nil, s.in.Raise("NoMethodError", "undefined method `%s' for #<RSpec::Matchers::BuiltIn::%s>", name, camel(m.name))
		}
		v, err := fn(&call)
		if v == nil {
			v = c.Self
		}
		return v, err
	})
	def("respond_to_missing?", 1, 2, func(c *ruby.Call, m *matcher) (ruby.Value, error) {
		_, ok := m.chain[c.NameArg(0)]
		return ruby.Bool(ok), nil
	})
	s.composable(k)
	s.beClass = s.in.DefineClassIn(s.builtIn, "Be", k)
	for _, op := range []string{"==", "===", "=~"} {
		s.beClass.Define(op, 1, 1, func(c *ruby.Call) (ruby.Value, error) { return s.comparedTo(c.Name, c.Args[0]), nil })
	}
	s.defineEquality()
	s.defineTruth()
	s.defineStrings()
	s.defineCollections()
	s.defineBlocks()
	s.definePredicates()
}

// composable gives matchers and, or, and ===.
func (s *Suite) composable(k *ruby.Class) {
	both := func(word string) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) { return s.compound(word, c.Self, c.Args[0]), nil }
	}
	k.Define("and", 1, 1, both("and"))
	k.Define("&", 1, 1, both("and"))
	k.Define("or", 1, 1, both("or"))
	k.Define("|", 1, 1, both("or"))
	k.Define("===", 1, 1, func(c *ruby.Call) (ruby.Value, error) { return s.in.Call(c.Self, "matches?", c.Args[0]) })
}

// compound is two matchers of which both or one must match.
func (s *Suite) compound(word string, a, b ruby.Value) ruby.Value {
	m := &matcher{name: word}
	var okA, okB bool
	m.match = func(actual ruby.Value) (bool, error) {
		var err error
		if block, ok := actual.(*ruby.Proc); ok && m.block {
			if okA, okB, err = s.nested(a, b, block); err != nil {
				return false, err
			}
			return okA && okB || word == "or" && (okA || okB), nil
		}
		if okA, err = s.matchValue(a, actual, false); err != nil {
			return false, err
		}
		if okA == (word == "or") {
			okB = false
			return okA, nil
		}
		okB, err = s.matchValue(b, actual, false)
		return okB, err
	}
	m.unmatch = func(ruby.Value) (bool, error) {
		return false, s.in.Raise("NotImplementedError", "`expect(...).not_to matcher.%s matcher` is not supported, since it creates a bit of an ambiguity. Instead, define negated versions of whatever matchers you wish to negate with `RSpec::Matchers.define_negated_matcher` and use `expect(...).to matcher.%s matcher`.", word, word)
	}
	m.describe = func() (string, error) {
		first, err := s.describedMatcher(a)
		if err != nil {
			return "", err
		}
		second, err := s.describedMatcher(b)
		return first + " " + word + " " + second, err
	}
	m.fail = func() (string, error) {
		first, err := s.said(a, "failure_message")
		if err != nil {
			return "", err
		}
		if word == "and" && okA {
			return s.said(b, "failure_message")
		}
		if word == "and" {
			ok, err := okB, error(nil)
			if _, block := m.actual.(*ruby.Proc); !block || !m.block {
				ok, err = s.matchValue(b, m.actual, false)
			}
			if err != nil || ok {
				return first, err
			}
		}
		second, err := s.said(b, "failure_message")
		return indented(strings.TrimRight(first, "\n")) + "\n\n..." + word + ":\n\n" + indented(strings.TrimLeft(second, "\n")), err
	}
	for _, one := range []ruby.Value{a, b} {
		ok, err := s.flag(one, "supports_block_expectations?", false)
		m.block = (m.block || one == a) && ok && err == nil
	}
	return s.matcher(m)
}

// nested holds two matchers against one run of a block: the inner one runs it, within what
// the outer one takes for the block. Who wants the block to be left by an exception is the
// inner one.
func (s *Suite) nested(a, b ruby.Value, block *ruby.Proc) (okA, okB bool, err error) {
	outer, inner, okOuter, okInner := a, b, &okA, &okB
	if m := matcherOf(a); m != nil && m.jumps {
		outer, inner, okOuter, okInner = b, a, &okB, &okA
	}
	*okOuter, err = s.matchValue(outer, s.in.NewProc(0, -1, func(c *ruby.Call) (ruby.Value, error) {
		run := block
		if len(c.Args) > 0 {
			args := append([]ruby.Value(nil), c.Args...)
			run = s.in.NewProc(0, -1, func(*ruby.Call) (ruby.Value, error) { return s.in.Yield(block, args...) })
		}
		var err error
		*okInner, err = s.matchValue(inner, run, false)
		return ruby.Nil{}, err
	}), false)
	return okA, okB, err
}

func indented(text string) string { return indentedBy("   ", text) }

func indentedBy(blanks, text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = blanks + l
		}
	}
	return strings.Join(lines, "")
}

func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// valuesMatch is RSpec's own comparison: ==, ===, and that of what collections hold.
func (s *Suite) valuesMatch(expected, actual ruby.Value) (bool, error) {
	end, err := s.in.Nest()
	if err != nil {
		return false, err
	}
	defer end()
	if a, ok := actual.(*ruby.Hash); ok {
		if e, ok := expected.(*ruby.Hash); ok {
			if a.Len() != e.Len() {
				return false, nil
			}
			for k, want := range e.All() {
				have, ok := a.Get(k)
				if !ok {
					return false, nil
				}
				if ok, err := s.valuesMatch(want, have); !ok || err != nil {
					return false, err
				}
			}
			return true, nil
		}
	} else if e, ok := expected.(*ruby.Array); ok {
		if a, ok := actual.(*ruby.Array); ok {
			if a.Len() != e.Len() {
				return false, nil
			}
			for i, want := range e.Elems() {
				if ok, err := s.valuesMatch(want, a.Elems()[i]); !ok || err != nil {
					return false, err
				}
			}
			return true, nil
		}
	}
	if ok, err := s.in.Equal(expected, actual); ok || err != nil {
		return ok, err
	}
	ok, err := s.in.CaseEqual(expected, actual)
	if r := (*ruby.Raise)(nil); errors.As(err, &r) && r.IsA("ArgumentError") {
		return false, nil
	}
	return ok, err
}

// word defines a matcher's word in examples.
func (s *Suite) word(name string, min, max int, fn func(c *ruby.Call) (*matcher, error)) {
	s.matchers.Define(name, min, max, func(c *ruby.Call) (ruby.Value, error) {
		m, err := fn(c)
		if err != nil {
			return nil, err
		}
		if m.name == "" {
			m.name = name
		}
		return s.matcher(m), nil
	})
}
