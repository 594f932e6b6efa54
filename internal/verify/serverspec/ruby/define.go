package ruby

import (
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

func (in *Interp) evalDefinition(f *frame, n syntax.Node) (Value, error) {
	in.pos = n.Position()
	if err := in.step(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *syntax.Def:
		return in.evalDef(f, n)
	case *syntax.Class:
		return in.evalClass(f, n)
	case *syntax.Module:
		return in.evalModule(f, n)
	case *syntax.SingletonClass:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		c := in.singletonClass(v)
		if c == nil {
			return nil, in.unsupported("a singleton class of " + in.ClassOf(v).Name())
		}
		return in.evalClassBody(f, c, n.Body)
	case *syntax.Alias:
		if len(n.New) > 0 && n.New[0] == '$' {
			in.globals[n.New] = in.Global(n.Old)
			return Nil{}, nil
		}
		return Nil{}, in.aliasMethod(f.target, n.New, n.Old)
	case *syntax.Undef:
		for _, name := range n.Names {
			if in.findMethod(f.target, name) == nil {
				return nil, in.noSuchMethod(f.target, name)
			}
			f.target.add(&Method{Name: name, undef: true})
		}
		return Nil{}, nil
	}
	return nil, in.unsupported(fmt.Sprintf("%T", n))
}

func (in *Interp) aliasMethod(c *Class, name, old string) error {
	m := in.findMethod(c, old)
	if m == nil {
		return in.noSuchMethod(c, old)
	}
	c.alias(name, m)
	return nil
}

func (in *Interp) noSuchMethod(c *Class, name string) error {
	kind := "class"
	if c.module {
		kind = "module"
	}
	return in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": Symbol(name), "receiver": c},
		"undefined method `%s' for %s `%s'", name, kind, c.Name())
}

func (in *Interp) evalDef(f *frame, n *syntax.Def) (Value, error) {
	m := &Method{Name: n.Name, Pos: n.Pos, params: n.Params, body: n.Body, lex: f.lex, file: f.file}
	if n.Singleton != nil {
		v, err := in.eval(f, n.Singleton)
		if err != nil {
			return nil, err
		}
		c := in.singletonClass(v)
		if c == nil {
			return nil, in.unsupported("a singleton method of " + in.ClassOf(v).Name())
		}
		c.add(m)
		return Symbol(n.Name), nil
	}
	// In a method, def makes public methods of the class; private is for class bodies.
	if f.act.method == nil {
		m.vis = f.act.visibility
	}
	if n.Name == "initialize" || n.Name == "initialize_copy" || n.Name == "respond_to_missing?" {
		m.vis = private
	}
	f.target.add(m)
	if f.act.moduleFunc && f.act.method == nil {
		single := *m
		single.vis = public
		in.singletonClass(f.target).add(&single)
	}
	if added := in.findMethod(in.singletonClass(f.target), "method_added"); added != nil && added.native == nil {
		if _, err := in.invoke(f, added, f.target, added.Name, []Value{Symbol(n.Name)}, nil); err != nil {
			return nil, err
		}
	}
	return Symbol(n.Name), nil
}

// definee is the class or module in which class A or module A::B puts its constant.
func (in *Interp) definee(f *frame, n *syntax.Const) (*Class, error) {
	switch {
	case n.Top:
		return in.Object, nil
	case n.Scope == nil:
		return f.class(in), nil
	}
	v, err := in.eval(f, n.Scope)
	if err != nil {
		return nil, err
	}
	c, ok := v.(*Class)
	if !ok {
		return nil, in.Raise("TypeError", "%s is not a class/module", in.inspectOr(v))
	}
	return c, nil
}

// reopened is the class that a class or module statement goes on with.
func (in *Interp) reopened(home *Class, n *syntax.Const) (Value, bool, error) {
	if v, ok := home.consts[n.Name]; ok {
		return v, true, nil
	}
	if v, ok, err := in.promised(home, n.Name); ok || err != nil {
		return v, ok, err
	}
	if n.Scope != nil {
		return nil, false, nil
	}
	if home == in.Object {
		if v, ok, err := in.autoload(n.Name); ok || err != nil {
			return v, ok, err
		}
	}
	return nil, false, nil
}

