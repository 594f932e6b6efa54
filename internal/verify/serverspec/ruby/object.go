package ruby

import (
	"slices"
	"strings"
)

func (in *Interp) bootBasicObject() {
	b := in.BasicObject
	b.alloc = func(c *Class) (Value, error) { return in.NewObject(c, nil), nil }
	b.DefinePrivate("initialize", 0, -1, func(c *Call) (Value, error) {
		if len(c.Args) > 0 && c.method.Owner == in.BasicObject {
			return nil, in.arityError(len(c.Args), 0, 0)
		}
		return Nil{}, nil
	})
	b.Define("==", 1, 1, func(c *Call) (Value, error) {
		if _, ok := c.Self.(*Object); !ok {
			eq, err := in.Equal(c.Self, c.Args[0])
			return Bool(eq), err
		}
		return Bool(same(c.Self, c.Args[0])), nil
	})
	b.Define("equal?", 1, 1, func(c *Call) (Value, error) { return Bool(same(c.Self, c.Args[0])), nil })
	b.Define("!", 0, 0, func(c *Call) (Value, error) { return Bool(!Truthy(c.Self)), nil })
	b.Define("!=", 1, 1, func(c *Call) (Value, error) {
		eq, err := in.Equal(c.Self, c.Args[0])
		return Bool(!eq), err
	})
	b.Define("__id__", 0, 0, func(c *Call) (Value, error) { return Int(in.objectID(c.Self)), nil })
	b.Define("__send__", 1, -1, in.sendAny)
	b.Define("instance_eval", 0, 3, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.unsupported("instance_eval of a string")
		}
		return in.Exec(c.Block, c.Self, c.Self)
	})
	b.Define("instance_exec", 0, -1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.Raise("LocalJumpError", "no block given (yield)")
		}
		return in.Exec(c.Block, c.Self, c.Args...)
	})
	b.DefinePrivate("method_missing", 0, -1, func(c *Call) (Value, error) {
		name, _ := c.Arg(0).(Symbol)
		return nil, in.noMethod(c.Self, string(name), c.Args[min(1, len(c.Args)):], sendPublic, nil)
	})
	for _, hook := range []string{"singleton_method_added"} {
		b.DefinePrivate(hook, 0, -1, func(c *Call) (Value, error) { return Nil{}, nil })
	}
}

func (in *Interp) sendAny(c *Call) (Value, error) {
	return in.send(c.frame, c.Self, c.NameArg(0), c.Args[1:], c.Block, sendSelf)
}

