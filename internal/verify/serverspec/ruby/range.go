package ruby

import "math"

func (in *Interp) bootRange() {
	k := in.rang
	def := func(name string, min, max int, fn func(c *Call, r *Range) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	k.DefineSingleton("new", 2, 3, func(c *Call) (Value, error) { return in.newRange(c.Args[0], c.Args[1], Truthy(c.Arg(2))) })
	for _, name := range []string{"begin", "end"} {
		def(name, 0, 0, func(c *Call, r *Range) (Value, error) {
			if name == "begin" {
				return r.Lo, nil
			}
			return r.Hi, nil
		})
	}
	for _, name := range []string{"first", "last"} {
		def(name, 0, 1, func(c *Call, r *Range) (Value, error) {
			edge := r.Lo
			if name == "last" {
				edge = r.Hi
			}
			if !c.Has(0) {
				if IsNil(edge) {
					return nil, in.Raise("RangeError", "cannot get the %s element of %s range", name, map[string]string{"first": "beginless", "last": "endless"}[name])
				}
				return edge, nil
			}
			if name == "first" {
				return in.findMethod(in.Enumerable, "first").native(c)
			}
			list, err := in.collect(r)
			if err != nil {
				return nil, err
			}
			return in.Call(NewArray(list...), "last", c.Args...)
		})
	}
	for _, name := range []string{"min", "max"} {
		def(name, 0, 1, func(c *Call, r *Range) (Value, error) {
			lo, loOK := r.Lo.(Int)
			hi, hiOK := r.Hi.(Int)
			if loOK && hiOK && !c.Has(0) && c.Block == nil {
				if r.Exclusive {
					hi--
				}
				switch {
				case lo > hi:
					return Nil{}, nil
				case name == "min":
					return lo, nil
				}
				return hi, nil
			}
			if name == "min" && !c.Has(0) && c.Block == nil {
				return r.Lo, nil
			}
			return in.findMethod(in.Enumerable, name).native(c)
		})
	}
	def("exclude_end?", 0, 0, func(c *Call, r *Range) (Value, error) { return Bool(r.Exclusive), nil })
	def("each", 0, 0, func(c *Call, r *Range) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		return r, in.eachInRange(r, func(v Value) error { _, err := c.Yield(v); return err })
	})
	def("reverse_each", 0, 0, func(c *Call, r *Range) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		list, err := in.collect(r)
		if err != nil {
			return nil, err
		}
		_, err = in.CallBlock(NewArray(list...), "reverse_each", c.Block)
		return r, err
	})
	covers := func(c *Call, r *Range) (Value, error) {
		if o, ok := c.Args[0].(*Range); ok {
			lo, err := in.covers(r, o.Lo)
			if err != nil || !lo {
				return Bool(lo), err
			}
			if o.Exclusive && !r.Exclusive {
				return in.Call(&Range{r.Lo, r.Hi, false}, "===", o.Hi)
			}
			if o.Exclusive && r.Exclusive {
				return in.Call(&Range{r.Lo, r.Hi, false}, "===", o.Hi)
			}
			hi, err := in.covers(r, o.Hi)
			return Bool(hi), err
		}
		ok, err := in.covers(r, c.Args[0])
		return Bool(ok), err
	}
	def("cover?", 1, 1, covers)
	def("===", 1, 1, func(c *Call, r *Range) (Value, error) {
		ok, err := in.covers(r, c.Args[0])
		return Bool(ok), err
	})
	def("include?", 1, 1, func(c *Call, r *Range) (Value, error) {
		if _, ok := r.Lo.(*String); ok {
			return in.findMethod(in.Enumerable, "include?").native(c)
		}
		ok, err := in.covers(r, c.Args[0])
		return Bool(ok), err
	})
	k.Alias("member?", "include?")
	def("size", 0, 0, func(c *Call, r *Range) (Value, error) {
		lo, ok := r.Lo.(Int)
		if !ok {
			return Nil{}, nil
		}
		switch hi := r.Hi.(type) {
		case Nil:
			return in.float.consts["INFINITY"], nil
		case Int:
			if r.Exclusive {
				hi--
			}
			return max(0, hi-lo+1), nil
		}
		return in.Call(NewArray(), "count")
	})
	def("count", 0, 1, func(c *Call, r *Range) (Value, error) {
		if !c.Has(0) && c.Block == nil {
			if _, ok := r.Lo.(Int); ok {
				return in.Call(r, "size")
			}
		}
		return in.findMethod(in.Enumerable, "count").native(c)
	})
	def("sum", 0, 1, func(c *Call, r *Range) (Value, error) { return in.findMethod(in.Enumerable, "sum").native(c) })
	def("step", 0, 1, func(c *Call, r *Range) (Value, error) {
		by := c.Arg(0)
		if !c.Has(0) {
			by = Int(1)
		}
		list := NewArray()
		v := r.Lo
		for i := 1; ; i++ {
			cmp, err := in.order(v, r.Hi)
			if IsNil(r.Hi) {
				cmp, err = -1, nil
			}
			if err != nil {
				return nil, err
			}
			if cmp > 0 || cmp == 0 && r.Exclusive {
				break
			}
			if c.Block != nil {
				_, err = c.Yield(v)
			} else {
				list.elems = append(list.elems, v)
				err = in.reserve(16)
			}
			if err != nil {
				return nil, err
			}
			delta, err := in.arithmetic("*", by, Int(i))
			if err != nil {
				return nil, err
			}
			if v, err = in.arithmetic("+", r.Lo, delta); err != nil {
				return nil, err
			}
		}
		if c.Block == nil {
			return in.newEnumerator(list, "each", nil), nil
		}
		return r, nil
	})
	k.Alias("%", "step")
	def("==", 1, 1, func(c *Call, r *Range) (Value, error) {
		eq, err := in.Equal(r, c.Args[0])
		return Bool(eq), err
	})
	show := func(name string, text func(Value) (string, error)) {
		def(name, 0, 0, func(c *Call, r *Range) (Value, error) {
			dots := ".."
			if r.Exclusive {
				dots = "..."
			}
			lo, err := text(r.Lo)
			if err != nil {
				return nil, err
			}
			hi, err := text(r.Hi)
			return Str(lo + dots + hi), err
		})
	}
	show("to_s", in.ToS)
	show("inspect", func(v Value) (string, error) {
		if IsNil(v) {
			return "", nil
		}
		return in.Inspect(v)
	})
}

