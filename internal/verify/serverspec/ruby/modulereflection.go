package ruby

import (
	"slices"
	"strings"
)

// bootModuleReflection defines what classes and modules tell about themselves.
func (in *Interp) bootModuleReflection() {
	class := func(name string, min, max int, fn func(c *Call, k *Class) (Value, error)) {
		in.module.Define(name, min, max, on(fn))
	}
	class("name", 0, 0, func(c *Call, k *Class) (Value, error) {
		if n := k.Name(); n != "" {
			return Str(n), nil
		}
		return Nil{}, nil
	})
	class("to_s", 0, 0, func(c *Call, k *Class) (Value, error) { return Str(in.className(k)), nil })
	in.module.Alias("inspect", "to_s")
	class("===", 1, 1, func(c *Call, k *Class) (Value, error) { return Bool(in.IsA(c.Args[0], k)), nil })
	class("==", 1, 1, func(c *Call, k *Class) (Value, error) { return Bool(c.Args[0] == Value(k)), nil })
	relation := func(name string, holds func(a, b *Class) Value) {
		class(name, 1, 1, func(c *Call, k *Class) (Value, error) {
			o, ok := c.Args[0].(*Class)
			if !ok {
				return nil, in.Raise("TypeError", "compared with non class/module")
			}
			return holds(k, o), nil
		})
	}
	relation("<", func(a, b *Class) Value { return in.order3(a, b, a != b) })
	relation("<=", func(a, b *Class) Value { return in.order3(a, b, true) })
	relation(">", func(a, b *Class) Value { return in.order3(b, a, a != b) })
	relation(">=", func(a, b *Class) Value { return in.order3(b, a, true) })
	class("<=>", 1, 1, func(c *Call, k *Class) (Value, error) {
		o, ok := c.Args[0].(*Class)
		switch {
		case !ok:
			return Nil{}, nil
		case k == o:
			return Int(0), nil
		case in.below(k, o):
			return Int(-1), nil
		case in.below(o, k):
			return Int(1), nil
		}
		return Nil{}, nil
	})
	class("ancestors", 0, 0, func(c *Call, k *Class) (Value, error) {
		list := NewArray()
		for _, a := range in.ancestors(k) {
			list.elems = append(list.elems, a)
		}
		return list, nil
	})
	class("included_modules", 0, 0, func(c *Call, k *Class) (Value, error) {
		list := NewArray()
		for _, a := range in.ancestors(k) {
			if a.module && a != k {
				list.elems = append(list.elems, a)
			}
		}
		return list, nil
	})
	class("include?", 1, 1, func(c *Call, k *Class) (Value, error) {
		return Bool(c.Class(0) != k && in.below(k, c.Class(0))), nil
	})
	class("instance_methods", 0, 1, func(c *Call, k *Class) (Value, error) {
		visible := func(m *Method) bool { return m.vis != private && !m.undef }
		if c.Has(0) && !Truthy(c.Args[0]) {
			return in.methodNames(k.methods, visible), nil
		}
		all := map[string]*Method{}
		for _, a := range slices.Backward(in.ancestors(k)) {
			for n, m := range a.methods {
				all[n] = m
			}
		}
		return in.methodNames(all, visible), nil
	})
	in.module.Alias("public_instance_methods", "instance_methods")
	class("private_instance_methods", 0, 1, func(c *Call, k *Class) (Value, error) {
		return in.methodNames(k.methods, func(m *Method) bool { return m.vis == private }), nil
	})
	methodIs := func(name string, want func(m *Method) bool) {
		class(name, 1, 2, func(c *Call, k *Class) (Value, error) {
			m := in.findMethod(k, c.NameArg(0))
			return Bool(m != nil && want(m)), nil
		})
	}
	methodIs("method_defined?", func(m *Method) bool { return m.vis != private })
	methodIs("public_method_defined?", func(m *Method) bool { return m.vis == public })
	methodIs("private_method_defined?", func(m *Method) bool { return m.vis == private })
	methodIs("protected_method_defined?", func(m *Method) bool { return m.vis == protected })
	methodIs("instance_method_defined?", func(m *Method) bool { return m.vis != private })
	class("instance_method", 1, 1, func(c *Call, k *Class) (Value, error) {
		m := in.findMethod(k, c.NameArg(0))
		if m == nil {
			return nil, in.noSuchMethod(k, c.NameArg(0))
		}
		return &Proc{method: m, unbound: true, lambda: true, id: in.nextID()}, nil
	})
	in.moduleConstants(class)
	class("module_function?", 0, 0, func(c *Call, k *Class) (Value, error) { return False, nil })
	class("class_variable_get", 1, 1, func(c *Call, k *Class) (Value, error) {
		for _, a := range in.ancestors(k) {
			if v, ok := a.cvars.get(c.NameArg(0)); ok {
				return v, nil
			}
		}
		return nil, in.raiseWith(in.errorClass("NameError"), nil, "uninitialized class variable %s in %s", c.NameArg(0), in.className(k))
	})
	class("class_variable_set", 2, 2, func(c *Call, k *Class) (Value, error) {
		k.cvars.set(c.NameArg(0), c.Args[1])
		return c.Args[1], nil
	})
	class("class_variable_defined?", 1, 1, func(c *Call, k *Class) (Value, error) {
		_, ok := k.cvars.get(c.NameArg(0))
		return Bool(ok), nil
	})
	class("class_variables", 0, 1, func(c *Call, k *Class) (Value, error) {
		list := NewArray()
		for _, n := range k.cvars.names {
			list.elems = append(list.elems, Symbol(n))
		}
		return list, nil
	})
	class("hash", 0, 0, func(c *Call, k *Class) (Value, error) { return Int(k.id), nil })
}

