package rspec

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineStrings defines match, start_with and end_with.
func (s *Suite) defineStrings() {
	for _, name := range []string{"match", "match_regex", "a_string_matching", "matching", "an_object_matching"} {
		s.word(name, 1, 1, func(c *ruby.Call) (*matcher, error) {
			m := s.matching(c.Args[0])
			s.named(m, c.Name, "match")
			return m, nil
		})
	}
	for name, old := range map[string]string{
		"start_with": "start_with", "a_string_starting_with": "start_with", "starting_with": "start_with",
		"end_with": "end_with", "a_string_ending_with": "end_with", "ending_with": "end_with",
	} {
		s.word(name, 1, -1, func(c *ruby.Call) (*matcher, error) {
			m := s.startOrEnd(c.Args, old == "start_with")
			m.name = old
			s.named(m, name, old)
			return m, nil
		})
	}
}

// named is for the other names of a matcher, which its description begins with.
func (s *Suite) named(m *matcher, name, old string) {
	if name == old || name == "match_regex" {
		return
	}
	inner := *m
	m.describe = func() (string, error) {
		text, err := s.describing(&inner)
		return words(name) + text[min(len(text), len(words(old))):], err
	}
}

func (s *Suite) matching(expected ruby.Value) *matcher {
	m := &matcher{name: "match", expected: expected}
	var captures []ruby.Value
	m.chain = map[string]ruby.Func{"with_captures": func(c *ruby.Call) (ruby.Value, error) {
		captures = append([]ruby.Value{}, c.Args...)
		return nil, nil
	}}
	m.match = func(a ruby.Value) (bool, error) {
		if captures == nil {
			if ok, err := s.valuesMatch(expected, a); ok || err != nil {
				return ok, err
			}
		}
		if ok, err := s.in.Responds(a, "match"); !ok || err != nil {
			return false, err
		}
		if s.isMatcher(expected) {
			return false, nil
		}
		v, err := s.in.Call(a, "match", expected)
		if err != nil || captures == nil || !ruby.Truthy(v) {
			return ruby.Truthy(orNil(v)), err
		}
		got, err := s.in.Call(v, "captures")
		if err != nil {
			return false, err
		}
		return s.valuesMatch(ruby.NewArray(captures...), got)
	}
	m.describe = func() (string, error) {
		text, err := s.whole(expected)
		return "match " + text, err
	}
	return m
}

func (s *Suite) startOrEnd(args []ruby.Value, start bool) *matcher {
	var expected ruby.Value = ruby.NewArray(args...)
	if len(args) == 1 {
		expected = args[0]
	}
	m := &matcher{expected: expected}
	why := ""
	m.match = func(a ruby.Value) (bool, error) {
		why = ""
		if ok, err := s.in.Responds(a, "[]"); !ok || err != nil {
			why = ", but it cannot be indexed using #[]"
			return false, err
		}
		ok, err := s.edge(a, expected, start)
		if r := (*ruby.Raise)(nil); errors.As(err, &r) && r.IsA("ArgumentError") {
			why = ", but it does not have ordered elements"
			return false, nil
		}
		return ok, err
	}
	message := func(to string) func() (string, error) {
		return func() (string, error) {
			got, err := s.format(m.actual)
			if err != nil {
				return "", err
			}
			text, err := s.describing(m)
			return "expected " + got + to + text + why, err
		}
	}
	m.fail, m.failNot = message(" to "), message(" not to ")
	return m
}

// edge compares the first or last elements with what is expected, or with its elements.
func (s *Suite) edge(a, expected ruby.Value, start bool) (bool, error) {
	if ok, err := s.in.Responds(expected, "length"); err != nil {
		return false, err
	} else if ok {
		n, err := s.in.Call(expected, "length")
		if err != nil {
			return false, err
		}
		if n, ok := n.(ruby.Int); ok {
			from := ruby.Int(0)
			if !start {
				from = -n
			}
			part, err := s.in.Call(a, "[]", from, n)
			if err != nil {
				return false, err
			}
			if ok, err := s.valuesMatch(expected, part); ok || err != nil {
				return ok, err
			}
		}
	}
	at := ruby.Int(0)
	if !start {
		at = -1
	}
	one, err := s.in.Call(a, "[]", at)
	if err != nil {
		return false, err
	}
	return s.valuesMatch(expected, one)
}
