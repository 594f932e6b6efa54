package rspec

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// target is the Data of what expect returns.
type target struct {
	value ruby.Value
	block *ruby.Proc
}

func (s *Suite) target(v ruby.Value, block *ruby.Proc) ruby.Value {
	return s.in.NewObject(s.targetClass, &target{v, block})
}

func (s *Suite) defineExpectations() {
	expectations := s.matchers
	s.targetClass = s.in.DefineClassIn(expectations, "ExpectationTarget", s.in.Object)
	expect := func(c *ruby.Call) (ruby.Value, error) {
		switch {
		case len(c.Args) == 1 && c.Block != nil:
			return nil, s.in.Raise("ArgumentError", "You cannot pass both an argument and a block to `expect`.")
		case len(c.Args) == 0 && c.Block == nil:
			return nil, s.in.Raise("ArgumentError", "You must pass either an argument or a block to `expect`.")
		case c.Block != nil:
			return s.target(nil, c.Block), nil
		}
		return s.target(c.Args[0], nil), nil
	}
	s.matchers.Define("expect", 0, 1, expect)
	to := func(name string, positive bool) {
		s.targetClass.Define(name, 0, 2, func(c *ruby.Call) (ruby.Value, error) {
			t := c.Self.(*ruby.Object).Data.(*target)
			if len(c.Args) == 0 {
				return nil, s.in.Raise("ArgumentError", "The expect syntax does not support operator matchers, so you must pass a matcher to `#to`.")
			}
			v := t.value
			if t.block != nil {
				v = t.block
			}
			if m := messageOfValue(c.Args[0]); m != nil {
				verb := "is expected to"
				if !positive {
					verb = "is expected not to"
				}
				s.last = lastExpectation{verb: verb, matcher: c.Args[0]}
				return ruby.True, s.expectMessage(t, m, positive, c.Block)
			}
			if err := s.suits(t, c.Args[0], name); err != nil {
				return nil, err
			}
			return s.handle(positive, orNil(v), c.Args)
		})
	}
	to("to", true)
	to("not_to", false)
	to("to_not", false)
	for name, positive := range map[string]bool{"should": true, "should_not": false} {
		s.in.BasicObject.Define(name, 0, 2, func(c *ruby.Call) (ruby.Value, error) {
			v := c.Self
			if o, ok := v.(*ruby.Object); ok {
				if t, ok := o.Data.(*target); ok && t.block != nil {
					v = t.block
				}
			}
			return s.handle(positive, v, c.Args)
		})
	}
	s.matchers.Define("aggregate_failures", 0, -1, s.aggregate)
	fail := func(c *ruby.Call) (ruby.Value, error) { return nil, s.failWith(c.OptStr(0, "")) }
	if m, ok := s.constant("RSpec", "Expectations"); ok {
		m.DefineSingleton("fail_with", 1, 3, fail)
		m.DefineSingleton("configuration", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.config.object, nil })
	}
}

func (s *Suite) constant(path ...string) (*ruby.Class, bool) {
	k := s.in.Object
	for _, name := range path {
		v, _ := k.Const(name)
		next, ok := v.(*ruby.Class)
		if !ok {
			return nil, false
		}
		k = next
	}
	return k, true
}

// suits refuses a matcher that is not for blocks where a block is expected to do
// something, and the other way round.
func (s *Suite) suits(t *target, m ruby.Value, word string) error {
	if t.block != nil {
		ok, err := s.flag(m, "supports_block_expectations?", false)
		if err != nil || ok {
			return err
		}
		text, err := s.describedMatcher(m)
		if err != nil {
			return err
		}
		return s.failWith("You must pass an argument rather than a block to `expect` to use the provided matcher (" + text + "), or the matcher must implement `supports_block_expectations?`.")
	}
	ok, err := s.flag(m, "supports_value_expectations?", true)
	if err != nil || ok {
		return err
	}
	return nil // RSpec 3 only warns
}

func (s *Suite) flag(m ruby.Value, name string, otherwise bool) (bool, error) {
	ok, err := s.in.Responds(m, name)
	if err != nil || !ok {
		return otherwise, err
	}
	v, err := s.in.Call(m, name)
	return ruby.Truthy(v), err
}

