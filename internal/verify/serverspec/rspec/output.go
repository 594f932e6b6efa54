package rspec

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// streams that output can look at.
var streams = map[string]struct {
	number int
	name   string
}{"to_stdout": {1, "stdout"}, "to_stderr": {2, "stderr"}, "to_stdout_from_any_process": {1, "stdout"}, "to_stderr_from_any_process": {2, "stderr"}}

// output is expect { }.to output("x").to_stdout.
func (s *Suite) output(c *ruby.Call) *matcher {
	var expected ruby.Value
	if c.Has(0) {
		expected = c.Args[0]
	}
	m := &matcher{name: "output", block: true, only: true, chain: map[string]ruby.Func{}}
	number, name := 0, "some stream"
	for word, stream := range streams {
		m.chain[word] = func(*ruby.Call) (ruby.Value, error) { number, name = stream.number, stream.name; return nil, nil }
	}
	printed, given := "", false
	run := func(a ruby.Value) error {
		var block *ruby.Proc
		if block, given = a.(*ruby.Proc); !given {
			return nil
		}
		if number == 0 {
			return s.in.Raise("RuntimeError", "You must chain `to_stdout` or `to_stderr` off of the `output(...)` matcher.")
		}
		var err error
		printed, err = s.in.Capture(number, func() error {
			_, err := s.in.Yield(block)
			return err
		})
		return err
	}
	meets := func() (bool, error) {
		if expected == nil || ruby.IsNil(expected) {
			return printed != "", nil
		}
		return s.valuesMatch(expected, ruby.Str(printed))
	}
	m.match = func(a ruby.Value) (bool, error) {
		if err := run(a); err != nil || !given {
			return false, err
		}
		return meets()
	}
	m.unmatch = func(a ruby.Value) (bool, error) {
		if err := run(a); err != nil || !given {
			return false, err
		}
		ok, err := meets()
		return !ok, err
	}
	m.describe = func() (string, error) {
		if expected == nil || ruby.IsNil(expected) {
			return "output to " + name, nil
		}
		text, err := s.describe1(expected)
		return "output " + text + " to " + name, err
	}
	message := func(to string, negated bool) func() (string, error) {
		return func() (string, error) {
			text, err := m.describe()
			if err != nil {
				return "", err
			}
			head := "expected block " + to + text + ", but "
			switch {
			case !given:
				return head + "was not a block", nil
			case (expected == nil || ruby.IsNil(expected)) && !negated:
				return head + "did not", nil
			case printed == "":
				return head + "output nothing", nil
			}
			got, err := s.format(ruby.Str(printed))
			return head + "output " + got, err
		}
	}
	m.fail, m.failNot = message("to ", false), message("to not ", true)
	return m
}

// throwSymbol is expect { }.to throw_symbol(:name, value).
func (s *Suite) throwSymbol(c *ruby.Call) *matcher {
	m := &matcher{name: "throw_symbol", block: true, only: true, jumps: true}
	symbol, value := c.Arg(0), c.Arg(1)
	var thrown, with ruby.Value
	given := false
	m.match = func(a ruby.Value) (bool, error) {
		thrown, with = nil, nil
		var block *ruby.Proc
		if block, given = a.(*ruby.Proc); !given {
			return false, nil
		}
		_, err := s.in.Yield(block)
		var raised *ruby.Raise
		if !errors.As(err, &raised) || !raised.IsA("UncaughtThrowError") {
			return false, err
		}
		if thrown, err = s.in.Call(raised.Exception, "tag"); err != nil {
			return false, err
		}
		if with, err = s.in.Call(raised.Exception, "value"); err != nil {
			return false, err
		}
		if ruby.IsNil(symbol) {
			return true, nil
		}
		if ok, err := s.in.Equal(thrown, symbol); !ok || err != nil || ruby.IsNil(value) {
			return ok, err
		}
		return s.valuesMatch(value, with)
	}
	m.unmatch = func(a ruby.Value) (bool, error) {
		ok, err := m.match(a)
		return !ok && given, err
	}
	expected := func(any string) (string, error) {
		if ruby.IsNil(symbol) {
			return any, nil
		}
		text, err := s.describe1(symbol)
		if err != nil || ruby.IsNil(value) {
			return text, err
		}
		arg, err := s.describe1(value)
		return text + " with " + arg, err
	}
	m.describe = func() (string, error) {
		text, err := expected("a Symbol")
		return "throw " + text, err
	}
	caught := func() (string, error) {
		if thrown == nil {
			return "nothing", nil
		}
		text, err := s.format(thrown)
		if err != nil || ruby.IsNil(value) {
			return text, err
		}
		if ruby.IsNil(with) {
			return text + " with no argument", nil
		}
		arg, err := s.format(with)
		return text + " with " + arg, err
	}
	message := func(any, to string) func() (string, error) {
		return func() (string, error) {
			text, err := expected(any)
			if err != nil {
				return "", err
			}
			if !given {
				return "expected " + text + to + " but was not given a block", nil
			}
			got, err := caught()
			return "expected " + text + to + ", got " + got, err
		}
	}
	m.fail = message("a Symbol", " to be thrown")
	m.failNot = message("no Symbol", " not to be thrown")
	if ruby.IsNil(symbol) {
		m.failNot = message("no Symbol", " to be thrown")
	}
	return m
}
