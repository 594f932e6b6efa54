package rspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

func (s *Suite) defineMemoized() {
	for _, name := range []string{"let", "let!"} {
		s.base.DefineSingleton(name, 1, -1, func(c *ruby.Call) (ruby.Value, error) {
			return s.let(c, strings.HasSuffix(c.Name, "!"), c.NameArg(0))
		})
	}
	for _, name := range []string{"subject", "subject!"} {
		s.base.DefineSingleton(name, 0, 1, func(c *ruby.Call) (ruby.Value, error) {
			if _, err := s.let(c, strings.HasSuffix(c.Name, "!"), "subject"); err != nil || !c.Has(0) || ruby.IsNil(c.Arg(0)) {
				return ruby.Nil{}, err
			}
			k := c.Self.(*ruby.Class)
			k.Define(c.NameArg(0), 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.in.Call(c.Self, "subject") })
			return ruby.Nil{}, nil
		})
	}
	s.base.Define("subject", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		if s.Subject != nil {
			if err := s.Subject(c.Self); err != nil {
				return nil, err
			}
		}
		return s.memoized(c.Self, "subject", func() (ruby.Value, error) {
			g := s.groupOf(s.in.ClassOf(c.Self))
			if g == nil {
				return ruby.Nil{}, nil
			}
			v := g.described()
			if ruby.IsNil(v) && len(g.args) > 0 {
				v = g.args[0]
			}
			if k, ok := v.(*ruby.Class); ok && !k.IsModule() {
				return s.in.Call(k, "new")
			}
			return v, nil
		})
	})
	for _, name := range []string{"is_expected", "are_expected"} {
		s.base.Define(name, 0, 0, func(c *ruby.Call) (ruby.Value, error) {
			v, err := s.in.Call(c.Self, "subject")
			if err != nil {
				return nil, err
			}
			return s.target(v, nil), nil
		})
	}
	one := func(name string, positive bool) {
		s.base.Define(name, 0, 2, func(c *ruby.Call) (ruby.Value, error) {
			v, err := s.in.Call(c.Self, "subject")
			if err != nil {
				return nil, err
			}
			return s.handle(positive, v, c.Args)
		})
	}
	one("should", true)
	one("should_not", false)
}

// memoized gives what a let or the subject was in this example.
func (s *Suite) memoized(self ruby.Value, name string, make func() (ruby.Value, error)) (ruby.Value, error) {
	o, _ := self.(*ruby.Object)
	var memo map[string]ruby.Value
	if o != nil {
		if i, ok := o.Data.(*instance); ok {
			memo = i.memo
		}
	}
	if v, ok := memo[name]; ok {
		return v, nil
	}
	v, err := make()
	if err == nil && memo != nil {
		memo[name] = v
	}
	return v, err
}

// let gives the group a method whose block, which may say super, stands in a module below
// the class and whose result is kept.
func (s *Suite) let(c *ruby.Call, now bool, name string) (ruby.Value, error) {
	if c.Block == nil {
		return nil, s.in.Raise("RuntimeError", "#let or #subject called without a block")
	}
	k := c.Self.(*ruby.Class)
	g := s.groups[k]
	if g == nil {
		return nil, s.in.Raise("RuntimeError", "%s is for groups", c.Name)
	}
	if _, err := s.in.CallBlock(g.lets, "define_method", c.Block, ruby.Symbol(name)); err != nil {
		return nil, err
	}
	k.Define(name, 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		return s.memoized(c.Self, name, func() (ruby.Value, error) {
			m, err := s.in.Call(g.lets, "instance_method", ruby.Symbol(name))
			if err != nil {
				return nil, err
			}
			return s.in.Call(m, "bind_call", c.Self)
		})
	})
	if now {
		g.hooks.add("before", "each", hook{block: s.in.NewProc(0, -1, func(c *ruby.Call) (ruby.Value, error) {
			return s.in.Call(c.Self, name)
		})})
	}
	return ruby.Nil{}, nil
}

// its is the one-line example about an attribute of the subject.
func (s *Suite) its(c *ruby.Call) (ruby.Value, error) {
	g := s.groupOf(c.Self)
	attribute := c.Args[0]
	options := append([]ruby.Value(nil), c.Args[1:]...)
	title, err := s.in.ToS(attribute)
	if err != nil {
		return nil, err
	}
	inner, err := s.newGroup(g, []ruby.Value{ruby.Str(title)}, ruby.NewHash(), c.Pos)
	if err != nil {
		return nil, err
	}
	value := func(self ruby.Value) (ruby.Value, error) {
		return s.memoized(self, "__its_subject", func() (ruby.Value, error) {
			v, err := s.in.Call(self, "subject")
			if err != nil {
				return nil, err
			}
			return s.attribute(v, attribute)
		})
	}
	inner.class.Define("__its_subject", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return value(c.Self) })
	for _, name := range []string{"is_expected", "are_expected"} {
		inner.class.Define(name, 0, 0, func(c *ruby.Call) (ruby.Value, error) {
			v, err := value(c.Self)
			if err != nil {
				return nil, err
			}
			return s.target(v, nil), nil
		})
	}
	one := func(name string, positive bool) {
		inner.class.Define(name, 0, 2, func(c *ruby.Call) (ruby.Value, error) {
			v, err := value(c.Self)
			if err != nil {
				return nil, err
			}
			return s.handle(positive, v, c.Args)
		})
	}
	one("should", true)
	one("should_not", false)
	will := func(name string, positive bool) {
		inner.class.Define(name, 1, 1, func(c *ruby.Call) (ruby.Value, error) {
			b := s.in.NewProc(0, 0, func(*ruby.Call) (ruby.Value, error) { return value(c.Self) })
			return s.handle(positive, b, c.Args)
		})
	}
	will("will", true)
	will("will_not", false)
	call := &ruby.Call{In: s.in, Self: inner.class, Name: "its", Args: append([]ruby.Value{ruby.Nil{}}, options...), Block: c.Block, Pos: c.Pos}
	return s.it(call, inner)
}

// attribute follows what its names: a chain of methods, or keys.
func (s *Suite) attribute(v, attribute ruby.Value) (ruby.Value, error) {
	if keys, ok := attribute.(*ruby.Array); ok {
		if _, ok := v.(*ruby.Hash); ok {
			var err error
			for _, k := range keys.Elems() {
				if v, err = s.in.Call(v, "[]", k); err != nil {
					return nil, err
				}
			}
			return v, nil
		}
		return s.in.Call(v, "[]", keys.Elems()...)
	}
	text, err := s.in.ToS(attribute)
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(text, ".") {
		if v, err = s.in.Call(v, name); err != nil {
			return nil, err
		}
	}
	return v, nil
}
