package rspec

import (
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineTruth defines be_truthy and its like, exist, satisfy and respond_to.
func (s *Suite) defineTruth() {
	simple := func(name, want, wantNot string, is func(ruby.Value) bool) {
		s.word(name, 0, 0, func(c *ruby.Call) (*matcher, error) {
			m := &matcher{match: func(a ruby.Value) (bool, error) { return is(a), nil }}
			message := func(want string) func() (string, error) {
				return func() (string, error) {
					got, err := s.format(m.actual)
					return "expected: " + want + "\n     got: " + got, err
				}
			}
			m.fail, m.failNot = message(want), message(wantNot)
			return m, nil
		})
	}
	simple("be_truthy", "truthy value", "falsey value", ruby.Truthy)
	simple("be_falsey", "falsey value", "truthy value", func(v ruby.Value) bool { return !ruby.Truthy(v) })
	simple("be_nil", "nil", "not nil", ruby.IsNil)
	s.matchers.Define("be_falsy", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		v, err := s.in.Call(c.Self, "be_falsey")
		if m := matcherOf(v); m != nil {
			m.name = "be_falsey"
		}
		return v, err
	})
	s.word("exist", 0, -1, func(c *ruby.Call) (*matcher, error) { return s.exist(c.Args), nil })
	s.word("satisfy", 0, 1, func(c *ruby.Call) (*matcher, error) { return s.satisfy(c) })
	s.word("respond_to", 1, -1, func(c *ruby.Call) (*matcher, error) { return s.respondTo(c.Args), nil })
}

func (s *Suite) exist(args []ruby.Value) *matcher {
	m := &matcher{name: "exist", expected: ruby.NewArray(args...)}
	why := ""
	test := func(negate bool) func(ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			why = ""
			var values []bool
			for _, name := range []string{"exist?", "exists?"} {
				if k, ok := a.(*ruby.Class); ok && name == "exists?" && (k.Name() == "File" || k.Name() == "FileTest") {
					continue
				}
				ok, err := s.in.Responds(a, name)
				if err != nil {
					return false, err
				}
				if !ok {
					continue
				}
				v, err := s.in.Call(a, name, args...)
				if err != nil {
					return false, err
				}
				values = append(values, ruby.Truthy(v))
			}
			switch {
			case len(values) == 0:
				why = " but it does not respond to either `exist?` or `exists?`"
				return false, nil
			case len(values) == 2 && values[0] != values[1]:
				why = " but `exist?` and `exists?` returned different values"
				return false, nil
			}
			return values[0] != negate, nil
		}
	}
	m.match, m.unmatch = test(false), test(true)
	message := func(to string) func() (string, error) {
		return func() (string, error) {
			got, err := s.format(m.actual)
			return "expected " + got + to + why, err
		}
	}
	m.fail, m.failNot = message(" to exist"), message(" not to exist")
	return m
}

func (s *Suite) satisfy(c *ruby.Call) (*matcher, error) {
	if c.Block == nil {
		return nil, s.in.Raise("ArgumentError", "satisfy needs a block")
	}
	block, title := c.Block, c.OptStr(0, "")
	m := &matcher{block: true}
	m.match = func(a ruby.Value) (bool, error) {
		v, err := s.in.Yield(block, a)
		return ruby.Truthy(orNil(v)), err
	}
	m.describe = func() (string, error) {
		if title != "" {
			return title, nil
		}
		if text := s.quoted(block, "satisfy"); text != "" {
			return "satisfy expression `" + text + "`", nil
		}
		return "satisfy block", nil
	}
	return m, nil
}

var oneBlock = regexp.MustCompile(`^\s*(?:\|[^|]*\|)?\s*(.*?)\s*$`)

// quoted is the text of a block that stands in braces on one line, the only one there of
// the matcher of that name, or "".
func (s *Suite) quoted(b *ruby.Proc, name string) string {
	if s.Text == nil {
		return ""
	}
	pos := b.Pos()
	rest, ok := strings.CutPrefix(s.rest(pos), "{")
	pos.Column = 1
	if !ok || strings.Count(s.rest(pos), name) > 1 {
		return ""
	}
	depth := 1
	for i := range len(rest) {
		switch rest[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return oneBlock.FindStringSubmatch(rest[:i])[1]
			}
		}
	}
	return ""
}

func (s *Suite) respondTo(names []ruby.Value) *matcher {
	m := &matcher{name: "respond_to"}
	with := ""
	arguments := func(c *ruby.Call) (ruby.Value, error) {
		n, err := s.in.ToS(c.Arg(0))
		with = " with " + n + " argument"
		if n != "1" {
			with += "s"
		}
		return nil, err
	}
	self := func(*ruby.Call) (ruby.Value, error) { return nil, nil }
	m.chain = map[string]ruby.Func{"with": arguments, "argument": self, "arguments": self}
	var missing []string
	test := func(negate bool) func(a ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			missing = nil
			for _, n := range names {
				ok, err := s.in.Responds(a, describedName(n))
				if err != nil {
					return false, err
				}
				if ok == negate {
					text, err := s.format(n)
					if err != nil {
						return false, err
					}
					missing = append(missing, text)
				}
			}
			return len(missing) == 0, nil
		}
	}
	m.match, m.unmatch = test(false), test(true)
	m.describe = func() (string, error) {
		if len(names) == 1 {
			return "respond to #" + describedName(names[0]) + with, nil
		}
		text, err := s.format(ruby.NewArray(names...))
		return "respond to " + text + with, err
	}
	message := func(to string) func() (string, error) {
		return func() (string, error) {
			got, err := s.format(m.actual)
			return "expected " + got + to + " respond to " + strings.Join(missing, ", ") + with, err
		}
	}
	m.fail, m.failNot = message(" to"), message(" not to")
	return m
}
