package ruby

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

func (in *Interp) evalCall(f *frame, n *syntax.Call) (Value, error) {
	if n.Recv == nil {
		return in.evalSelfCall(f, n)
	}
	recv, err := in.eval(f, n.Recv)
	if err != nil {
		return nil, err
	}
	if literal, ok := n.Recv.(*syntax.Regexp); ok && n.Name == "=~" && plainText(literal.Parts) {
		return in.evalMatch(f, n, recv)
	}
	if n.Safe && IsNil(recv) {
		return Nil{}, nil
	}
	if len(n.Args) == 1 && n.Block == nil {
		// Arithmetic of small numbers needs no lookup.
		if a, ok := recv.(Int); ok {
			switch n.Args[0].(type) {
			case *syntax.Splat, *syntax.BlockPass, *syntax.Hash:
			default:
				arg, err := in.eval(f, n.Args[0])
				if err != nil {
					return nil, err
				}
				if b, ok := arg.(Int); ok {
					if v, ok := fastInt(n.Name, a, b); ok {
						return v, in.step()
					}
				}
				in.pos = n.Pos
				return in.send(f, recv, n.Name, []Value{arg}, nil, sendPublic)
			}
		}
	}
	mode := sendPublic
	if _, ok := n.Recv.(*syntax.Self); ok {
		mode = sendSelf
	}
	return in.finishCall(f, n, recv, mode)
}

func plainText(parts []syntax.Node) bool {
	for _, p := range parts {
		if _, ok := p.(*syntax.Text); !ok {
			return false
		}
	}
	return true
}

// evalMatch is /(?<name>…)/ =~ x, which also sets local variables of those names.
func (in *Interp) evalMatch(f *frame, n *syntax.Call, recv Value) (Value, error) {
	v, err := in.finishCall(f, n, recv, sendPublic)
	if r, ok := recv.(*Regexp); ok && err == nil {
		m, _ := f.act.match.(*Match)
		for _, name := range r.names {
			group := Value(Nil{})
			if m != nil {
				group, _ = m.Named(name)
			}
			f.scope.set(name, group)
		}
	}
	return v, err
}

func fastInt(op string, a, b Int) (Value, bool) {
	switch op {
	case "+":
		if s := a + b; (s > a) == (b > 0) {
			return s, true
		}
	case "-":
		if s := a - b; (s < a) == (b > 0) {
			return s, true
		}
	case "==":
		return Bool(a == b), true
	case "<":
		return Bool(a < b), true
	case ">":
		return Bool(a > b), true
	case "<=":
		return Bool(a <= b), true
	case ">=":
		return Bool(a >= b), true
	}
	return nil, false
}

func (in *Interp) evalSelfCall(f *frame, n *syntax.Call) (Value, error) {
	if len(n.Args) == 0 && n.Block == nil && !n.Parens {
		return in.finishCall(f, n, f.self, sendBare)
	}
	switch n.Name {
	case "lambda", "proc":
		if n.Block != nil && len(n.Args) == 0 {
			p := in.newBlock(f, n.Block)
			p.lambda = n.Name == "lambda"
			return p, nil
		}
	}
	return in.finishCall(f, n, f.self, sendSelf)
}

// finishCall evaluates the arguments and the block, and calls.
func (in *Interp) finishCall(f *frame, n *syntax.Call, recv Value, mode sendMode) (Value, error) {
	args, block, err := in.evalArgs(f, n.Args)
	if err != nil {
		return nil, err
	}
	if n.Block != nil {
		block = in.newBlock(f, n.Block)
	}
	in.pos = n.Pos
	v, err := in.send(f, recv, n.Name, args, block, mode)
	if n.Block != nil {
		return in.endOfBreak(block.brk, v, err)
	}
	return v, err
}

// endOfBreak takes the break of the block that a call was given.
func (in *Interp) endOfBreak(tag *breakTag, v Value, err error) (Value, error) {
	if out, ok := err.(*breakOut); ok && out.tag == tag {
		return out.value, nil
	}
	return v, err
}

