package ruby

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// sendMode is how a call was written, for visibility and the wording of errors.
type sendMode int

const (
	sendPublic sendMode = iota // recv.name
	sendSelf                   // name(), self.name, send
	sendBare                   // name, that could have been a variable
)

// send calls a method by name.
func (in *Interp) send(f *frame, recv Value, name string, args []Value, block *Proc, mode sendMode) (Value, error) {
	class := in.dispatchClass(recv)
	m := in.findMethod(class, name)
	if m == nil || mode == sendPublic && m.vis != public && !in.mayCall(f, m) {
		return in.missing(f, recv, name, args, block, mode, m)
	}
	return in.invoke(f, m, recv, name, args, block)
}

// mayCall is for protected methods: another instance of the class may call them.
func (in *Interp) mayCall(f *frame, m *Method) bool {
	return m.vis == protected && in.IsA(f.self, m.Owner)
}

// missing is for a method that is not there or not visible: real Ruby finds the names that
// it has, then method_missing; what is left is a NoMethodError.
func (in *Interp) missing(f *frame, recv Value, name string, args []Value, block *Proc, mode sendMode, hidden *Method) (Value, error) {
	if err := in.outside(recv, name, mode, hidden); err != nil {
		return nil, err
	}
	if m := in.findMethod(in.dispatchClass(recv), "method_missing"); m != nil && m.Owner != in.BasicObject {
		all := append([]Value{Symbol(name)}, args...)
		return in.invoke(f, m, recv, "method_missing", all, block)
	}
	return nil, in.noMethod(recv, name, args, mode, hidden)
}

// outside is the error of a method that real Ruby has and this one has not.
func (in *Interp) outside(recv Value, name string, mode sendMode, hidden *Method) error {
	if hidden != nil {
		return nil
	}
	if known := in.known(recv, name, mode); known != "" {
		return in.unsupported("the method " + known)
	}
	return nil
}

func (in *Interp) noMethod(recv Value, name string, args []Value, mode sendMode, hidden *Method) error {
	extra := map[string]Value{"name": Symbol(name), "receiver": recv, "args": NewArray(args...)}
	if err := in.outside(recv, name, mode, hidden); err != nil {
		return err
	}
	kind := "undefined"
	if hidden != nil {
		kind = "private"
		if hidden.vis == protected {
			kind = "protected"
		}
		return in.raiseWith(in.errorClass("NoMethodError"), extra, "%s method `%s' called for %s", kind, name, in.subject(recv))
	}
	if mode == sendBare {
		return in.raiseWith(in.errorClass("NameError"), extra, "undefined local variable or method `%s' for %s", name, in.subject(recv))
	}
	return in.raiseWith(in.errorClass("NoMethodError"), extra, "undefined method `%s' for %s", name, in.subject(recv))
}

// NoMethod is the error of a call of a method that is not there, for a method_missing that
// Go defines: Unsupported for one of Ruby's own.
func (in *Interp) NoMethod(recv Value, name string, args []Value, bare bool) error {
	mode := sendSelf
	if bare {
		mode = sendBare
	}
	return in.noMethod(recv, name, args, mode, nil)
}

func (in *Interp) errorClass(name string) *Class {
	if c, ok := in.Object.consts[name].(*Class); ok {
		return c
	}
	return in.StandardError
}

// subject is how NoMethodError speaks of a receiver.
func (in *Interp) subject(v Value) string {
	s := ""
	if in.findMethod(in.dispatchClass(v), "inspect") == nil {
		return in.anyToS(v) // a BasicObject
	}
	if text, err := in.Inspect(v); err == nil && len(text) <= 65 {
		s = text
	} else {
		s = in.anyToS(v)
	}
	if len(s) > 0 && s[0] == '#' {
		return s
	}
	return s + ":" + in.ClassOf(v).Name()
}

