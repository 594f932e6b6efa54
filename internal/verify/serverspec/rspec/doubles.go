package rspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// double is the Data of double, spy and their like: an object that answers what it was
// told to.
type double struct {
	title string // as messages call it
	loose bool   // it answers anything, with itself
}

// mocked is a method of an object that the example that runs has taken over.
type mocked struct {
	object   ruby.Value
	name     string
	rules    []*message // the last that fits counts
	calls    [][]ruby.Value
	original ruby.Func
	restore  func()
}

func (s *Suite) defineDoubles() {
	mocks := s.in.DefineModuleIn(s.rspecModule(), "Mocks")
	s.mockError = s.in.DefineClassIn(mocks, "MockExpectationError", s.in.Exception)
	s.doubleClass = s.in.DefineClassIn(mocks, "Double", s.in.Object)
	s.receiveClass = s.in.DefineClassIn(mocks, "Receive", s.in.Object)
	s.allowClass = s.in.DefineClassIn(mocks, "AllowanceTarget", s.in.Object)
	for name, kind := range map[string]string{
		"double": "Double", "spy": "Double", "instance_double": "InstanceDouble", "instance_spy": "InstanceDouble",
		"class_double": "ClassDouble", "class_spy": "ClassDouble", "object_double": "ObjectDouble",
	} {
		s.matchers.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.newDouble(c, kind) })
	}
	for _, name := range []string{"allow_any_instance_of", "expect_any_instance_of", "receive_message_chain", "stub_const", "hide_const", "class_double_as_stubbed_const"} {
		s.matchers.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			return nil, &ruby.Unsupported{Pos: c.Pos, Construct: "RSpec's " + name}
		})
	}
	s.defineDoubleClass()
	s.matchers.Define("allow", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		return s.in.NewObject(s.allowClass, &target{value: c.Args[0]}), nil
	})
	allow := func(c *ruby.Call) (ruby.Value, error) {
		m := messageOfValue(c.Arg(0))
		if m == nil {
			return nil, &ruby.Unsupported{Pos: c.Pos, Construct: "allow with another matcher than receive"}
		}
		m.allowed = true
		return ruby.Nil{}, s.take(c.Self.(*ruby.Object).Data.(*target).value, m, c.Block)
	}
	s.allowClass.Define("to", 1, 1, allow)
	s.defineReceive()
	s.defineArguments()
	s.defineHaveReceived()
}

func (s *Suite) rspecModule() *ruby.Class {
	k, _ := s.constant("RSpec")
	return k
}

func (s *Suite) newDouble(c *ruby.Call, kind string) (ruby.Value, error) {
	args := append([]ruby.Value(nil), c.Args...)
	var answers *ruby.Hash
	if n := len(args); n > 0 {
		if h, ok := args[n-1].(*ruby.Hash); ok {
			answers, args = h, args[:n-1]
		}
	}
	d := &double{title: kind + " (anonymous)", loose: strings.HasSuffix(c.Name, "spy")}
	if len(args) > 0 && !ruby.IsNil(args[0]) {
		text, err := s.in.ToS(args[0])
		if err != nil {
			return nil, err
		}
		d.title = kind + ` "` + text + `"`
		if kind != "Double" {
			d.title = kind + "(" + text + ")"
			d.title += " (anonymous)"
		}
	}
	o := s.in.NewObject(s.doubleClass, d)
	if answers == nil {
		return o, nil
	}
	for k, v := range answers.All() {
		if len(args) > 0 {
			if err := s.implements(args[0], kind, describedName(k)); err != nil {
				return nil, err
			}
		}
		m := &message{name: describedName(k), allowed: true, answers: []answer{{value: v}}}
		if err := s.take(o, m, nil); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// implements refuses a message that the class of an instance_double or class_double does not
// have, where there is that class.
func (s *Suite) implements(of ruby.Value, kind, name string) error {
	k, ok := of.(*ruby.Class)
	if !ok {
		if k, ok = s.constant(strings.Split(describedName(of), "::")...); !ok {
			return nil
		}
	}
	var has ruby.Value
	var err error
	what := "class method"
	switch kind {
	case "InstanceDouble":
		what = "instance method"
		has, err = s.in.Call(k, "method_defined?", ruby.Symbol(name))
	case "ClassDouble":
		has, err = s.in.Call(k, "respond_to?", ruby.Symbol(name))
	default:
		return nil
	}
	if err != nil || ruby.Truthy(has) {
		return err
	}
	return s.in.RaiseClass(s.mockError, "the %s class does not implement the %s: %s", k.Name(), what, name)
}

func (s *Suite) defineDoubleClass() {
	k := s.doubleClass
	of := func(c *ruby.Call) *double { return c.Self.(*ruby.Object).Data.(*double) }
	title := func(c *ruby.Call) (ruby.Value, error) { return ruby.Str("#<" + of(c).title + ">"), nil }
	k.Define("inspect", 0, 0, title)
	k.Define("to_s", 0, 0, title)
	k.Define("as_null_object", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		of(c).loose = true
		return c.Self, nil
	})
	k.Define("null_object?", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Bool(of(c).loose), nil })
	k.Define("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.Bool(of(c).loose), nil })
	k.Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		name := c.NameArg(0)
		if of(c).loose {
			m := s.mockedOf(c.Self, name)
			if m == nil {
				m = &mocked{object: c.Self, name: name}
				s.mocks = append(s.mocks, m)
			}
			m.calls = append(m.calls, append([]ruby.Value(nil), c.Args[1:]...))
			return c.Self, nil
		}
		if name == "to_ary" || name == "to_a" || name == "to_str" || name == "to_hash" {
			return nil, s.in.Raise("NoMethodError", "undefined method `%s' for #<%s>", name, of(c).title)
		}
		list, err := s.arguments(c.Args[1:], "no args")
		if err != nil {
			return nil, err
		}
		return nil, s.in.RaiseClass(s.mockError, "%s", "#<"+of(c).title+"> received unexpected message :"+name+" with ("+list+")")
	})
}

