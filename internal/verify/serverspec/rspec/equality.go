package rspec

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

func (s *Suite) defineEquality() {
	s.word("eq", 1, 1, func(c *ruby.Call) (*matcher, error) {
		return s.same("eq", "==", c.Args[0], func(a ruby.Value) (bool, error) {
			v, err := s.in.Call(a, "==", c.Args[0])
			return ruby.Truthy(orNil(v)), err
		}), nil
	})
	s.word("eql", 1, 1, func(c *ruby.Call) (*matcher, error) {
		return s.same("eql", "eql?", c.Args[0], func(a ruby.Value) (bool, error) {
			v, err := s.in.Call(a, "eql?", c.Args[0])
			return ruby.Truthy(orNil(v)), err
		}), nil
	})
	s.word("equal", 1, 1, func(c *ruby.Call) (*matcher, error) { return s.identical(c.Args[0]), nil })
	s.matchers.Define("be", 0, 1, func(c *ruby.Call) (ruby.Value, error) {
		if c.Has(0) {
			return s.matcher(s.identical(c.Args[0])), nil
		}
		return s.be(), nil
	})
	for _, name := range []string{"be_a_kind_of", "be_a", "be_an", "be_kind_of"} {
		s.word(name, 1, 1, func(c *ruby.Call) (*matcher, error) {
			return s.kindOf("be a kind of ", "kind_of?", c.Args[0]), nil
		})
	}
	for _, name := range []string{"be_an_instance_of", "be_instance_of"} {
		s.word(name, 1, 1, func(c *ruby.Call) (*matcher, error) {
			return s.kindOf("be an instance of ", "instance_of?", c.Args[0]), nil
		})
	}
	s.word("be_between", 2, 2, func(c *ruby.Call) (*matcher, error) { return s.between(c.Args[0], c.Args[1]), nil })
	s.word("be_within", 1, 1, func(c *ruby.Call) (*matcher, error) { return s.within(c.Args[0]), nil })
}

// same is eq and eql.
func (s *Suite) same(name, op string, expected ruby.Value, match func(ruby.Value) (bool, error)) *matcher {
	m := &matcher{name: name, expected: expected, match: match}
	m.describe = func() (string, error) {
		text, err := s.format(expected)
		return name + " " + text, err
	}
	message := func(before string) func() (string, error) {
		return func() (string, error) {
			want, err := s.format(expected)
			if err != nil {
				return "", err
			}
			got, err := s.format(m.actual)
			return "\nexpected: " + before + want + "\n     got: " + got + "\n\n(compared using " + op + ")\n", err
		}
	}
	m.fail, m.failNot = message(""), message("value != ")
	return m
}

// identical is equal and be(x).
func (s *Suite) identical(expected ruby.Value) *matcher {
	m := &matcher{name: "equal", expected: expected}
	m.match = func(a ruby.Value) (bool, error) {
		v, err := s.in.Call(a, "equal?", expected)
		return ruby.Truthy(orNil(v)), err
	}
	m.describe = func() (string, error) {
		text, err := s.format(expected)
		return "equal " + text, err
	}
	m.fail = func() (string, error) {
		switch expected.(type) {
		case ruby.Bool, ruby.Nil:
			want, err := s.in.Inspect(expected)
			if err != nil {
				return "", err
			}
			got, err := s.in.Inspect(m.actual)
			return "\nexpected " + want + "\n     got " + got + "\n", err
		}
		want, err := s.identity(expected)
		if err != nil {
			return "", err
		}
		got, err := s.identity(m.actual)
		return "\nexpected " + want + "\n     got " + got + "\n\nCompared using equal?, which compares object identity,\nbut expected and actual are not the same object. Use\n`expect(actual).to eq(expected)` if you don't care about\nobject identity in this example.\n\n", err
	}
	m.failNot = func() (string, error) {
		got, err := s.identity(m.actual)
		return "\nexpected not " + got + "\n         got " + got + "\n\nCompared using equal?, which compares object identity.\n\n", err
	}
	return m
}

// identity is how RSpec speaks of an object that is compared by what it is.
func (s *Suite) identity(v ruby.Value) (string, error) {
	text, err := s.in.Inspect(v)
	if err != nil {
		return "", err
	}
	id, err := s.in.Call(v, "object_id")
	if err != nil {
		return "", err
	}
	number, err := s.in.ToS(id)
	return "#<" + s.in.ClassOf(v).Name() + ":" + number + "> => " + text, err
}

// be without an argument takes an operator, or wants any true value.
func (s *Suite) be() ruby.Value {
	m := &matcher{name: "be", match: func(a ruby.Value) (bool, error) { return ruby.Truthy(a), nil }}
	m.fail = s.evaluating(m, "true")
	m.failNot = s.evaluating(m, "false")
	m.chain = map[string]ruby.Func{}
	for _, op := range []string{"<", "<=", ">=", ">"} {
		m.chain[op] = func(c *ruby.Call) (ruby.Value, error) { return s.comparedTo(op, c.Arg(0)), nil }
	}
	return s.in.NewObject(s.beClass, m)
}