func (in *Interp) evalClass(f *frame, n *syntax.Class) (Value, error) {
	home, err := in.definee(f, n.Name)
	if err != nil {
		return nil, err
	}
	super := in.Object
	if n.Super != nil {
		v, err := in.eval(f, n.Super)
		if err != nil {
			return nil, err
		}
		c, ok := v.(*Class)
		if !ok || c.module {
			return nil, in.Raise("TypeError", "superclass must be an instance of Class (given an instance of %s)", in.ClassOf(v).Name())
		}
		super = c
	}
	old, ok, err := in.reopened(home, n.Name)
	if err != nil {
		return nil, err
	}
	if ok {
		c, isClass := old.(*Class)
		if !isClass || c.module {
			return nil, in.Raise("TypeError", "%s is not a class", n.Name.Name)
		}
		if n.Super != nil && c.super != super {
			return nil, in.Raise("TypeError", "superclass mismatch for class %s", n.Name.Name)
		}
		return in.evalClassBody(f, c, n.Body)
	}
	c := in.newClass(super)
	home.SetConst(n.Name.Name, c)
	if err := in.inherited(f, super, c); err != nil {
		return nil, err
	}
	return in.evalClassBody(f, c, n.Body)
}

func (in *Interp) inherited(f *frame, super, c *Class) error {
	c.members, c.keywords = super.members, super.keywords
	_, err := in.send(f, super, "inherited", []Value{c}, nil, sendSelf)
	return err
}

func (in *Interp) evalModule(f *frame, n *syntax.Module) (Value, error) {
	home, err := in.definee(f, n.Name)
	if err != nil {
		return nil, err
	}
	old, ok, err := in.reopened(home, n.Name)
	if err != nil {
		return nil, err
	}
	if ok {
		c, isClass := old.(*Class)
		if !isClass || !c.module {
			return nil, in.Raise("TypeError", "%s is not a module", n.Name.Name)
		}
		return in.evalClassBody(f, c, n.Body)
	}
	c := in.newModule()
	home.SetConst(n.Name.Name, c)
	return in.evalClassBody(f, c, n.Body)
}

func (in *Interp) evalClassBody(f *frame, c *Class, body syntax.Node) (Value, error) {
	if in.depth++; in.depth > in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	kind := "class"
	if c.module {
		kind = "module"
	}
	fr := &frame{
		self: c, scope: &scope{}, act: &activation{}, lex: &lexical{c, f.lex}, target: c,
		label: fmt.Sprintf("<%s:%s>", kind, c.name), file: f.file,
	}
	if c.singleton {
		fr.label = "singleton class"
	}
	fr.act.scope = fr.scope
	in.push(fr.label)
	v, err := in.eval(fr, body)
	in.pop()
	in.depth--
	return v, err
}

func (in *Interp) evalConst(f *frame, n *syntax.Const) (Value, error) {
	if n.Top {
		in.pos = n.Pos
		return in.constIn(f, in.Object, n.Name, true)
	}
	if n.Scope != nil {
		s, err := in.eval(f, n.Scope)
		if err != nil {
			return nil, err
		}
		in.pos = n.Pos
		c, ok := s.(*Class)
		if !ok {
			return nil, in.Raise("TypeError", "%s is not a class/module", in.inspectOr(s))
		}
		return in.constIn(f, c, n.Name, true)
	}
	for l := f.lex; l != nil; l = l.parent {
		if v, ok := l.class.consts[n.Name]; ok {
			return v, nil
		}
		if v, ok, err := in.promised(l.class, n.Name); ok || err != nil {
			return v, err
		}
	}
	in.pos = n.Pos
	return in.constIn(f, f.class(in), n.Name, false)
}

// constIn looks a constant up in a class and above; explicit for A::B, which does not see
// the constants of Object.
func (in *Interp) constIn(f *frame, c *Class, name string, explicit bool) (Value, error) {
	for _, k := range in.ancestors(c) {
		if explicit && k == in.Object && c != in.Object {
			break
		}
		if v, ok := k.consts[name]; ok {
			return v, nil
		}
		if v, ok, err := in.promised(k, name); ok || err != nil {
			return v, err
		}
	}
	if !explicit || c == in.Object {
		if v, ok := in.Object.consts[name]; ok {
			return v, nil
		}
		if v, ok, err := in.promised(in.Object, name); ok || err != nil {
			return v, err
		}
		if v, ok, err := in.autoload(name); ok || err != nil {
			return v, err
		}
	}
	if c.singleton {
		if k, ok := c.attached.(*Class); ok {
			return in.constIn(f, k, name, explicit)
		}
	}
	return in.send(f, c, "const_missing", []Value{Symbol(name)}, nil, sendSelf)
}