func (in *Interp) bootObject() {
	k := in.Kernel
	def := k.Define
	def("class", 0, 0, func(c *Call) (Value, error) { return in.ClassOf(c.Self), nil })
	def("singleton_class", 0, 0, func(c *Call) (Value, error) {
		s := in.singletonClass(c.Self)
		if s == nil {
			return nil, in.unsupported("a singleton class of " + in.ClassOf(c.Self).Name())
		}
		return s, nil
	})
	def("to_s", 0, 0, func(c *Call) (Value, error) { return Str(in.anyToS(c.Self)), nil })
	def("inspect", 0, 0, func(c *Call) (Value, error) {
		if o, ok := c.Self.(*Object); ok {
			s, err := in.inspectObject(o)
			return Str(s), err
		}
		return Str(in.anyToS(c.Self)), nil
	})
	def("===", 1, 1, func(c *Call) (Value, error) {
		eq, err := in.Equal(c.Self, c.Args[0])
		return Bool(eq || same(c.Self, c.Args[0])), err
	})
	def("=~", 1, 1, func(c *Call) (Value, error) { return Nil{}, nil })
	def("!~", 1, 1, func(c *Call) (Value, error) {
		v, err := in.send(c.frame, c.Self, "=~", c.Args, nil, sendSelf)
		return Bool(err == nil && !Truthy(v)), err
	})
	def("<=>", 1, 1, func(c *Call) (Value, error) {
		eq, err := in.Equal(c.Self, c.Args[0])
		if err == nil && eq {
			return Int(0), nil
		}
		return Nil{}, err
	})
	def("eql?", 1, 1, func(c *Call) (Value, error) {
		if _, ok := c.Self.(*Object); ok {
			return Bool(same(c.Self, c.Args[0])), nil
		}
		return Bool(identityOf(c.Self) == identityOf(c.Args[0])), nil
	})
	def("hash", 0, 0, func(c *Call) (Value, error) {
		var b strings.Builder
		deep(&b, c.Self, 0)
		return Int(fnv(b.String())), nil
	})
	def("object_id", 0, 0, func(c *Call) (Value, error) { return Int(in.objectID(c.Self)), nil })
	def("nil?", 0, 0, func(c *Call) (Value, error) { return Bool(IsNil(c.Self)), nil })
	def("is_a?", 1, 1, func(c *Call) (Value, error) { return Bool(in.IsA(c.Self, c.Class(0))), nil })
	k.Alias("kind_of?", "is_a?")
	def("instance_of?", 1, 1, func(c *Call) (Value, error) { return Bool(in.ClassOf(c.Self) == c.Class(0)), nil })
	def("respond_to?", 1, 2, func(c *Call) (Value, error) {
		ok, err := in.responds(c.Self, c.NameArg(0), Truthy(c.Arg(1)))
		return Bool(ok), err
	})
	def("respond_to_missing?", 2, 2, func(c *Call) (Value, error) { return False, nil })
	def("send", 1, -1, in.sendAny)
	def("public_send", 1, -1, func(c *Call) (Value, error) {
		return in.send(c.frame, c.Self, c.NameArg(0), c.Args[1:], c.Block, sendPublic)
	})
	def("tap", 0, 0, func(c *Call) (Value, error) {
		_, err := c.Yield(c.Self)
		return c.Self, err
	})
	def("then", 0, 0, func(c *Call) (Value, error) { return c.Yield(c.Self) })
	k.Alias("yield_self", "then")
	def("itself", 0, 0, func(c *Call) (Value, error) { return c.Self, nil })
	def("freeze", 0, 0, func(c *Call) (Value, error) {
		setFrozen(c.Self)
		return c.Self, nil
	})
	def("frozen?", 0, 0, func(c *Call) (Value, error) { return Bool(isFrozen(c.Self)), nil })
	def("dup", 0, 0, func(c *Call) (Value, error) { return in.copyOf(c, false) })
	def("clone", 0, 1, func(c *Call) (Value, error) { return in.copyOf(c, true) })
	def("extend", 1, -1, func(c *Call) (Value, error) {
		s := in.singletonClass(c.Self)
		if s == nil {
			return nil, in.unsupported("extend of " + in.ClassOf(c.Self).Name())
		}
		for i := range slices.Backward(c.Args) {
			m := c.Class(i)
			s.Include(m)
			if _, err := in.send(c.frame, m, "extended", []Value{c.Self}, nil, sendSelf); err != nil {
				return nil, err
			}
		}
		return c.Self, nil
	})
	for _, name := range []string{"initialize_copy", "initialize_dup", "initialize_clone"} {
		k.DefinePrivate(name, 1, 2, func(c *Call) (Value, error) { return c.Self, nil })
	}
	for _, name := range []string{"display"} {
		def(name, 0, 1, func(c *Call) (Value, error) {
			s, err := in.ToS(c.Self)
			if err != nil {
				return nil, err
			}
			return Nil{}, in.print(1, s)
		})
	}
}

func fnv(s string) int64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return int64(h >> 2)
}

func setFrozen(v Value) {
	switch v := v.(type) {
	case *String:
		v.frozen = true
	case *Array:
		v.frozen = true
	case *Hash:
		v.frozen = true
	case *Object:
		v.frozen = true
	}
}

func isFrozen(v Value) bool {
	switch v := v.(type) {
	case *String:
		return v.frozen
	case *Array:
		return v.frozen
	case *Hash:
		return v.frozen
	case *Object:
		return v.frozen
	case *Class, *Proc, *Time, *Match:
		return false
	}
	return true
}

// copyOf is dup and clone.
func (in *Interp) copyOf(c *Call, clone bool) (Value, error) {
	freeze := clone && isFrozen(c.Self)
	if clone {
		if v := c.passed().Symbol("freeze"); v != nil {
			freeze = Truthy(v)
		}
	}
	switch v := c.Self.(type) {
	case *String:
		n := v.clone()
		n.frozen = freeze
		in.bytes += int64(n.size())
		return n, nil
	case *Array:
		n := c.List(v.copyElems())
		n.frozen = freeze
		return n, nil
	case *Hash:
		n := v.clone()
		n.frozen, n.keywords = freeze, false
		return n, nil
	case *Class:
		return in.copyClass(v), nil
	case *Object:
		n := in.NewObject(v.class, v.Data)
		n.ivars = v.ivars.clone()
		switch d := v.Data.(type) {
		case *structData:
			n.Data = &structData{append([]Value(nil), d.values...)}
		case *exception:
			e := *d
			n.Data = &e
		}
		if clone && v.singleton != nil {
			s := in.singletonClass(n)
			for name, m := range v.singleton.methods {
				s.methods[name] = m
			}
			s.includes = v.singleton.includes
			in.epoch++
		}
		if _, err := in.Call(n, "initialize_copy", v); err != nil {
			return nil, err
		}
		n.frozen = freeze
		return n, nil
	}
	return c.Self, nil
}

