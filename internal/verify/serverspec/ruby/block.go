package ruby

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Proc is a block, proc, lambda or method object.
type Proc struct {
	block    *syntax.Block
	frame    *frame // where the block stands
	lambda   bool
	native   Func
	min, max int
	brk      *breakTag
	id       int64
	symbol   string // of &:name
	// Of a method object: obj.method(:name), or unbound without a receiver.
	method   *Method
	receiver Value
	unbound  bool
}

// Pos is where the block stands; no line for Go's.
func (p *Proc) Pos() syntax.Pos {
	switch {
	case p.block != nil:
		return p.block.Pos
	case p.method != nil:
		return p.method.Pos
	}
	return syntax.Pos{}
}

// Self is what self is inside of the block, or nil of Go's.
func (p *Proc) Self() Value {
	if p.frame != nil {
		return p.frame.self
	}
	return nil
}

// rebind is what a call of a proc changes about where its body runs.
type rebind struct {
	self   Value
	target *Class
	class  bool    // self's constants come first, and it is a class body for private
	method *Method // define_method: super and return are the method's
	lambda bool
	args   []Value
	// tolerant has the statements of the block count as those of the file around it: see
	// Interp.Tolerate.
	tolerant bool
}

// callProc calls a block, proc, lambda or method object with a block of its own.
func (in *Interp) callProc(p *Proc, args []Value, block *Proc, re *rebind) (Value, error) {
	if err := in.step(); err != nil {
		return nil, err
	}
	switch {
	case p.method != nil:
		return in.invoke(in.top, p.method, p.receiver, p.method.Name, args, block)
	case p.native != nil:
		self := Value(in.Main)
		if re != nil {
			self = re.self
		}
		m := &Method{Name: "call", native: p.native, min: p.min, max: p.max, Owner: in.proc}
		return in.invokeNative(&Call{In: in, Self: self, Name: "call", Args: args, Block: block, Pos: in.pos, frame: in.top, method: m})
	}
	if in.depth++; in.depth > in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	fr := *p.frame
	fr.scope = &scope{parent: p.frame.scope}
	fr.brk = p.brk
	fr.implicit = nil
	if re != nil && re.tolerant && fr.tolerant != nil {
		fr.tolerant = p.block.Body
	} else {
		fr.tolerant = nil
	}
	lambda := p.lambda
	if re != nil {
		fr.self, fr.target = re.self, re.target
		if re.class {
			act := *fr.act
			act.visibility, act.moduleFunc = public, false
			fr.act = &act
		}
		if re.method != nil {
			fr.act = &activation{method: re.method, args: re.args, scope: fr.scope, block: block, match: fr.act.match}
			lambda = true
		}
	}
	if lambda {
		fr.ret = &returnTag{}
	}
	label := fr.label
	if re != nil && re.method != nil {
		label = re.method.Name
	} else if len(label) < 6 || label[:6] != "block " {
		label = "block in " + label
	}
	fr.label = label
	in.push(label)
	v, err := in.runBlock(&fr, p, args, block, lambda)
	in.pop()
	in.depth--
	return v, err
}

func (in *Interp) runBlock(fr *frame, p *Proc, args []Value, block *Proc, lambda bool) (Value, error) {
	for _, name := range p.block.Locals {
		fr.scope.declare(name, Nil{})
	}
	if err := in.bindBlock(fr, p.block, args, block, lambda); err != nil {
		return nil, err
	}
	v, err := in.eval(fr, p.block.Body)
	switch out := err.(type) {
	case nil:
		return v, nil
	case *nextOut:
		return out.value, nil
	case *returnOut:
		if lambda && out.tag == fr.ret {
			return out.value, nil
		}
	case *breakOut:
		if lambda && out.tag == fr.brk {
			return out.value, nil
		}
	}
	return nil, err
}

// newBlock makes the block of a call that is written with one.
func (in *Interp) newBlock(f *frame, b *syntax.Block) *Proc {
	return &Proc{block: b, frame: f, brk: &breakTag{}, id: in.nextID()}
}

// symbolProc is &:name.
func (in *Interp) symbolProc(name string) *Proc {
	p := &Proc{min: 1, max: -1, lambda: true, symbol: name, id: in.nextID()}
	p.native = func(c *Call) (Value, error) {
		return in.send(in.top, c.Args[0], name, c.Args[1:], c.Block, sendPublic)
	}
	return p
}

// toProc is what & in front of an argument does.
func (in *Interp) toProc(f *frame, v Value) (*Proc, error) {
	switch v := v.(type) {
	case Nil:
		return nil, nil
	case *Proc:
		return v, nil
	case Symbol:
		return in.symbolProc(string(v)), nil
	}
	if ok, err := in.responds(v, "to_proc", false); err != nil {
		return nil, err
	} else if ok {
		got, err := in.send(f, v, "to_proc", nil, nil, sendPublic)
		if err != nil {
			return nil, err
		}
		if p, ok := got.(*Proc); ok {
			return p, nil
		}
	}
	return nil, in.Raise("TypeError", "wrong argument type %s (expected Proc)", in.ClassOf(v).Name())
}

// arity is Proc#arity and Method#arity.
func (p *Proc) arity() int {
	switch {
	case p.method != nil:
		return p.method.arity()
	case p.symbol != "":
		return -2
	case p.block == nil:
		return nativeArity(p.min, p.max)
	}
	if p.block.Params == nil {
		if n := p.block.Numbered; n > 0 {
			return n
		}
		if p.lambda {
			return 0
		}
		return 0
	}
	return paramsArity(p.block.Params, p.lambda)
}

func (m *Method) arity() int {
	switch {
	case m.native != nil:
		return nativeArity(m.min, m.max)
	case m.proc != nil:
		if m.proc.block != nil && m.proc.block.Params != nil {
			return paramsArity(m.proc.block.Params, true)
		}
		return m.proc.arity()
	}
	return paramsArity(m.params, true)
}

func nativeArity(min, max int) int {
	if min == max {
		return min
	}
	return -min - 1
}

func paramsArity(ps *syntax.Params, lambda bool) int {
	if ps == nil {
		return 0
	}
	required, optional, needKey, key := 0, ps.Forward, false, false
	for _, p := range ps.List {
		switch p.Kind {
		case syntax.Required, syntax.Destructure:
			required++
		case syntax.Rest:
			optional = true
		case syntax.Optional:
			// A proc with optional parameters alone counts them as absent.
			optional = optional || lambda || hasRest(ps)
			if !lambda && required > 0 {
				optional = true
			}
		case syntax.Keyword:
			key = true
			needKey = needKey || p.Default == nil
		case syntax.KeywordRest:
			key = key || p.Name != "nil"
		}
	}
	if needKey {
		required++
	} else if key && lambda && !optional {
		optional = true
	}
	if optional {
		return -required - 1
	}
	return required
}

func hasRest(ps *syntax.Params) bool {
	for _, p := range ps.List {
		if p.Kind == syntax.Rest {
			return true
		}
	}
	return false
}