// handle holds a value against a matcher, as should and to do. args are the matcher and a
// message of the spec's own.
func (s *Suite) handle(positive bool, actual ruby.Value, args []ruby.Value) (ruby.Value, error) {
	if s.Refuse != nil {
		if err := s.Refuse(actual); err != nil {
			return nil, err
		}
	}
	verb := "is expected to"
	if !positive {
		verb = "is expected not to"
	}
	if len(args) == 0 || ruby.IsNil(args[0]) {
		s.last = lastExpectation{verb: verb}
		return s.operators(positive, actual), nil
	}
	m := args[0]
	s.last = lastExpectation{verb, m}
	matched, err := s.matchValue(m, actual, !positive)
	s.last = lastExpectation{verb, m}
	if err != nil {
		return nil, err
	}
	if matched {
		return ruby.True, nil
	}
	if err := s.noteFailure(positive, m, actual); err != nil {
		return nil, err
	}
	name := "failure_message"
	if !positive {
		name = "failure_message_when_negated"
	}
	if len(args) > 1 && !ruby.IsNil(args[1]) {
		text := args[1]
		if ok, err := s.in.Responds(text, "call"); err != nil {
			return nil, err
		} else if ok {
			if text, err = s.in.Call(text, "call"); err != nil {
				return nil, err
			}
		}
		message, err := s.in.ToS(text)
		if err != nil {
			return nil, err
		}
		return ruby.False, s.failWith(message)
	}
	v, err := s.in.Call(m, name)
	if err != nil {
		return nil, err
	}
	message, err := s.in.ToS(v)
	if err != nil {
		return nil, err
	}
	return ruby.False, s.failWith(message)
}

// noteFailure keeps what the first matcher that did not match wanted, and what it found
// where that is a value that can be shown.
func (s *Suite) noteFailure(positive bool, m, actual ruby.Value) error {
	e := s.current
	if e == nil || e.Wanted != "" {
		return nil
	}
	text, err := s.describedMatcher(m)
	if err != nil {
		return err
	}
	e.Wanted = text
	if !positive {
		e.Wanted = "not " + text
	}
	switch actual.(type) {
	case *ruby.Object, *ruby.Proc, *ruby.Class:
		return nil
	}
	e.Found, err = s.format(actual)
	return err
}

// matchValue asks a matcher, or anything that acts as one.
func (s *Suite) matchValue(m, actual ruby.Value, negated bool) (bool, error) {
	if negated {
		ok, err := s.in.Responds(m, "does_not_match?")
		if err != nil {
			return false, err
		}
		if ok {
			v, err := s.in.Call(m, "does_not_match?", actual)
			return ruby.Truthy(orNil(v)), err
		}
	}
	v, err := s.in.Call(m, "matches?", actual)
	return ruby.Truthy(orNil(v)) != negated, err
}

// failWith raises what a failed expectation raises, or keeps it within aggregate_failures.
func (s *Suite) failWith(message string) error {
	return s.passOn(s.in.RaiseClass(s.notMet, "%s", message))
}

// operators is what should without a matcher returns: should == x.
func (s *Suite) operators(positive bool, actual ruby.Value) ruby.Value {
	k, ok := s.constant("RSpec", "Matchers", "BuiltIn", "OperatorMatcher")
	if !ok {
		k = s.in.DefineClassIn(s.builtIn, "OperatorMatcher", s.in.Object)
		for _, op := range []string{"==", "===", "=~", ">", ">=", "<", "<="} {
			k.Define(op, 1, 1, s.operate)
		}
		for _, op := range []string{"!=", "!~"} {
			k.Define(op, 1, 1, func(c *ruby.Call) (ruby.Value, error) {
				return nil, s.in.Raise("RuntimeError", "RSpec does not support `should %s expected`.  Use `should_not %s expected` instead.", c.Name, strings.Replace(c.Name, "!", "=", 1))
			})
		}
		k.Define("description", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
			o := c.Self.(*ruby.Object).Data.(*operator)
			text, err := s.format(o.expected)
			return ruby.Str(o.name + " " + text), err
		})
	}
	return s.in.NewObject(k, &operator{positive: positive, actual: actual})
}