func (in *Interp) copyClass(v *Class) *Class {
	n := *v
	n.id, n.meta, n.name, n.outer = in.nextID(), nil, "", nil
	n.methods, n.consts = map[string]*Method{}, map[string]Value{}
	for name, m := range v.methods {
		o := *m
		o.Owner = &n
		n.methods[name] = &o
	}
	for name, e := range v.consts {
		n.consts[name] = e
	}
	n.ivars, n.cvars = v.ivars.clone(), v.cvars.clone()
	n.cacheEpoch = 0
	if v.meta != nil {
		for name, m := range v.meta.methods {
			in.singletonClass(&n).methods[name] = m
		}
	}
	in.epoch++
	return &n
}

func (in *Interp) bootNil() {
	n := in.nilClass
	n.Define("to_s", 0, 0, func(c *Call) (Value, error) { return Str(""), nil })
	n.Define("to_a", 0, 0, func(c *Call) (Value, error) { return NewArray(), nil })
	n.Define("to_h", 0, 0, func(c *Call) (Value, error) { return NewHash(), nil })
	n.Define("to_i", 0, 0, func(c *Call) (Value, error) { return Int(0), nil })
	n.Define("to_f", 0, 0, func(c *Call) (Value, error) { return Float(0), nil })
	n.Define("=~", 1, 1, func(c *Call) (Value, error) { return Nil{}, nil })
	n.Define("inspect", 0, 0, func(c *Call) (Value, error) { return Str("nil"), nil })
	for _, class := range []*Class{in.nilClass, in.trueClass, in.falseClass} {
		in.noInstances(class)
		class.Define("&", 1, 1, func(c *Call) (Value, error) { return Bool(Truthy(c.Self) && Truthy(c.Args[0])), nil })
		class.Define("|", 1, 1, func(c *Call) (Value, error) { return Bool(Truthy(c.Self) || Truthy(c.Args[0])), nil })
		class.Define("^", 1, 1, func(c *Call) (Value, error) { return Bool(Truthy(c.Self) != Truthy(c.Args[0])), nil })
		if class != in.nilClass {
			class.Define("to_s", 0, 0, func(c *Call) (Value, error) {
				s, err := in.Inspect(c.Self)
				return Str(s), err
			})
			class.Alias("inspect", "to_s")
		}
	}
}

// noInstances takes new away from a class whose values are literals.
func (in *Interp) noInstances(k *Class) {
	in.singletonClass(k).add(&Method{Name: "new", undef: true})
}

func (in *Interp) bootComparable() {
	def := func(name string, holds func(cmp int) bool) {
		in.Comparable.Define(name, 1, 1, func(c *Call) (Value, error) {
			v, err := in.send(c.frame, c.Self, "<=>", c.Args, nil, sendSelf)
			if err != nil {
				return nil, err
			}
			cmp, ok := v.(Int)
			if !ok {
				return nil, in.comparisonFailed(c.Self, c.Args[0])
			}
			return Bool(holds(int(cmp))), nil
		})
	}
	def("<", func(cmp int) bool { return cmp < 0 })
	def("<=", func(cmp int) bool { return cmp <= 0 })
	def(">", func(cmp int) bool { return cmp > 0 })
	def(">=", func(cmp int) bool { return cmp >= 0 })
	in.Comparable.Define("==", 1, 1, func(c *Call) (Value, error) {
		if same(c.Self, c.Args[0]) {
			return True, nil
		}
		v, err := in.send(c.frame, c.Self, "<=>", c.Args, nil, sendSelf)
		return Bool(err == nil && v == Value(Int(0))), err
	})
	in.Comparable.Define("between?", 2, 2, func(c *Call) (Value, error) {
		lo, err := in.order(c.Self, c.Args[0])
		if err != nil {
			return nil, err
		}
		hi, err := in.order(c.Self, c.Args[1])
		return Bool(lo >= 0 && hi <= 0), err
	})
	in.Comparable.Define("clamp", 1, 2, func(c *Call) (Value, error) {
		lo, hi := c.Arg(0), c.Arg(1)
		if r, ok := lo.(*Range); ok {
			lo, hi = r.Lo, r.Hi
		}
		if !IsNil(lo) {
			if cmp, err := in.order(c.Self, lo); err != nil || cmp < 0 {
				return lo, err
			}
		}
		if !IsNil(hi) {
			if cmp, err := in.order(c.Self, hi); err != nil || cmp > 0 {
				return hi, err
			}
		}
		return c.Self, nil
	})
}
