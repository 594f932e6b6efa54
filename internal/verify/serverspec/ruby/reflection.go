package ruby

import "strings"

// bootReflection defines what objects tell about themselves and what changes single ones.
func (in *Interp) bootReflection() {
	def := in.Kernel.Define
	def("instance_variable_get", 1, 1, func(c *Call) (Value, error) { return in.IVar(c.Self, c.NameArg(0)), nil })
	def("instance_variable_set", 2, 2, func(c *Call) (Value, error) {
		if isFrozen(c.Self) {
			return nil, in.frozen(c.Self)
		}
		if !strings.HasPrefix(c.NameArg(0), "@") {
			return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": c.Args[0]}, "'%s' is not allowed as an instance variable name", c.NameArg(0))
		}
		in.SetIVar(c.Self, c.NameArg(0), c.Args[1])
		return c.Args[1], nil
	})
	def("instance_variable_defined?", 1, 1, func(c *Call) (Value, error) {
		iv := in.ivarsOf(c.Self)
		if iv == nil {
			return False, nil
		}
		_, ok := iv.get(c.NameArg(0))
		return Bool(ok), nil
	})
	def("remove_instance_variable", 1, 1, func(c *Call) (Value, error) {
		if iv := in.ivarsOf(c.Self); iv != nil {
			if v, ok := iv.remove(c.NameArg(0)); ok {
				return v, nil
			}
		}
		return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": c.Args[0]},
			"instance variable %s not defined for %s", c.NameArg(0), in.inspectOr(c.Self))
	})
	def("instance_variables", 0, 0, func(c *Call) (Value, error) {
		list := NewArray()
		if iv := in.ivarsOf(c.Self); iv != nil {
			for _, n := range iv.names {
				list.elems = append(list.elems, Symbol(n))
			}
		}
		return list, nil
	})
	def("define_singleton_method", 1, 2, func(c *Call) (Value, error) {
		s := in.singletonClass(c.Self)
		if s == nil {
			return nil, in.unsupported("a singleton method of " + in.ClassOf(c.Self).Name())
		}
		return in.defineMethod(c, s, public)
	})
	def("singleton_methods", 0, 1, func(c *Call) (Value, error) {
		s := in.singletonClass(c.Self)
		if s == nil {
			return NewArray(), nil
		}
		all := map[string]*Method{}
		for _, m := range s.includes {
			for n, f := range m.methods {
				all[n] = f
			}
		}
		for n, f := range s.methods {
			all[n] = f
		}
		return in.methodNames(all, func(m *Method) bool { return m.vis != private }), nil
	})
	def("methods", 0, 1, func(c *Call) (Value, error) { return in.allMethods(c.Self), nil })
	in.Kernel.Alias("public_methods", "methods")
	def("method", 1, 1, func(c *Call) (Value, error) {
		name := c.NameArg(0)
		m := in.findMethod(in.dispatchClass(c.Self), name)
		if m == nil {
			ok, err := in.responds(c.Self, name, true)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, in.raiseWith(in.errorClass("NameError"), map[string]Value{"name": Symbol(name), "receiver": c.Self},
					"undefined method `%s' for class `%s'", name, in.inspectOr(in.dispatchClass(c.Self)))
			}
			m = &Method{Name: name, Owner: in.ClassOf(c.Self), max: -1}
			m.native = func(c *Call) (Value, error) { return in.send(c.frame, c.Self, name, c.Args, c.Block, sendSelf) }
		}
		return &Proc{method: m, receiver: c.Self, lambda: true, id: in.nextID()}, nil
	})
	in.Kernel.Alias("public_method", "method")
}

func (in *Interp) allMethods(v Value) *Array {
	seen := map[string]bool{}
	list := NewArray()
	for _, k := range in.ancestors(in.dispatchClass(v)) {
		for _, s := range in.methodNames(k.methods, func(m *Method) bool { return m.vis != private && !m.undef }).elems {
			if name := string(s.(Symbol)); !seen[name] {
				seen[name] = true
				list.elems = append(list.elems, s)
			}
		}
	}
	return list
}

// methodNames is sorted: a Go map has no order that could be kept.
func (in *Interp) methodNames(methods map[string]*Method, want func(*Method) bool) *Array {
	list := NewArray()
	for _, name := range sortedKeys(methods) {
		if want(methods[name]) {
			list.elems = append(list.elems, Symbol(name))
		}
	}
	return list
}