// order3 is true, false, or nil where two classes are not related.
func (in *Interp) order3(a, b *Class, orSame bool) Value {
	switch {
	case in.below(a, b):
		return Bool(orSame)
	case in.below(b, a):
		return False
	}
	return Nil{}
}

func (in *Interp) moduleConstants(class func(name string, min, max int, fn func(c *Call, k *Class) (Value, error))) {
	class("const_get", 1, 2, func(c *Call, k *Class) (Value, error) {
		var v Value = k
		for part := range strings.SplitSeq(strings.TrimPrefix(c.NameArg(0), "::"), "::") {
			at, ok := v.(*Class)
			if !ok {
				return nil, in.Raise("TypeError", "%s does not refer to class/module", in.inspectOr(v))
			}
			if part == "" || part[0] < 'A' || part[0] > 'Z' {
				return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": c.Args[0]}, "wrong constant name %s", part)
			}
			var err error
			if v, err = in.constIn(c.frame, at, part, at != k); err != nil {
				return nil, err
			}
		}
		return v, nil
	})
	class("const_set", 2, 2, func(c *Call, k *Class) (Value, error) {
		k.SetConst(c.NameArg(0), c.Args[1])
		return c.Args[1], nil
	})
	class("const_defined?", 1, 2, func(c *Call, k *Class) (Value, error) {
		var v Value = k
		for part := range strings.SplitSeq(strings.TrimPrefix(c.NameArg(0), "::"), "::") {
			at, ok := v.(*Class)
			if !ok {
				return False, nil
			}
			found := false
			for _, a := range append(slices.Clone(in.ancestors(at)), in.Object) {
				if v, found = a.consts[part]; found {
					break
				}
			}
			if !found {
				return False, nil
			}
		}
		return True, nil
	})
	class("constants", 0, 1, func(c *Call, k *Class) (Value, error) {
		list := NewArray()
		for _, a := range in.ancestors(k) {
			if a == in.Object && k != in.Object {
				break
			}
			for _, n := range a.constList {
				list.elems = append(list.elems, Symbol(n))
			}
		}
		return list, nil
	})
	class("remove_const", 1, 1, func(c *Call, k *Class) (Value, error) {
		name := c.NameArg(0)
		v, ok := k.consts[name]
		if !ok {
			return nil, in.raiseWith(in.errorClass("NameError"), nil, "constant %s::%s not defined", in.className(k), name)
		}
		delete(k.consts, name)
		k.constList = slices.DeleteFunc(k.constList, func(s string) bool { return s == name })
		return v, nil
	})
	class("const_missing", 1, 1, func(c *Call, k *Class) (Value, error) {
		name := c.NameArg(0)
		if in.knownConst(k, name) {
			return nil, in.unsupported("the constant " + name)
		}
		full := name
		if k != in.Object {
			full = in.className(k) + "::" + name
		}
		return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": Symbol(name), "receiver": k}, "uninitialized constant %s", full)
	})
}