// evalArgs evaluates what stands between a call's parentheses.
func (in *Interp) evalArgs(f *frame, nodes []syntax.Node) ([]Value, *Proc, error) {
	if len(nodes) == 0 {
		return nil, nil, nil
	}
	args := make([]Value, 0, len(nodes))
	var block *Proc
	for _, n := range nodes {
		switch n := n.(type) {
		case *syntax.Splat:
			a, err := in.splat(f, n)
			if err != nil {
				return nil, nil, err
			}
			args = append(args, a.elems...)
		case *syntax.BlockPass:
			p, err := in.evalBlockPass(f, n)
			if err != nil {
				return nil, nil, err
			}
			block = p
		case *syntax.Hash:
			v, err := in.evalHash(f, n)
			if err != nil {
				return nil, nil, err
			}
			if h := v.(*Hash); h.keywords && h.Len() == 0 {
				continue // **{} passes nothing
			}
			args = append(args, v)
		case *syntax.Forward:
			rest, _ := f.scope.get("(rest)")
			if a, ok := rest.(*Array); ok {
				args = append(args, a.elems...)
			}
			if p, ok := f.scope.lookupProc("(block)"); ok {
				block = p
			}
		default:
			v, err := in.eval(f, n)
			if err != nil {
				return nil, nil, err
			}
			args = append(args, positional(v))
		}
	}
	return args, block, nil
}

// positional makes sure that a hash that is a value is not taken for keywords.
func positional(v Value) Value {
	if h, ok := v.(*Hash); ok {
		h.keywords = false
	}
	return v
}

func (s *scope) lookupProc(name string) (*Proc, bool) {
	v, _ := s.get(name)
	p, ok := v.(*Proc)
	return p, ok
}

func (in *Interp) evalBlockPass(f *frame, n *syntax.BlockPass) (*Proc, error) {
	if n.Value == nil {
		p, _ := f.scope.lookupProc("(block)")
		return p, nil
	}
	v, err := in.eval(f, n.Value)
	if err != nil {
		return nil, err
	}
	in.pos = n.Pos
	return in.toProc(f, v)
}

func (in *Interp) evalYield(f *frame, n *syntax.Yield) (Value, error) {
	args, _, err := in.evalArgs(f, n.Args)
	if err != nil {
		return nil, err
	}
	in.pos = n.Pos
	if f.act.block == nil {
		return nil, in.Raise("LocalJumpError", "no block given (yield)")
	}
	return in.callProc(f.act.block, args, nil, nil)
}

func (in *Interp) evalSuper(f *frame, n *syntax.Super) (Value, error) {
	var args []Value
	block := f.act.block
	if n.Bare {
		args = in.implicitSuperArgs(f)
	} else {
		a, p, err := in.evalArgs(f, n.Args)
		if err != nil {
			return nil, err
		}
		args = a
		if p != nil {
			block = p
		}
	}
	if n.Block != nil {
		block = in.newBlock(f, n.Block)
	}
	in.pos = n.Pos
	v, err := in.callSuper(f, n.Pos, args, block)
	if n.Block != nil {
		return in.endOfBreak(block.brk, v, err)
	}
	return v, err
}

// implicitSuperArgs is what the method's parameters hold now.
func (in *Interp) implicitSuperArgs(f *frame) []Value {
	ps := f.act.params
	if ps == nil || f.act.scope == nil {
		return f.act.args
	}
	if ps.Forward {
		rest, _ := f.act.scope.get("(rest)")
		return rest.(*Array).elems
	}
	var args []Value
	keys := NewHash()
	for _, p := range ps.List {
		name := p.Name
		switch p.Kind {
		case syntax.Rest:
			v, _ := f.act.scope.get(orName(name, "(rest)"))
			if a, ok := v.(*Array); ok {
				args = append(args, a.elems...)
			}
		case syntax.Keyword:
			v, _ := f.act.scope.get(name)
			keys.Set(Symbol(name), v)
		case syntax.KeywordRest:
			v, _ := f.act.scope.get(orName(name, "(keywords)"))
			if h, ok := v.(*Hash); ok {
				for k, e := range h.All() {
					keys.Set(k, e)
				}
			}
		case syntax.Required, syntax.Optional:
			v, _ := f.act.scope.get(name)
			args = append(args, v)
		}
	}
	if keys.Len() > 0 {
		keys.keywords = true
		args = append(args, keys)
	}
	return args
}