func (s *Suite) evaluating(m *matcher, to string) func() (string, error) {
	return func() (string, error) {
		got, err := s.format(m.actual)
		return "expected " + got + " to evaluate to " + to, err
	}
}

// comparedTo is be > 3.
func (s *Suite) comparedTo(op string, operand ruby.Value) ruby.Value {
	m := &matcher{name: "be", expected: operand}
	compare := func(negate bool) func(ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			v, err := s.in.Call(a, op, operand)
			if r := (*ruby.Raise)(nil); errors.As(err, &r) && (r.IsA("ArgumentError") || r.IsA("NoMethodError")) {
				return false, nil
			}
			return err == nil && ruby.Truthy(orNil(v)) != negate, err
		}
	}
	m.match, m.unmatch = compare(false), compare(true)
	m.describe = func() (string, error) {
		text, err := s.in.ToS(operand)
		return "be " + op + " " + words(text), err
	}
	m.fail = func() (string, error) {
		want, err := s.format(operand)
		if err != nil {
			return "", err
		}
		got, err := s.format(m.actual)
		return "expected: " + op + " " + want + "\n     got: " + strings.Repeat(" ", len(op)) + " " + got, err
	}
	m.failNot = func() (string, error) {
		want, err := s.format(operand)
		if err != nil {
			return "", err
		}
		got, err := s.format(m.actual)
		text := "`expect(" + got + ").not_to be " + op + " " + want + "`"
		if op[0] == '<' || op[0] == '>' {
			text += " not only FAILED, it is a bit confusing."
		}
		return text, err
	}
	return s.matcher(m)
}

func (s *Suite) kindOf(before, method string, class ruby.Value) *matcher {
	m := &matcher{expected: class}
	m.match = func(a ruby.Value) (bool, error) {
		v, err := s.in.Call(a, method, class)
		return ruby.Truthy(orNil(v)), err
	}
	m.describe = func() (string, error) {
		text, err := s.in.ToS(class)
		return before + text, err
	}
	return m
}

func (s *Suite) between(lo, hi ruby.Value) *matcher {
	m := &matcher{name: "be_between"}
	word := "inclusive"
	m.chain = map[string]ruby.Func{
		"inclusive": func(*ruby.Call) (ruby.Value, error) { word = "inclusive"; return nil, nil },
		"exclusive": func(*ruby.Call) (ruby.Value, error) { word = "exclusive"; return nil, nil },
	}
	m.match = func(a ruby.Value) (bool, error) {
		for _, one := range []struct {
			op    string
			bound ruby.Value
		}{{">", lo}, {"<", hi}} {
			op := one.op
			if word == "inclusive" {
				op += "="
			}
			v, err := s.in.Call(a, op, one.bound)
			if r := (*ruby.Raise)(nil); errors.As(err, &r) && r.IsA("ArgumentError") {
				return false, nil
			}
			if err != nil || !ruby.Truthy(v) {
				return false, err
			}
		}
		return true, nil
	}
	m.describe = func() (string, error) {
		from, err := s.in.Inspect(lo)
		if err != nil {
			return "", err
		}
		to, err := s.in.Inspect(hi)
		return "be between " + from + " and " + to + " (" + word + ")", err
	}
	return m
}

func (s *Suite) within(delta ruby.Value) *matcher {
	m := &matcher{name: "be_within"}
	var of ruby.Value
	unit := ""
	set := func(u string) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) { of, unit = c.Arg(0), u; return nil, nil }
	}
	m.chain = map[string]ruby.Func{"of": set(""), "percent_of": set("%")}
	m.match = func(a ruby.Value) (bool, error) {
		if of == nil {
			return false, s.in.Raise("ArgumentError", "You must set an expected value using #of: be_within(%s).of(expected_value)", "delta")
		}
		if ok, err := s.in.Responds(a, "-"); err != nil || !ok {
			return false, err
		}
		difference, err := s.in.Call(a, "-", of)
		if err != nil {
			return false, err
		}
		size, err := s.in.Call(difference, "abs")
		if err != nil {
			return false, err
		}
		limit := delta
		if unit == "%" {
			scaled, err := s.in.Call(of, "*", delta)
			if err != nil {
				return false, err
			}
			if scaled, err = s.in.Call(scaled, "abs"); err != nil {
				return false, err
			}
			if limit, err = s.in.Call(scaled, "/", ruby.Float(100)); err != nil {
				return false, err
			}
		}
		v, err := s.in.Call(size, "<=", limit)
		return ruby.Truthy(orNil(v)), err
	}
	m.describe = func() (string, error) {
		d, err := s.in.ToS(delta)
		if err != nil {
			return "", err
		}
		text, err := s.format(orNil(of))
		return "be within " + d + unit + " of " + text, err
	}
	return m
}
