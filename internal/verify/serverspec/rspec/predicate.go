package rspec

import (
	"errors"
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

var bePredicate = regexp.MustCompile(`^be_(?:an?_)?(.*)$`)

// definePredicates has every be_x ask x? and every have_x ask has_x?.
func (s *Suite) definePredicates() {
	s.matchers.Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		name := c.NameArg(0)
		args := append([]ruby.Value(nil), c.Args[1:]...)
		switch {
		case strings.HasPrefix(name, "be_"):
			root := bePredicate.FindStringSubmatch(name)[1]
			return s.matcher(s.predicate(name, root+"?", args, c.Block)), nil
		case strings.HasPrefix(name, "have_"):
			return s.matcher(s.predicate(name, "has_"+strings.TrimPrefix(name, "have_")+"?", args, c.Block)), nil
		}
		err := s.in.NoMethod(c.Self, name, args, len(args) == 0 && c.Block == nil)
		if unsupported := (*ruby.Unsupported)(nil); errors.As(err, &unsupported) {
			return nil, err
		}
		text, textErr := s.in.Inspect(c.Self)
		if textErr != nil {
			return nil, textErr
		}
		if len(args) == 0 && c.Block == nil {
			return nil, s.in.Raise("NameError", "undefined local variable or method `%s' for %s", name, text)
		}
		return nil, s.in.Raise("NoMethodError", "undefined method `%s' for %s", name, text)
	})
	s.matchers.Define("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) {
		name := c.NameArg(0)
		return ruby.Bool(strings.HasPrefix(name, "be_") || strings.HasPrefix(name, "have_")), nil
	})
	s.base.Define("inspect", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		name := "RSpec::ExampleGroups"
		if g := s.groupOf(s.in.ClassOf(c.Self)); g != nil {
			name += "::" + s.className(g)
		}
		if s.current != nil {
			text, err := s.in.Inspect(ruby.Str(s.current.Description()))
			return ruby.Str("#<" + name + " " + text + " (" + s.location(s.current.Pos) + ")>"), err
		}
		return ruby.Str("#<" + name + ">"), nil
	})
	s.base.Alias("to_s", "inspect")
}

var notName = regexp.MustCompile(`[^a-zA-Z0-9]+`)

// className is the name that RSpec gives the class of a group.
func (s *Suite) className(g *Group) string {
	text := camel(strings.ToLower(notName.ReplaceAllString(g.Description, "_")))
	if text == "" || text[0] >= '0' && text[0] <= '9' {
		text = "Nested" + text
	}
	if g.parent != nil {
		return s.className(g.parent) + "::" + text
	}
	return text
}

// predicate asks the subject a question whose answer is yes or no.
func (s *Suite) predicate(name, method string, args []ruby.Value, block *ruby.Proc) *matcher {
	m := &matcher{name: name}
	var result ruby.Value
	can := false
	asked := method
	test := func(want bool) func(a ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			var err error
			asked = method
			if can, err = s.in.Responds(a, asked); err != nil {
				return false, err
			}
			if !can && strings.HasPrefix(name, "be_") {
				asked = strings.TrimSuffix(method, "?") + "s?"
				if can, err = s.in.Responds(a, asked); err != nil {
					return false, err
				}
			}
			if !can {
				return false, nil
			}
			result, err = s.in.CallBlock(a, asked, block, args...)
			return err == nil && ruby.Truthy(orNil(result)) == want, err
		}
	}
	m.match, m.unmatch = test(true), test(false)
	m.describe = func() (string, error) {
		list, err := s.list(args)
		return words(name) + list, err
	}
	message := func(want string) func() (string, error) {
		return func() (string, error) {
			got, err := s.format(m.actual)
			if err != nil {
				return "", err
			}
			if !can {
				return "expected " + got + " to respond to `" + method + "`", nil
			}
			list := ""
			if len(args) > 0 {
				parts, err := s.formatAll(args)
				if err != nil {
					return "", err
				}
				list = "(" + strings.Join(parts, ", ") + ")"
			}
			text, err := s.format(orNil(result))
			return "expected `" + got + "." + method + list + "` to be " + want + ", got " + text, err
		}
	}
	m.fail, m.failNot = message("truthy"), message("falsey")
	return m
}