// mockedOf is what the example has taken over of an object, or nil.
func (s *Suite) mockedOf(object ruby.Value, name string) *mocked {
	for _, m := range s.mocks {
		if m.object == object && m.name == name {
			return m
		}
	}
	return nil
}

// take has an object answer a message as it was said.
func (s *Suite) take(object ruby.Value, rule *message, block *ruby.Proc) error {
	switch object.(type) {
	case *ruby.Object, *ruby.Class:
	default:
		return &ruby.Unsupported{Pos: s.in.Pos(), Construct: "allow or expect to receive of a " + s.in.ClassOf(object).Name()}
	}
	if block != nil && rule.block == nil {
		rule.block = block
	}
	for _, one := range rule.several {
		if err := s.take(object, one, nil); err != nil {
			return err
		}
	}
	if rule.name == "" {
		return nil
	}
	m := s.mockedOf(object, rule.name)
	if m == nil {
		m = &mocked{object: object, name: rule.name}
		s.mocks = append(s.mocks, m)
	}
	if m.restore == nil {
		m.original, m.restore, _ = s.in.Override(object, rule.name, func(c *ruby.Call) (ruby.Value, error) { return s.received(m, c) })
	}
	m.rules = append(m.rules, rule)
	return nil
}

// shown is how messages name an object and a message to it: (Double "box").open.
func (m *mocked) shown(s *Suite) (string, error) {
	title := ""
	switch v := m.object.(type) {
	case *ruby.Class:
		title = v.Name() + " (class)"
	case *ruby.Object:
		if d, ok := v.Data.(*double); ok {
			title = d.title
			break
		}
		text, err := s.in.Inspect(v)
		if err != nil {
			return "", err
		}
		title = text
	}
	return "(" + title + ")." + m.name, nil
}

// received answers a message.
func (s *Suite) received(m *mocked, c *ruby.Call) (ruby.Value, error) {
	args := append([]ruby.Value(nil), c.Args...)
	m.calls = append(m.calls, args)
	var rule *message
	for i := len(m.rules) - 1; i >= 0; i-- {
		ok, err := s.fits(m.rules[i], args)
		if err != nil {
			return nil, err
		}
		if ok && (rule == nil || rule.full() && !m.rules[i].full()) {
			rule = m.rules[i]
		}
	}
	if rule == nil {
		return nil, s.unexpected(m, args)
	}
	rule.count++
	if rule.over() {
		head, err := m.shown(s)
		if err != nil {
			return nil, err
		}
		list, err := s.arguments(args, "no args")
		if err != nil {
			return nil, err
		}
		want, err := rule.wanted(s)
		if err != nil {
			return nil, err
		}
		rule.told = true
		return nil, s.in.RaiseClass(s.mockError, "%s", head+"("+list+")\n    expected: "+want+"\n    received: "+countedTimes(rule.count))
	}
	return rule.answer(s, m, c)
}

func (s *Suite) unexpected(m *mocked, args []ruby.Value) error {
	last := m.rules[len(m.rules)-1]
	got, err := s.arguments(args, "no args")
	if err != nil {
		return err
	}
	want, err := s.arguments(last.with, "no args")
	if err != nil {
		return err
	}
	text, err := s.in.Inspect(m.object)
	if err != nil {
		return err
	}
	text += " received :" + m.name + " with unexpected arguments\n  expected: (" + want + ")\n       got: (" + got + ")"
	if last.allowed {
		text += "\n Please stub a default value first if message might be received with other args as well. \n"
	}
	last.told = true
	return s.in.RaiseClass(s.mockError, "%s", text)
}

// verifyDoubles returns what an object was to receive and has not.
func (s *Suite) verifyDoubles() error {
	for _, m := range s.mocks {
		for _, rule := range m.rules {
			if rule.allowed || rule.told || rule.met() {
				continue
			}
			head, err := m.shown(s)
			if err != nil {
				return err
			}
			text, err := rule.missed(s, head)
			if err != nil {
				return err
			}
			return s.in.RaiseClass(s.mockError, "%s", text)
		}
	}
	return nil
}

// undouble gives all objects their own methods back.
func (s *Suite) undouble() {
	for i := len(s.mocks) - 1; i >= 0; i-- {
		if restore := s.mocks[i].restore; restore != nil {
			restore()
		}
	}
	s.mocks = nil
}
