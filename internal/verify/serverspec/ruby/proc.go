package ruby

import (
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

func (in *Interp) bootProc() {
	k := in.proc
	def := func(name string, min, max int, fn func(c *Call, p *Proc) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	k.DefineSingleton("new", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.Raise("ArgumentError", "tried to create Proc object without a block")
		}
		return c.Block, nil
	})
	call := func(c *Call, p *Proc) (Value, error) {
		if p.unbound {
			return nil, in.noMethod(p, c.Name, c.Args, sendPublic, nil)
		}
		return in.callProc(p, c.Args, c.Block, nil)
	}
	for _, name := range []string{"call", "()", "yield", "===", "[]"} {
		def(name, 0, -1, call)
	}
	def("to_proc", 0, 0, func(c *Call, p *Proc) (Value, error) { return p, nil })
	def("lambda?", 0, 0, func(c *Call, p *Proc) (Value, error) { return Bool(p.lambda), nil })
	def("arity", 0, 0, func(c *Call, p *Proc) (Value, error) { return Int(p.arity()), nil })
	def("parameters", 0, -1, func(c *Call, p *Proc) (Value, error) { return p.parameters(), nil })
	def("source_location", 0, 0, func(c *Call, p *Proc) (Value, error) {
		at := p.Pos()
		if at.Line == 0 {
			return Nil{}, nil
		}
		return NewArray(Str(at.File), Int(at.Line)), nil
	})
	def("curry", 0, 1, func(c *Call, p *Proc) (Value, error) {
		n := p.arity()
		if n < 0 {
			n = -n - 1
		}
		return in.curry(p, c.OptInt(0, n), nil), nil
	})
	compose := func(name string, order func(p, g Value) (first, second Value)) {
		def(name, 1, 1, func(c *Call, p *Proc) (Value, error) {
			first, second := order(p, c.Args[0])
			return in.NewProc(0, -1, func(c *Call) (Value, error) {
				v, err := in.CallBlock(first, "call", nil, c.Args...)
				if err != nil {
					return nil, err
				}
				return in.Call(second, "call", v)
			}), nil
		})
	}
	compose(">>", func(p, g Value) (Value, Value) { return p, g })
	compose("<<", func(p, g Value) (Value, Value) { return g, p })
	def("inspect", 0, 0, func(c *Call, p *Proc) (Value, error) {
		if p.method != nil {
			return Str(fmt.Sprintf("#<Method: %s#%s>", in.className(in.ClassOf(orNil(p.receiver))), p.method.Name)), nil
		}
		kind := ""
		if p.lambda {
			kind = " (lambda)"
		}
		at := p.Pos()
		return Str(fmt.Sprintf("#<Proc:0x%016x %s:%d%s>", 0x00007f0000000000+p.id, at.File, at.Line, kind)), nil
	})
	k.Alias("to_s", "inspect")
	def("binding", 0, 0, func(c *Call, p *Proc) (Value, error) { return nil, in.unsupported("binding") })
	in.methodObjects()
}

// methodObjects defines Method and UnboundMethod: procs that know their method.
func (in *Interp) methodObjects() {
	for _, name := range []string{"call", "()", "===", "[]", "to_proc", "arity", "parameters", "source_location", "curry", ">>", "<<", "inspect", "to_s"} {
		in.method.alias(name, in.findMethod(in.proc, name))
	}
	for _, name := range []string{"arity", "parameters", "source_location", "inspect", "to_s"} {
		in.unbound.alias(name, in.findMethod(in.proc, name))
	}
	def := func(name string, min, max int, fn func(c *Call, p *Proc) (Value, error)) {
		in.method.Define(name, min, max, on(fn))
		in.unbound.Define(name, min, max, on(fn))
	}
	def("receiver", 0, 0, func(c *Call, p *Proc) (Value, error) { return orNil(p.receiver), nil })
	def("name", 0, 0, func(c *Call, p *Proc) (Value, error) {
		return Symbol(p.method.Name), nil
	})
	def("owner", 0, 0, func(c *Call, p *Proc) (Value, error) {
		return p.method.Owner, nil
	})
	def("unbind", 0, 0, func(c *Call, p *Proc) (Value, error) {
		return &Proc{method: p.method, unbound: true, lambda: true, id: in.nextID()}, nil
	})
	fits := func(p *Proc, self Value) error {
		if k := p.method.Owner; !k.module && !in.IsA(self, k) {
			return in.Raise("TypeError", "bind argument must be an instance of %s", in.className(k))
		}
		return nil
	}
	def("bind", 1, 1, func(c *Call, p *Proc) (Value, error) {
		if err := fits(p, c.Args[0]); err != nil {
			return nil, err
		}
		return &Proc{method: p.method, receiver: c.Args[0], lambda: true, id: in.nextID()}, nil
	})
	def("bind_call", 1, -1, func(c *Call, p *Proc) (Value, error) {
		if err := fits(p, c.Args[0]); err != nil {
			return nil, err
		}
		return in.invoke(c.frame, p.method, c.Args[0], p.method.Name, c.Args[1:], c.Block)
	})
}

func (in *Interp) curry(p *Proc, n int, have []Value) Value {
	return in.NewProc(0, -1, func(c *Call) (Value, error) {
		args := append(append([]Value(nil), have...), c.Args...)
		if len(args) >= n {
			return in.callProc(p, args, nil, nil)
		}
		return in.curry(p, n, args), nil
	})
}

func (p *Proc) parameters() *Array {
	var ps *syntax.Params
	lambda := p.lambda
	switch {
	case p.method != nil && p.method.proc != nil && p.method.proc.block != nil:
		ps = p.method.proc.block.Params
	case p.method != nil:
		ps = p.method.params
	case p.block != nil:
		ps = p.block.Params
	}
	list := NewArray()
	if ps == nil {
		return list
	}
	for _, q := range ps.List {
		kind := ""
		switch q.Kind {
		case syntax.Required, syntax.Destructure:
			kind = "opt"
			if lambda {
				kind = "req"
			}
		case syntax.Optional:
			kind = "opt"
		case syntax.Rest:
			kind = "rest"
		case syntax.Keyword:
			kind = "key"
			if q.Default == nil {
				kind = "keyreq"
			}
		case syntax.KeywordRest:
			kind = "keyrest"
		case syntax.BlockParam:
			kind = "block"
		}
		one := NewArray(Symbol(kind))
		if q.Name != "" {
			one.elems = append(one.elems, Symbol(q.Name))
		}
		list.elems = append(list.elems, one)
	}
	return list
}
