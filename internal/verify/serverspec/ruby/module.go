package ruby

import (
	"maps"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// bootModule defines what class bodies call, and new.
func (in *Interp) bootModule() {
	m := in.module
	class := func(name string, min, max int, fn func(c *Call, k *Class) (Value, error)) {
		m.Define(name, min, max, on(fn))
	}
	in.class.Define("allocate", 0, 0, on(func(c *Call, k *Class) (Value, error) { return in.allocate(k) }))
	in.class.Define("new", 0, -1, on(in.newInstance))
	in.class.Define("superclass", 0, 0, on(func(c *Call, k *Class) (Value, error) {
		if k.super == nil {
			return Nil{}, nil
		}
		return k.super, nil
	}))
	in.class.DefineSingleton("new", 0, 1, func(c *Call) (Value, error) {
		super := in.Object
		if c.Has(0) {
			super = c.Class(0)
		}
		k := in.newClass(super)
		if err := in.inherited(c.frame, super, k); err != nil {
			return nil, err
		}
		if c.Block != nil {
			if _, err := in.callProc(c.Block, []Value{k}, nil, &rebind{self: k, target: k, class: true}); err != nil {
				return nil, err
			}
		}
		return k, nil
	})
	m.DefineSingleton("new", 0, 0, func(c *Call) (Value, error) {
		k := in.newModule()
		if c.Block != nil {
			if _, err := in.callProc(c.Block, []Value{k}, nil, &rebind{self: k, target: k, class: true}); err != nil {
				return nil, err
			}
		}
		return k, nil
	})
	mix := func(name, hook string, add func(k, m *Class)) {
		class(name, 1, -1, func(c *Call, k *Class) (Value, error) {
			for i := range slices.Backward(c.Args) {
				mod, ok := c.Args[i].(*Class)
				if !ok || !mod.module {
					return nil, in.Raise("TypeError", "wrong argument type %s (expected module)", in.ClassOf(c.Args[i]).Name())
				}
				add(k, mod)
				if _, err := in.send(c.frame, mod, hook, []Value{k}, nil, sendSelf); err != nil {
					return nil, err
				}
			}
			return k, nil
		})
	}
	mix("include", "included", func(k, m *Class) { k.Include(m) })
	mix("prepend", "prepended", func(k, m *Class) {
		if !slices.Contains(k.prepends, m) {
			k.prepends = append(k.prepends, m)
			in.epoch++
		}
	})
	for _, hook := range []string{"included", "extended", "prepended", "method_added", "const_added"} {
		m.DefinePrivate(hook, 1, 1, func(c *Call) (Value, error) { return Nil{}, nil })
	}
	in.class.DefinePrivate("inherited", 1, 1, func(c *Call) (Value, error) { return Nil{}, nil })
	in.attributes(class)
	class("define_method", 1, 2, func(c *Call, k *Class) (Value, error) {
		vis := public
		if c.frame.self == Value(k) && c.frame.act.method == nil {
			vis = c.frame.act.visibility
		}
		return in.defineMethod(c, k, vis)
	})
	class("alias_method", 2, 2, func(c *Call, k *Class) (Value, error) {
		return c.Args[0], in.aliasMethod(k, c.NameArg(0), c.NameArg(1))
	})
	class("remove_method", 0, -1, func(c *Call, k *Class) (Value, error) {
		for i := range c.Args {
			if _, ok := k.methods[c.NameArg(i)]; !ok {
				return nil, in.raiseWith(in.errorClass("NameError"), nil, "method `%s' not defined in %s", c.NameArg(i), in.className(k))
			}
			delete(k.methods, c.NameArg(i))
			in.epoch++
		}
		return k, nil
	})
	class("undef_method", 0, -1, func(c *Call, k *Class) (Value, error) {
		for i := range c.Args {
			if in.findMethod(k, c.NameArg(i)) == nil {
				return nil, in.noSuchMethod(k, c.NameArg(i))
			}
			k.add(&Method{Name: c.NameArg(i), undef: true})
		}
		return k, nil
	})
	for _, name := range []string{"class_eval", "module_eval", "class_exec", "module_exec"} {
		class(name, 0, -1, func(c *Call, k *Class) (Value, error) {
			if c.Block == nil {
				return nil, in.unsupported(name + " of a string")
			}
			args := c.Args
			if len(args) == 0 {
				args = []Value{k}
			}
			return in.ClassExec(c.Block, k, args...)
		})
	}
	for _, name := range []string{"public", "private", "protected", "module_function"} {
		class(name, 0, -1, func(c *Call, k *Class) (Value, error) { return in.setVisibility(c, k) })
	}
	class("private_class_method", 0, -1, func(c *Call, k *Class) (Value, error) {
		return Nil{}, in.changeVisibility(c, in.singletonClass(k), private)
	})
	class("public_class_method", 0, -1, func(c *Call, k *Class) (Value, error) {
		return Nil{}, in.changeVisibility(c, in.singletonClass(k), public)
	})
	for _, name := range []string{"private_constant", "public_constant", "module_eval_hook", "ruby2_keywords"} {
		class(name, 0, -1, func(c *Call, k *Class) (Value, error) { return Nil{}, nil })
	}
	class("refine", 1, 1, func(c *Call, k *Class) (Value, error) { return nil, in.unsupported("refinements") })
}

func (in *Interp) allocate(k *Class) (Value, error) {
	for s := k; s != nil; s = s.super {
		if s.alloc != nil {
			return s.alloc(k)
		}
	}
	return in.NewObject(k, nil), nil
}

// newInstance is Class#new.
func (in *Interp) newInstance(c *Call, k *Class) (Value, error) {
	if k.singleton {
		return nil, in.Raise("TypeError", "can't create instance of singleton class")
	}
	o, err := in.allocate(k)
	if err != nil {
		return nil, err
	}
	_, err = in.send(c.frame, o, "initialize", c.Args, c.Block, sendSelf)
	return o, err
}

func (in *Interp) attributes(class func(name string, min, max int, fn func(c *Call, k *Class) (Value, error))) {
	reader := func(k *Class, name string, vis visibility) {
		k.add(&Method{Name: name, vis: vis, native: func(c *Call) (Value, error) { return in.IVar(c.Self, "@"+name), nil }})
	}
	writer := func(k *Class, name string, vis visibility) {
		k.add(&Method{Name: name + "=", min: 1, max: 1, vis: vis, native: func(c *Call) (Value, error) {
			if isFrozen(c.Self) {
				return nil, in.frozen(c.Self)
			}
			in.SetIVar(c.Self, "@"+name, c.Args[0])
			return c.Args[0], nil
		}})
	}
	accessor := func(name string, read, write bool) {
		class(name, 0, -1, func(c *Call, k *Class) (Value, error) {
			names := NewArray()
			vis := public
			if c.frame.self == Value(k) {
				vis = c.frame.act.visibility
			}
			for i := range c.Args {
				n := c.NameArg(i)
				if read {
					reader(k, n, vis)
					names.elems = append(names.elems, Symbol(n))
				}
				if write {
					writer(k, n, vis)
					names.elems = append(names.elems, Symbol(n+"="))
				}
			}
			return names, nil
		})
	}
	accessor("attr_reader", true, false)
	accessor("attr", true, false)
	accessor("attr_writer", false, true)
	accessor("attr_accessor", true, true)
}

// defineMethod is define_method with a block, proc or method object.
func (in *Interp) defineMethod(c *Call, k *Class, vis visibility) (Value, error) {
	name := c.NameArg(0)
	body := c.Block
	if c.Has(1) {
		p, ok := c.Args[1].(*Proc)
		if !ok {
			return nil, in.Raise("TypeError", "wrong argument type %s (expected Proc/Method/UnboundMethod)", in.ClassOf(c.Args[1]).Name())
		}
		body = p
	}
	switch {
	case body == nil:
		return nil, in.Raise("ArgumentError", "tried to create Proc object without a block")
	case body.method != nil:
		if owner := body.method.Owner; !owner.module && !in.below(k, owner) {
			return nil, in.Raise("TypeError", "bind argument must be a subclass of %s", in.className(owner))
		}
		m := *body.method
		m.Name, m.vis = name, vis
		k.add(&m)
	case body.native != nil:
		k.add(&Method{Name: name, native: body.native, min: body.min, max: body.max, vis: vis})
	default:
		k.add(&Method{Name: name, Pos: body.Pos(), proc: body, vis: vis})
	}
	return Symbol(name), nil
}

// setVisibility is public, private, protected and module_function, of the methods named
// or of those that follow.
func (in *Interp) setVisibility(c *Call, k *Class) (Value, error) {
	vis := map[string]visibility{"public": public, "private": private, "protected": protected, "module_function": private}[c.Name]
	if len(c.Args) == 0 {
		c.frame.act.visibility = vis
		c.frame.act.moduleFunc = c.Name == "module_function"
		return Nil{}, nil
	}
	if c.Name == "module_function" {
		for i := range c.Args {
			m := in.findMethod(k, c.NameArg(i))
			if m == nil {
				return nil, in.noSuchMethod(k, c.NameArg(i))
			}
			single := *m
			single.vis = public
			in.singletonClass(k).add(&single)
		}
	}
	if err := in.changeVisibility(c, k, vis); err != nil {
		return nil, err
	}
	if len(c.Args) == 1 {
		return c.Args[0], nil
	}
	return NewArray(c.Args...), nil
}

func (in *Interp) changeVisibility(c *Call, k *Class, vis visibility) error {
	var names []string
	for i, a := range c.Args {
		if list, ok := a.(*Array); ok {
			for _, e := range list.elems {
				s, _ := in.ToS(e)
				names = append(names, s)
			}
			continue
		}
		names = append(names, c.NameArg(i))
	}
	for _, name := range names {
		m := in.findMethod(k, name)
		if m == nil {
			return in.noSuchMethod(k, name)
		}
		n := *m
		n.vis = vis
		owner := m.Owner
		k.methods[name] = &n
		if owner == k {
			n.Owner = k
		}
		in.epoch++
	}
	return nil
}