// invoke runs a method that was found.
func (in *Interp) invoke(f *frame, m *Method, recv Value, name string, args []Value, block *Proc) (Value, error) {
	if err := in.step(); err != nil {
		return nil, err
	}
	switch {
	case m.native != nil:
		return in.invokeNative(&Call{In: in, Self: recv, Name: name, Args: args, Block: block, Pos: in.pos, frame: f, method: m})
	case m.proc != nil:
		return in.callProc(m.proc, args, block, &rebind{self: recv, target: m.Owner, method: m, lambda: true, args: args})
	}
	if in.depth++; in.depth > in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	fr := &frame{
		self: recv, scope: &scope{}, lex: m.lex, target: m.Owner, ret: &returnTag{}, label: m.Name, file: m.file,
		act: &activation{method: m, args: args, params: m.params, block: block},
	}
	fr.act.scope = fr.scope
	if m.Owner.singleton {
		fr.target = m.Owner
	}
	in.push(m.Name)
	v, err := in.runMethod(fr, m, args, block)
	in.pop()
	in.depth--
	return v, err
}

func (in *Interp) runMethod(fr *frame, m *Method, args []Value, block *Proc) (Value, error) {
	if err := in.bindMethod(fr, m.params, args, block); err != nil {
		return nil, err
	}
	v, err := in.eval(fr, m.body)
	if err != nil {
		if err = in.endOfReturn(fr.ret, &v, err); err != nil {
			return nil, err
		}
	}
	fr.ret.done = true
	return v, nil
}

// invokeNative runs Go code, with the number of its arguments checked.
func (in *Interp) invokeNative(c *Call) (v Value, err error) {
	m := c.method
	if n := len(c.Args); n < m.min || m.max >= 0 && n > m.max {
		in.push(m.Name)
		err := in.arityError(n, m.min, m.max)
		in.pop()
		return nil, err
	}
	if len(in.stack) > 4*in.limits.Depth {
		return nil, in.tooDeep()
	}
	// A native that calls Ruby code that calls it again recurses in Go as well.
	if in.depth++; in.depth > 4*in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	pos, depth := in.pos, in.depth
	defer func() {
		in.depth = depth - 1
		in.pos = pos
		if r := recover(); r != nil {
			a, ok := r.(abort)
			if !ok {
				panic(r)
			}
			v, err = nil, a.err
		}
	}()
	v, err = m.native(c)
	switch {
	case err == nil && v == nil:
		v = Nil{}
	case err != nil && spares(err) && !errors.Is(err, in.stop.err):
		in.stop = stop{err, pos}
	}
	return v, err
}

func (in *Interp) arityError(given, min, max int) error {
	want := fmt.Sprint(min)
	if max < 0 {
		want += "+"
	} else if max > min {
		want = fmt.Sprintf("%d..%d", min, max)
	}
	return in.Raise("ArgumentError", "wrong number of arguments (given %d, expected %s)", given, want)
}

// responds is respond_to?.
func (in *Interp) responds(v Value, name string, private bool) (bool, error) {
	if m := in.findMethod(in.dispatchClass(v), name); m != nil {
		return m.vis == public || private, nil
	}
	if in.known(v, name, sendPublic) != "" {
		return true, nil
	}
	m := in.findMethod(in.dispatchClass(v), "respond_to_missing?")
	if m == nil || m.Owner == in.Object || m.Owner == in.Kernel {
		return false, nil
	}
	got, err := in.invoke(in.top, m, v, m.Name, []Value{Symbol(name), Bool(private)}, nil)
	return err == nil && Truthy(got), err
}

// callSuper is super.
func (in *Interp) callSuper(f *frame, pos syntax.Pos, args []Value, block *Proc) (Value, error) {
	m := f.act.method
	if m == nil {
		return nil, in.RaiseClass(in.errorClass("RuntimeError"), "super called outside of method")
	}
	next := in.findSuper(in.dispatchClass(f.self), m, m.Name)
	if next == nil {
		if mm := in.findMethod(in.dispatchClass(f.self), "method_missing"); mm != nil && mm.Owner != in.BasicObject && m.Name != "method_missing" {
			return in.invoke(f, mm, f.self, "method_missing", append([]Value{Symbol(m.Name)}, args...), block)
		}
		extra := map[string]Value{"name": Symbol(m.Name), "receiver": f.self}
		return nil, in.raiseWith(in.errorClass("NoMethodError"), extra, "super: no superclass method `%s' for %s", m.Name, in.subject(f.self))
	}
	return in.invoke(f, next, f.self, m.Name, args, block)
}
