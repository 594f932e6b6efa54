package ruby

import (
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

func (in *Interp) evalFlow(f *frame, n syntax.Node) (Value, error) {
	switch n := n.(type) {
	case *syntax.And:
		v, err := in.eval(f, n.Left)
		if err != nil || !Truthy(v) {
			return v, err
		}
		return in.eval(f, n.Right)
	case *syntax.Or:
		v, err := in.eval(f, n.Left)
		if err != nil || Truthy(v) {
			return v, err
		}
		return in.eval(f, n.Right)
	case *syntax.Not:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		if o, ok := v.(*Object); ok {
			return in.send(f, o, "!", nil, nil, sendPublic)
		}
		return Bool(!Truthy(v)), nil
	case *syntax.Defined:
		return in.defined(f, n.Value)
	case *syntax.If:
		v, err := in.eval(f, n.Cond)
		if err != nil {
			return nil, err
		}
		if Truthy(v) {
			return in.eval(f, n.Then)
		}
		return in.eval(f, n.Else)
	case *syntax.While:
		return in.evalWhile(f, n)
	case *syntax.For:
		return in.evalFor(f, n)
	case *syntax.Case:
		return in.evalCase(f, n)
	case *syntax.Begin:
		return in.evalBegin(f, n)
	case *syntax.Return:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		if f.ret == nil || f.ret.done {
			in.pos = n.Pos
			return nil, in.Raise("LocalJumpError", "unexpected return")
		}
		return nil, &returnOut{f.ret, v}
	case *syntax.Break:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		if f.brk == nil || f.brk.done {
			in.pos = n.Pos
			return nil, in.Raise("LocalJumpError", "break from proc-closure")
		}
		return nil, &breakOut{f.brk, v}
	case *syntax.Next:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		return nil, &nextOut{v}
	case *syntax.Retry:
		return nil, retryOut{}
	case *syntax.Redo:
		in.pos = n.Pos
		return nil, in.unsupported("redo")
	case *syntax.FileName:
		return Str(n.File), nil
	case *syntax.LineNo:
		return Int(n.Line), nil
	case *syntax.Encoding:
		return in.encoding("UTF-8"), nil
	case *syntax.Flip:
		in.pos = n.Pos
		return nil, in.unsupported("a flip-flop (a range as a condition)")
	case *syntax.EndBlock:
		in.pos = n.Pos
		if n.Begin {
			return nil, in.unsupported("BEGIN")
		}
		return nil, in.unsupported("END")
	case *syntax.CaseIn:
		in.pos = n.Pos
		return nil, in.unsupported("pattern matching (case … in)")
	}
	return in.evalDefinition(f, n)
}

func (in *Interp) evalWhile(f *frame, n *syntax.While) (Value, error) {
	loop := *f
	loop.brk = &breakTag{}
	in.pos = n.Position()
	for first := true; ; first = false {
		if err := in.step(); err != nil {
			return nil, err
		}
		if !first || !n.DoWhile {
			v, err := in.eval(&loop, n.Cond)
			if err != nil {
				return in.endOfBreak(loop.brk, nil, err)
			}
			if Truthy(v) == n.Until {
				return Nil{}, nil
			}
		}
		if _, err := in.eval(&loop, n.Body); err != nil {
			if _, ok := err.(*nextOut); !ok {
				return in.endOfBreak(loop.brk, nil, err)
			}
		}
	}
}

func (in *Interp) evalFor(f *frame, n *syntax.For) (Value, error) {
	list, err := in.eval(f, n.In)
	if err != nil {
		return nil, err
	}
	loop := *f
	loop.brk = &breakTag{}
	body := in.NewProc(0, -1, func(c *Call) (Value, error) {
		v := c.Arg(0)
		if len(c.Args) > 1 {
			v = NewArray(c.Args...)
		}
		if err := in.assign(&loop, n.Target, v); err != nil {
			return nil, err
		}
		v, err := in.eval(&loop, n.Body)
		if _, ok := err.(*nextOut); ok {
			return Nil{}, nil
		}
		return v, err
	})
	in.pos = n.Pos
	v, err := in.send(f, list, "each", nil, body, sendPublic)
	return in.endOfBreak(loop.brk, v, err)
}

func (in *Interp) evalCase(f *frame, n *syntax.Case) (Value, error) {
	var subject Value
	if n.Subject != nil {
		v, err := in.eval(f, n.Subject)
		if err != nil {
			return nil, err
		}
		subject = v
	}
	for _, w := range n.Whens {
		for _, c := range w.Conds {
			ok, err := in.whenHolds(f, c, subject)
			if err != nil {
				return nil, err
			}
			if ok {
				return in.eval(f, w.Body)
			}
		}
	}
	return in.eval(f, n.Else)
}

func (in *Interp) whenHolds(f *frame, cond syntax.Node, subject Value) (bool, error) {
	var list []Value
	if s, ok := cond.(*syntax.Splat); ok {
		a, err := in.splat(f, s)
		if err != nil {
			return false, err
		}
		list = a.elems
	} else {
		v, err := in.eval(f, cond)
		if err != nil {
			return false, err
		}
		list = []Value{v}
	}
	for _, v := range list {
		if subject == nil {
			if Truthy(v) {
				return true, nil
			}
			continue
		}
		in.pos = cond.Position()
		got, err := in.send(f, v, "===", []Value{subject}, nil, sendSelf)
		if err != nil || Truthy(got) {
			return err == nil, err
		}
	}
	return false, nil
}

func (in *Interp) evalBegin(f *frame, n *syntax.Begin) (v Value, err error) {
	for {
		v, err = in.evalRescues(f, n)
		if _, again := err.(retryOut); !again || len(n.Rescues) == 0 {
			break
		}
		if err := in.step(); err != nil {
			return nil, err
		}
	}
	if n.Ensure == nil || err != nil && spares(err) {
		return v, err
	}
	if _, ensureErr := in.eval(f, n.Ensure); ensureErr != nil {
		return nil, ensureErr
	}
	return v, err
}

func (in *Interp) evalRescues(f *frame, n *syntax.Begin) (Value, error) {
	pos, depth, stack := in.pos, in.depth, len(in.stack)
	v, err := in.eval(f, n.Body)
	if err == nil {
		if n.Else != nil {
			return in.eval(f, n.Else)
		}
		return v, nil
	}
	err = in.asRaise(err)
	r, ok := err.(*Raise)
	if !ok {
		return nil, err
	}
	in.pos, in.depth, in.stack = pos, depth, in.stack[:stack]
	for _, rescue := range n.Rescues {
		ok, matchErr := in.rescues(f, rescue, r)
		if matchErr != nil {
			return nil, matchErr
		}
		if !ok {
			continue
		}
		in.handling = append(in.handling, r.Exception)
		v, err := in.evalRescue(f, rescue, r)
		in.handling = in.handling[:len(in.handling)-1]
		return v, err
	}
	return nil, err
}

// asRaise makes an exception of a way out that has nowhere to go any more.
func (in *Interp) asRaise(err error) error {
	if t, ok := err.(*throwOut); ok && !in.caught(t.tag) {
		return in.raiseWith(in.errorClass("UncaughtThrowError"), nil, "uncaught throw %s", in.inspectOr(t.tag))
	}
	return err
}

func (in *Interp) evalRescue(f *frame, rescue syntax.Rescue, r *Raise) (Value, error) {
	if rescue.Target != nil {
		if err := in.assign(f, rescue.Target, r.Exception); err != nil {
			return nil, err
		}
	}
	return in.eval(f, rescue.Body)
}

func (in *Interp) rescues(f *frame, rescue syntax.Rescue, r *Raise) (bool, error) {
	if len(rescue.Classes) == 0 {
		return in.below(r.Exception.class, in.StandardError), nil
	}
	classes, err := in.evalElems(f, rescue.Classes)
	if err != nil {
		return false, err
	}
	for _, c := range classes {
		if _, ok := c.(*Class); !ok {
			return false, in.Raise("TypeError", "class or module required for rescue clause")
		}
		got, err := in.send(f, c, "===", []Value{r.Exception}, nil, sendSelf)
		if err != nil || Truthy(got) {
			return err == nil, err
		}
	}
	return false, nil
}

// defined is defined?(x).
func (in *Interp) defined(f *frame, n syntax.Node) (Value, error) {
	switch n := n.(type) {
	case nil:
		return Str("expression"), nil
	case *syntax.Body:
		if len(n.List) == 1 {
			return in.defined(f, n.List[0])
		}
	case *syntax.LocalVar:
		return Str("local-variable"), nil
	case *syntax.IVar:
		if iv := in.ivarsOf(f.self); iv != nil {
			if _, ok := iv.get(n.Name); ok {
				return Str("instance-variable"), nil
			}
		}
		return Nil{}, nil
	case *syntax.GVar:
		v, err := in.evalGlobal(f, n.Name)
		if _, set := in.globals[n.Name]; !set && (err != nil || IsNil(v)) {
			return Nil{}, err
		}
		return Str("global-variable"), nil
	case *syntax.CVar:
		if _, ok := in.classVarHome(f, n.Name).cvars.get(n.Name); ok {
			return Str("class variable"), nil
		}
		return Nil{}, nil
	case *syntax.Const:
		if _, err := in.evalConst(f, n); err != nil {
			if spares(err) {
				return nil, err
			}
			return Nil{}, nil
		}
		return Str("constant"), nil
	case *syntax.Call:
		return in.definedCall(f, n)
	case *syntax.Yield:
		if f.act.block == nil {
			return Nil{}, nil
		}
		return Str("yield"), nil
	case *syntax.Super:
		m := f.act.method
		if m == nil || in.findSuper(in.dispatchClass(f.self), m, m.Name) == nil {
			return Nil{}, nil
		}
		return Str("super"), nil
	case *syntax.Self:
		return Str("self"), nil
	case *syntax.Nil:
		return Str("nil"), nil
	case *syntax.True:
		return Str("true"), nil
	case *syntax.False:
		return Str("false"), nil
	case *syntax.Assign, *syntax.OpAssign, *syntax.MultiAssign:
		return Str("assignment"), nil
	}
	return Str("expression"), nil
}

func (in *Interp) definedCall(f *frame, n *syntax.Call) (Value, error) {
	if n.Recv == nil {
		ok, err := in.responds(f.self, n.Name, true)
		if err != nil || !ok {
			return Nil{}, err
		}
		return Str("method"), nil
	}
	d, err := in.defined(f, n.Recv)
	if err != nil || IsNil(d) {
		return Nil{}, err
	}
	recv, err := in.eval(f, n.Recv)
	if err != nil {
		if spares(err) {
			return nil, err
		}
		return Nil{}, nil
	}
	ok, err := in.responds(recv, n.Name, false)
	if err != nil || !ok {
		return Nil{}, err
	}
	return Str("method"), nil
}

// dirOf is the directory of the file that a frame's code stands in.
func (f *frame) dirOf() string {
	if f.file == nil {
		return "."
	}
	return filepath.Dir(f.file.Name)
}