func (in *Interp) covers(r *Range, v Value) (bool, error) {
	if !IsNil(r.Lo) {
		cmp, ok, err := in.compare(r.Lo, v)
		if err != nil || !ok || cmp > 0 {
			return false, err
		}
	}
	if IsNil(r.Hi) {
		return true, nil
	}
	cmp, ok, err := in.compare(v, r.Hi)
	return ok && (cmp < 0 || cmp == 0 && !r.Exclusive), err
}

func (in *Interp) eachInRange(r *Range, fn func(v Value) error) error {
	switch lo := r.Lo.(type) {
	case Int:
		hi, bounded := r.Hi.(Int)
		if f, ok := r.Hi.(Float); ok {
			hi, bounded = Int(f), !math.IsInf(float64(f), 1)
			if !bounded {
				for i := lo; ; i++ {
					if err := fn(i); err != nil {
						return err
					}
				}
			}
		}
		if !bounded && !IsNil(r.Hi) {
			return in.Raise("TypeError", "can't iterate from %s", in.ClassOf(r.Lo).Name())
		}
		for i := lo; !bounded || i < hi || i == hi && !r.Exclusive; i++ {
			if err := fn(i); err != nil {
				return err
			}
		}
		return nil
	case *String:
		return in.eachString(r, fn)
	}
	if ok, err := in.responds(r.Lo, "succ", false); err != nil || !ok {
		return orError(err, in.Raise("TypeError", "can't iterate from %s", in.ClassOf(r.Lo).Name()))
	}
	for v := r.Lo; ; {
		if !IsNil(r.Hi) {
			cmp, err := in.order(v, r.Hi)
			if err != nil || cmp > 0 || cmp == 0 && r.Exclusive {
				return err
			}
		}
		if err := fn(v); err != nil {
			return err
		}
		var err error
		if v, err = in.Call(v, "succ"); err != nil {
			return err
		}
	}
}

// eachString walks from one string to another by succ; it ends also where they grow
// longer than the end.
func (in *Interp) eachString(r *Range, fn func(v Value) error) error {
	lo := r.Lo.(*String).String()
	end, bounded := r.Hi.(*String)
	hi := ""
	if bounded {
		hi = end.String()
		if len(lo) > len(hi) || len(lo) == len(hi) && lo > hi {
			return nil
		}
	}
	for s := lo; !bounded || len(s) <= len(hi); s = succ(s) {
		if err := in.step(); err != nil {
			return err
		}
		if bounded && s == hi && r.Exclusive {
			return nil
		}
		if err := fn(Str(s)); err != nil {
			return err
		}
		if bounded && s == hi {
			return nil
		}
	}
	return nil
}
