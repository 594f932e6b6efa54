package ruby

import "strings"

// bootHash defines reading and writing single entries, and walking over them.
func (in *Interp) bootHash() {
	k := in.hash
	k.alloc = func(c *Class) (Value, error) {
		if c != in.hash {
			return nil, in.unsupported("a class below Hash")
		}
		return NewHash(), nil
	}
	def := func(name string, min, max int, fn func(c *Call, h *Hash) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	change := func(name string, min, max int, fn func(c *Call, h *Hash) (Value, error)) {
		def(name, min, max, func(c *Call, h *Hash) (Value, error) {
			if h.frozen {
				return nil, in.frozen(h)
			}
			return fn(c, h)
		})
	}
	k.DefineSingleton("[]", 0, -1, func(c *Call) (Value, error) {
		h := NewHash()
		if len(c.Args) == 1 {
			if o, ok := c.Args[0].(*Hash); ok {
				n := o.clone()
				n.def, n.defProc, n.keywords = nil, nil, false
				return n, nil
			}
			for _, p := range c.Array(0).elems {
				if err := in.addPair(h, p); err != nil {
					return nil, err
				}
			}
			return h, nil
		}
		if len(c.Args)%2 != 0 {
			return nil, in.Raise("ArgumentError", "odd number of arguments for Hash")
		}
		for i := 0; i < len(c.Args); i += 2 {
			if err := in.hashSet(h, c.Args[i], c.Args[i+1]); err != nil {
				return nil, err
			}
		}
		return h, nil
	})
	def("initialize", 0, 1, func(c *Call, h *Hash) (Value, error) {
		h.defProc = c.Block
		if c.Has(0) {
			h.def = positional(c.Args[0])
		}
		return Nil{}, nil
	})
	def("[]", 1, 1, func(c *Call, h *Hash) (Value, error) { return in.hashGet(h, c.Args[0]) })
	change("[]=", 2, 2, func(c *Call, h *Hash) (Value, error) {
		key := c.Args[0]
		if s, ok := key.(*String); ok && !s.frozen && !h.identity {
			key = s.frozenCopy()
		}
		return c.Args[1], in.hashSet(h, key, c.Args[1])
	})
	k.Alias("store", "[]=")
	def("fetch", 1, 2, func(c *Call, h *Hash) (Value, error) {
		v, ok, err := in.entry(h, c.Args[0])
		switch {
		case err != nil || ok:
			return v, err
		case c.Block != nil:
			return c.Yield(c.Args[0])
		case c.Has(1):
			return c.Args[1], nil
		}
		return nil, in.keyError(h, c.Args[0])
	})
	def("dig", 1, -1, func(c *Call, h *Hash) (Value, error) {
		v, err := in.hashGet(h, c.Args[0])
		if err != nil {
			return nil, err
		}
		return in.dig(c, v, c.Args[1:])
	})
	def("key?", 1, 1, func(c *Call, h *Hash) (Value, error) {
		_, ok, err := in.entry(h, c.Args[0])
		return Bool(ok), err
	})
	k.Alias("has_key?", "key?", "include?", "key?", "member?", "key?")
	def("value?", 1, 1, func(c *Call, h *Hash) (Value, error) {
		v, err := in.keyFor(h, c.Args[0])
		return Bool(v != nil), err
	})
	k.Alias("has_value?", "value?")
	def("key", 1, 1, func(c *Call, h *Hash) (Value, error) {
		v, err := in.keyFor(h, c.Args[0])
		return orNil(v), err
	})
	def("keys", 0, 0, func(c *Call, h *Hash) (Value, error) {
		list := NewArray()
		for k := range h.All() {
			list.elems = append(list.elems, k)
		}
		return list, nil
	})
	def("values", 0, 0, func(c *Call, h *Hash) (Value, error) {
		list := NewArray()
		for _, v := range h.All() {
			list.elems = append(list.elems, v)
		}
		return list, nil
	})
	for _, name := range []string{"values_at", "fetch_values"} {
		def(name, 0, -1, func(c *Call, h *Hash) (Value, error) {
			list := NewArray()
			for _, key := range c.Args {
				v, ok, err := in.entry(h, key)
				switch {
				case err != nil:
					return nil, err
				case !ok && name == "values_at":
					v, err = in.hashGet(h, key)
				case !ok && c.Block != nil:
					v, err = c.Yield(key)
				case !ok:
					err = in.keyError(h, key)
				}
				if err != nil {
					return nil, err
				}
				list.elems = append(list.elems, v)
			}
			return list, nil
		})
	}
	def("length", 0, 0, func(c *Call, h *Hash) (Value, error) { return Int(h.Len()), nil })
	k.Alias("size", "length")
	def("empty?", 0, 0, func(c *Call, h *Hash) (Value, error) { return Bool(h.Len() == 0), nil })
	def("to_h", 0, 0, func(c *Call, h *Hash) (Value, error) {
		if c.Block == nil {
			return h, nil
		}
		out := NewHash()
		for k, v := range h.All() {
			p, err := c.Yield(k, v)
			if err != nil {
				return nil, err
			}
			if err := in.addPair(out, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
	def("to_hash", 0, 0, func(c *Call, h *Hash) (Value, error) { return h, nil })
	def("to_a", 0, 0, func(c *Call, h *Hash) (Value, error) { return c.List(h.pairs()), nil })
	def("to_proc", 0, 0, func(c *Call, h *Hash) (Value, error) {
		return in.NewProc(1, 1, func(c *Call) (Value, error) { return in.hashGet(h, c.Args[0]) }), nil
	})
	def("inspect", 0, 0, func(c *Call, h *Hash) (Value, error) { s, err := in.inspectHash(h); return Str(s), err })
	k.Alias("to_s", "inspect")
	def("==", 1, 1, func(c *Call, h *Hash) (Value, error) {
		eq, err := in.Equal(h, c.Args[0])
		return Bool(eq), err
	})
	def("hash", 0, 0, func(c *Call, h *Hash) (Value, error) {
		var b strings.Builder
		deep(&b, h, 0)
		return Int(fnv(b.String())), nil
	})
	each := func(name string, args func(k, v Value) []Value) {
		def(name, 0, 0, func(c *Call, h *Hash) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			for k, v := range h.All() {
				if _, err := c.Yield(args(k, v)...); err != nil {
					return nil, err
				}
			}
			return h, nil
		})
	}
	each("each", func(k, v Value) []Value { return []Value{NewArray(k, v)} })
	k.Alias("each_pair", "each")
	each("each_key", func(k, v Value) []Value { return []Value{k} })
	each("each_value", func(k, v Value) []Value { return []Value{v} })
	change("delete", 1, 1, func(c *Call, h *Hash) (Value, error) {
		id, err := in.keyOf(h, c.Args[0])
		if err != nil {
			return nil, err
		}
		v, ok := h.delete(id)
		if !ok && c.Block != nil {
			return c.Yield(c.Args[0])
		}
		return v, nil
	})
	change("clear", 0, 0, func(c *Call, h *Hash) (Value, error) { h.clear(); return h, nil })
	change("replace", 1, 1, func(c *Call, h *Hash) (Value, error) { h.replace(c.Hash(0)); return h, nil })
	change("shift", 0, 0, func(c *Call, h *Hash) (Value, error) {
		for k, v := range h.All() {
			h.Delete(k)
			return NewArray(k, v), nil
		}
		return Nil{}, nil
	})
	change("compare_by_identity", 0, 0, func(c *Call, h *Hash) (Value, error) { h.identity = true; return h, nil })
	def("default", 0, 1, func(c *Call, h *Hash) (Value, error) { return orNil(h.def), nil })
	change("default=", 1, 1, func(c *Call, h *Hash) (Value, error) { h.def, h.defProc = c.Args[0], nil; return h.def, nil })
	def("default_proc", 0, 0, func(c *Call, h *Hash) (Value, error) { return procOrNil(h.defProc), nil })
	change("default_proc=", 1, 1, func(c *Call, h *Hash) (Value, error) {
		h.defProc, _ = c.Args[0].(*Proc)
		h.def = nil
		return c.Args[0], nil
	})
}

func (in *Interp) entry(h *Hash, k Value) (Value, bool, error) {
	id, err := in.keyOf(h, k)
	if err != nil {
		return nil, false, err
	}
	v, ok := h.get(id)
	return v, ok, nil
}

func (in *Interp) keyError(h *Hash, key Value) error {
	return in.raiseWith(in.errorClass("KeyError"), map[string]Value{"key": key, "receiver": h}, "key not found: %s", in.inspectOr(key))
}

func (in *Interp) keyFor(h *Hash, value Value) (Value, error) {
	for k, v := range h.All() {
		eq, err := in.Equal(v, value)
		if err != nil || eq {
			return k, err
		}
	}
	return nil, nil
}
