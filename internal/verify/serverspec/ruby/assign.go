package ruby

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// assign gives a target its value.
func (in *Interp) assign(f *frame, target syntax.Node, v Value) error {
	switch t := target.(type) {
	case *syntax.LocalVar:
		f.scope.set(t.Name, v)
	case *syntax.IVar:
		if o, ok := f.self.(*Object); ok && o.frozen {
			return in.frozen(o)
		}
		if in.ivarsOf(f.self) == nil {
			return in.unsupported("an instance variable of " + in.ClassOf(f.self).Name())
		}
		in.SetIVar(f.self, t.Name, v)
	case *syntax.GVar:
		if t.Name == "$~" {
			f.act.match = v
			return nil
		}
		in.globals[t.Name] = v
	case *syntax.CVar:
		in.classVarHome(f, t.Name).cvars.set(t.Name, v)
	case *syntax.Const:
		return in.assignConst(f, t, v)
	case *syntax.Call:
		return in.assignCall(f, t, v)
	case *syntax.Targets:
		return in.assignTargets(f, t, v)
	case *syntax.Splat:
		a, err := in.toA(v)
		if err != nil || t.Value == nil {
			return err
		}
		return in.assign(f, t.Value, NewArray(append([]Value(nil), a.elems...)...))
	default:
		return in.unsupported("an assignment to that")
	}
	return nil
}

func (in *Interp) assignConst(f *frame, t *syntax.Const, v Value) error {
	home := f.class(in)
	if t.Top {
		home = in.Object
	} else if t.Scope != nil {
		s, err := in.eval(f, t.Scope)
		if err != nil {
			return err
		}
		k, ok := s.(*Class)
		if !ok {
			return in.Raise("TypeError", "%s is not a class/module", in.inspectOr(s))
		}
		home = k
	}
	home.SetConst(t.Name, v)
	return nil
}

// assignCall is recv.name = v and recv[args] = v.
func (in *Interp) assignCall(f *frame, t *syntax.Call, v Value) error {
	recv, mode, err := in.evalRecv(f, t)
	if err != nil {
		return err
	}
	if t.Safe && IsNil(recv) {
		return nil
	}
	args, _, err := in.evalArgs(f, t.Args)
	if err != nil {
		return err
	}
	in.pos = t.Pos
	_, err = in.send(f, recv, t.Name+"=", append(args, v), nil, mode)
	return err
}

func (in *Interp) evalRecv(f *frame, t *syntax.Call) (Value, sendMode, error) {
	if t.Recv == nil {
		return f.self, sendSelf, nil
	}
	recv, err := in.eval(f, t.Recv)
	mode := sendPublic
	if _, ok := t.Recv.(*syntax.Self); ok {
		mode = sendSelf
	}
	return recv, mode, err
}

func (in *Interp) evalMultiAssign(f *frame, n *syntax.MultiAssign) (Value, error) {
	v, err := in.eval(f, n.Value)
	if err != nil {
		return nil, err
	}
	return v, in.assignTargets(f, n.Targets, v)
}

// assignTargets takes an array apart over several targets.
func (in *Interp) assignTargets(f *frame, t *syntax.Targets, v Value) error {
	elems, ok := in.asArray(v)
	if !ok {
		elems = []Value{v}
	}
	elems = append([]Value(nil), elems...)
	splat := -1
	for i, n := range t.List {
		if _, ok := n.(*syntax.Splat); ok {
			splat = i
		}
	}
	at := func(i int) Value {
		if i < len(elems) {
			return elems[i]
		}
		return Nil{}
	}
	if splat < 0 {
		for i, n := range t.List {
			if err := in.assign(f, n, at(i)); err != nil {
				return err
			}
		}
		return nil
	}
	after := len(t.List) - splat - 1
	for i, n := range t.List[:splat] {
		if err := in.assign(f, n, at(i)); err != nil {
			return err
		}
	}
	end := max(len(elems)-after, splat)
	var middle []Value
	if splat < len(elems) {
		middle = elems[splat:min(end, len(elems))]
	}
	if err := in.assign(f, t.List[splat], NewArray(middle...)); err != nil {
		return err
	}
	for i, n := range t.List[splat+1:] {
		if err := in.assign(f, n, at(end+i)); err != nil {
			return err
		}
	}
	return nil
}

// evalOpAssign is a += 1, a ||= 1 and the like; what stands before a dot or in brackets
// is evaluated once.
func (in *Interp) evalOpAssign(f *frame, n *syntax.OpAssign) (Value, error) {
	read, write, err := in.reference(f, n.Target, n.Op == "||")
	if err != nil {
		return nil, err
	}
	old, err := read()
	if err != nil {
		return nil, err
	}
	switch n.Op {
	case "||":
		if Truthy(old) {
			return old, nil
		}
	case "&&":
		if !Truthy(old) {
			return old, nil
		}
	}
	v, err := in.eval(f, n.Value)
	if err != nil {
		return nil, err
	}
	if n.Op != "||" && n.Op != "&&" {
		in.pos = n.Pos
		if v, err = in.send(f, old, n.Op, []Value{v}, nil, sendPublic); err != nil {
			return nil, err
		}
	}
	return v, write(v)
}

func (in *Interp) reference(f *frame, target syntax.Node, orNil bool) (func() (Value, error), func(Value) error, error) {
	write := func(v Value) error { return in.assign(f, target, v) }
	switch t := target.(type) {
	case *syntax.Call:
		recv, mode, err := in.evalRecv(f, t)
		if err != nil {
			return nil, nil, err
		}
		args, _, err := in.evalArgs(f, t.Args)
		if err != nil {
			return nil, nil, err
		}
		none := t.Safe && IsNil(recv)
		read := func() (Value, error) {
			if none {
				return Nil{}, nil
			}
			in.pos = t.Pos
			return in.send(f, recv, t.Name, args, nil, mode)
		}
		write = func(v Value) error {
			if none {
				return nil
			}
			in.pos = t.Pos
			_, err := in.send(f, recv, t.Name+"=", append(append([]Value(nil), args...), v), nil, mode)
			return err
		}
		return read, write, nil
	case *syntax.Const, *syntax.CVar:
		read := func() (Value, error) {
			if orNil {
				if d, err := in.defined(f, t); err != nil || IsNil(d) {
					return Nil{}, err
				}
			}
			return in.eval(f, t)
		}
		return read, write, nil
	}
	return func() (Value, error) { return in.eval(f, target) }, write, nil
}

// classVarHome is the class whose variable @@name is: that which has it already, or the
// one around.
func (in *Interp) classVarHome(f *frame, name string) *Class {
	lex := f.lex
	for lex != nil && lex.class.singleton {
		lex = lex.parent
	}
	home := in.Object
	if lex != nil {
		home = lex.class
	}
	for _, c := range in.ancestors(home) {
		if _, ok := c.cvars.get(name); ok {
			return c
		}
	}
	return home
}

func (in *Interp) evalClassVar(f *frame, n *syntax.CVar) (Value, error) {
	home := in.classVarHome(f, n.Name)
	if v, ok := home.cvars.get(n.Name); ok {
		return v, nil
	}
	in.pos = n.Pos
	return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": Symbol(n.Name), "receiver": home},
		"uninitialized class variable %s in %s", n.Name, home.Name())
}