type operator struct {
	positive         bool
	actual, expected ruby.Value
	name             string
}

func (s *Suite) operate(c *ruby.Call) (ruby.Value, error) {
	o := c.Self.(*ruby.Object).Data.(*operator)
	o.name, o.expected = c.Name, c.Args[0]
	if _, list := o.actual.(*ruby.Array); list && o.name == "=~" {
		return s.handle(o.positive, o.actual, []ruby.Value{s.containExactly(elements(o.expected))})
	}
	s.last.matcher = c.Self
	v, err := s.in.Call(o.actual, o.name, o.expected)
	if err != nil {
		return nil, err
	}
	if ruby.Truthy(v) == o.positive {
		return ruby.True, nil
	}
	want, err := s.format(o.expected)
	if err != nil {
		return nil, err
	}
	got, err := s.format(o.actual)
	if err != nil {
		return nil, err
	}
	message := "expected: " + want + "\n     got: " + got + " (using " + o.name + ")"
	switch {
	case !o.positive:
		message = "expected not: " + o.name + " " + want + "\n         got: " + strings.Repeat(" ", len(o.name)) + " " + got
	case o.name != "==" && o.name != "===" && o.name != "=~":
		message = "expected: " + o.name + " " + want + "\n     got: " + strings.Repeat(" ", len(o.name)) + " " + got
	}
	return ruby.False, s.failWith(message)
}

// aggregate is aggregate_failures: a block in which failed expectations do not end the
// example at once.
func (s *Suite) aggregate(c *ruby.Call) (ruby.Value, error) {
	label := ""
	if c.Has(0) && !ruby.IsNil(c.Args[0]) {
		var err error
		if label, err = s.in.Inspect(c.Args[0]); err != nil {
			return nil, err
		}
		label = " " + label
	}
	var v ruby.Value
	err := s.gather(label, func() (err error) {
		v, err = c.Yield()
		return err
	})
	return v, err
}

// gathered runs an example whose metadata may say aggregate_failures.
func (s *Suite) gathered(e *Example, run func() error) error {
	if ruby.Truthy(lookup(e.metadata, "aggregate_failures")) {
		return s.gather("", run)
	}
	return run()
}

// gather runs what may fail several times. Within another that gathers, all its failures are
// one of that.
func (s *Suite) gather(label string, run func() error) error {
	var list []*ruby.Raise
	s.gathering = append(s.gathering, &list)
	err := run()
	s.gathering = s.gathering[:len(s.gathering)-1]
	var r *ruby.Raise
	if errors.As(err, &r) {
		if r.IsA("RSpec::Core::Pending::SkipDeclaredInExample") {
			return err
		}
		list = append(list, r)
	} else if err != nil {
		return err
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return s.passOn(list[0])
	}
	failures := 0
	for _, r := range list {
		if r.IsA("RSpec::Expectations::ExpectationNotMetError") {
			failures++
		}
	}
	var b strings.Builder
	b.WriteString("Got " + counted(failures, "failure"))
	if n := len(list) - failures; n > 0 {
		b.WriteString(" and " + counted(n, "other error"))
	}
	b.WriteString(" from failure aggregation block" + label + ":\n")
	for i, r := range list {
		b.WriteString("\n  " + itoa(i+1) + ") " + strings.TrimLeft(indentedBy("     ", strings.Trim(messageOf(r), "\n")), " ") + "\n")
	}
	return s.passOn(s.in.RaiseClass(s.manyNotMet, "%s", strings.TrimSuffix(b.String(), "\n")))
}

// passOn gives an expectation that was not met to what gathers around, if anything does.
func (s *Suite) passOn(err error) error {
	var r *ruby.Raise
	if n := len(s.gathering); n > 0 && errors.As(err, &r) && r.IsA("RSpec::Expectations::ExpectationNotMetError") {
		*s.gathering[n-1] = append(*s.gathering[n-1], r)
		return nil
	}
	return err
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}
