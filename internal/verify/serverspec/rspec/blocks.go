package rspec

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineBlocks defines the matchers of what a block does.
func (s *Suite) defineBlocks() {
	for _, name := range []string{"raise_error", "raise_exception"} {
		s.word(name, 0, 2, func(c *ruby.Call) (*matcher, error) { return s.raiseError(c), nil })
	}
	s.word("change", 0, 2, func(c *ruby.Call) (*matcher, error) { return s.change(c) })
	s.word("output", 0, 1, func(c *ruby.Call) (*matcher, error) { return s.output(c), nil })
	s.word("throw_symbol", 0, 2, func(c *ruby.Call) (*matcher, error) { return s.throwSymbol(c), nil })
	s.defineYields()
}

func (s *Suite) raiseError(c *ruby.Call) *matcher {
	var class, message ruby.Value = s.in.Exception, nil
	switch v := c.Arg(0).(type) {
	case ruby.Nil:
	case *ruby.String, *ruby.Regexp:
		message = v
	default:
		class = v
	}
	if c.Has(1) && !ruby.IsNil(c.Args[1]) {
		message = c.Args[1]
	}
	if _, ok := c.Arg(0).(*ruby.Regexp); ok && message == nil {
		message = c.Arg(0)
	}
	then := c.Block
	m := &matcher{name: "raise_error", block: true, only: true, jumps: true}
	m.chain = map[string]ruby.Func{"with_message": func(c *ruby.Call) (ruby.Value, error) { message = c.Arg(0); return nil, nil }}
	var raised *ruby.Raise
	isBlock := false
	m.match = func(a ruby.Value) (bool, error) {
		raised = nil
		var b *ruby.Proc
		if b, isBlock = a.(*ruby.Proc); !isBlock {
			return false, nil
		}
		_, err := s.in.Yield(b)
		if err == nil {
			return false, nil
		}
		if !errors.As(err, &raised) {
			return false, err
		}
		ok, err := s.valuesMatch(class, raised.Exception)
		if err != nil || !ok {
			return false, err
		}
		if message != nil {
			if ok, err := s.valuesMatch(message, ruby.Str(raised.Message())); err != nil || !ok {
				return false, err
			}
		}
		if then != nil {
			_, err := s.in.Yield(then, raised.Exception)
			return err == nil, err
		}
		return true, nil
	}
	m.unmatch = func(a ruby.Value) (bool, error) {
		ok, err := m.match(a)
		return !ok && isBlock, err
	}
	_, pattern := c.Arg(0).(*ruby.Regexp)
	expected := func() (string, error) {
		if pattern {
			return s.describe1(message)
		}
		if s.isMatcher(class) {
			text, err := s.describedMatcher(class)
			return "Exception with " + text, err
		}
		text, err := s.in.ToS(class)
		if err != nil || message == nil {
			return text, err
		}
		with, err := s.describe1(message)
		if _, ok := message.(*ruby.Regexp); ok {
			return text + " with message matching " + with, err
		}
		return text + " with " + with, err
	}
	m.describe = func() (string, error) {
		text, err := expected()
		return "raise " + text, err
	}
	given := func(before string) func() (string, error) {
		return func() (string, error) {
			text, err := expected()
			if err != nil {
				return "", err
			}
			switch {
			case !isBlock:
				return before + text + " but was not given a block", nil
			case raised == nil:
				return before + text + " but nothing was raised", nil
			}
			got, err := s.in.Inspect(raised.Exception)
			return before + text + ", got " + got, err
		}
	}
	m.fail, m.failNot = given("expected "), given("expected no ")
	return m
}
