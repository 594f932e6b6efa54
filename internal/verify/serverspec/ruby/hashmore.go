package ruby

// bootHashMore defines what makes hashes of hashes.
func (in *Interp) bootHashMore() {
	k := in.hash
	def := func(name string, min, max int, fn func(c *Call, h *Hash) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	// both defines name, which gives a new hash, and name!, which changes its own and
	// gives nil if it did not have to.
	both := func(name string, max int, fn func(c *Call, h *Hash) (*Hash, error)) {
		run := func(c *Call, h *Hash) (*Hash, error) {
			n, err := fn(c, h)
			if n != nil {
				n.keywords = false
			}
			return n, err
		}
		def(name, 0, max, func(c *Call, h *Hash) (Value, error) {
			if max == 0 && c.Block == nil && name != "compact" {
				return c.Enum()
			}
			n, err := run(c, h)
			return n, err
		})
		def(name+"!", 0, max, func(c *Call, h *Hash) (Value, error) {
			if h.frozen {
				return nil, in.frozen(h)
			}
			if max == 0 && c.Block == nil && name != "compact" {
				return c.Enum()
			}
			n, err := run(c, h)
			if err != nil {
				return nil, err
			}
			same := n.Len() == h.Len()
			h.replace(n)
			if same && (name == "select" || name == "reject" || name == "compact") {
				return Nil{}, nil
			}
			return h, nil
		})
	}
	filter := func(name string, keep func(c *Call, k, v Value) (bool, error)) {
		both(name, 0, func(c *Call, h *Hash) (*Hash, error) {
			n := NewHash()
			for k, v := range h.All() {
				ok, err := keep(c, k, v)
				if err != nil {
					return nil, err
				}
				if ok {
					if err := in.hashSet(n, k, v); err != nil {
						return nil, err
					}
				}
			}
			return n, nil
		})
	}
	filter("select", func(c *Call, k, v Value) (bool, error) {
		got, err := c.Yield(k, v)
		return err == nil && Truthy(got), err
	})
	filter("reject", func(c *Call, k, v Value) (bool, error) {
		got, err := c.Yield(k, v)
		return err == nil && !Truthy(got), err
	})
	filter("compact", func(c *Call, k, v Value) (bool, error) { return !IsNil(v), nil })
	k.Alias("filter", "select", "filter!", "select!", "keep_if", "select!", "delete_if", "reject!")
	for _, name := range []string{"keep_if", "delete_if"} {
		plain := map[string]string{"keep_if": "select!", "delete_if": "reject!"}[name]
		def(name, 0, 0, func(c *Call, h *Hash) (Value, error) {
			_, err := in.send(c.frame, h, plain, nil, c.Block, sendPublic)
			return h, err
		})
	}
	for _, name := range []string{"slice", "except"} {
		def(name, 0, -1, func(c *Call, h *Hash) (Value, error) {
			n := NewHash()
			if name == "except" {
				n = h.clone()
				n.def, n.defProc, n.keywords = nil, nil, false
			}
			for _, key := range c.Args {
				v, ok, err := in.entry(h, key)
				if err != nil {
					return nil, err
				}
				if name == "except" {
					n.Delete(key)
				} else if ok {
					n.Set(key, v)
				}
			}
			return n, nil
		})
	}
	both("transform_values", 0, func(c *Call, h *Hash) (*Hash, error) {
		n := NewHash()
		for k, v := range h.All() {
			got, err := c.Yield(v)
			if err != nil {
				return nil, err
			}
			if err := in.hashSet(n, k, got); err != nil {
				return nil, err
			}
		}
		return n, nil
	})
	both("transform_keys", 1, func(c *Call, h *Hash) (*Hash, error) {
		n := NewHash()
		names, _ := c.Arg(0).(*Hash)
		for k, v := range h.All() {
			key := k
			var err error
			if to, ok := names.lookup(k); ok {
				key = to
			} else if c.Block != nil {
				key, err = c.Yield(k)
			}
			if err == nil {
				err = in.hashSet(n, key, v)
			}
			if err != nil {
				return nil, err
			}
		}
		return n, nil
	})
	both("merge", -1, func(c *Call, h *Hash) (*Hash, error) {
		n := h.clone()
		for i := range c.Args {
			for k, v := range c.Hash(i).All() {
				old, ok, err := in.entry(n, k)
				if err == nil && ok && c.Block != nil {
					v, err = c.Yield(k, old, v)
				}
				if err == nil {
					err = in.hashSet(n, k, v)
				}
				if err != nil {
					return nil, err
				}
			}
		}
		return n, nil
	})
	k.Alias("update", "merge!")
	def("invert", 0, 0, func(c *Call, h *Hash) (Value, error) {
		n := NewHash()
		for k, v := range h.All() {
			if err := in.hashSet(n, v, k); err != nil {
				return nil, err
			}
		}
		return n, nil
	})
	// These yield key and value apart, also to lambdas.
	for _, name := range []string{"any?", "all?", "none?", "count", "find", "detect", "partition", "find_all", "map", "collect", "flat_map",
		"filter_map", "min_by", "max_by", "sort_by", "group_by", "sum", "each_with_index", "reject_pairs"} {
		m := in.findMethod(in.Enumerable, name)
		if m == nil {
			continue
		}
		def(name, 0, m.max, func(c *Call, h *Hash) (Value, error) {
			if b := c.Block; b != nil && b.lambda && b.symbol == "" && b.arity() == 2 {
				c.Block = in.NewProc(0, -1, func(c *Call) (Value, error) {
					if p, ok := c.Arg(0).(*Array); ok && len(c.Args) == 1 {
						return in.Yield(b, p.elems...)
					}
					return in.Yield(b, c.Args...)
				})
			}
			return m.native(c)
		})
	}
	def("assoc", 1, 1, func(c *Call, h *Hash) (Value, error) {
		v, ok, err := in.entry(h, c.Args[0])
		if err != nil || !ok {
			return Nil{}, err
		}
		return NewArray(c.Args[0], v), nil
	})
	subset := func(a, b *Hash) (bool, error) {
		for k, v := range a.All() {
			w, ok, err := in.entry(b, k)
			if err != nil || !ok {
				return false, err
			}
			if eq, err := in.Equal(v, w); err != nil || !eq {
				return false, err
			}
		}
		return true, nil
	}
	compare := func(name string, fn func(h, o *Hash) (bool, error)) {
		def(name, 1, 1, func(c *Call, h *Hash) (Value, error) {
			ok, err := fn(h, c.Hash(0))
			return Bool(ok), err
		})
	}
	compare("<=", func(h, o *Hash) (bool, error) { return subset(h, o) })
	compare(">=", func(h, o *Hash) (bool, error) { return subset(o, h) })
	compare("<", func(h, o *Hash) (bool, error) { ok, err := subset(h, o); return ok && h.Len() < o.Len(), err })
	compare(">", func(h, o *Hash) (bool, error) { ok, err := subset(o, h); return ok && h.Len() > o.Len(), err })
	def("flatten", 0, 1, func(c *Call, h *Hash) (Value, error) {
		list := NewArray()
		return list, in.flatten(&list.elems, NewArray(h.pairs()...), c.OptInt(0, 1))
	})
}

func (h *Hash) lookup(k Value) (Value, bool) {
	if h == nil {
		return nil, false
	}
	return h.Get(k)
}
