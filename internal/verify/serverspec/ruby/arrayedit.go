package ruby

import "slices"

// bootArrayEdit defines what changes arrays.
func (in *Interp) bootArrayEdit() {
	change := func(name string, min, max int, fn func(c *Call, a *Array) (Value, error)) {
		in.array.Define(name, min, max, on(func(c *Call, a *Array) (Value, error) {
			if a.frozen {
				return nil, in.frozen(a)
			}
			return fn(c, a)
		}))
	}
	grow := func(a *Array, v ...Value) error {
		a.elems = append(a.elems, v...)
		return in.reserve(int64(len(v)) * 16)
	}
	change("<<", 1, 1, func(c *Call, a *Array) (Value, error) { return a, grow(a, c.Args[0]) })
	change("push", 0, -1, func(c *Call, a *Array) (Value, error) { return a, grow(a, c.Args...) })
	in.array.Alias("append", "push")
	change("concat", 0, -1, func(c *Call, a *Array) (Value, error) {
		var add []Value
		for i := range c.Args {
			add = append(add, c.Array(i).elems...)
		}
		return a, grow(a, add...)
	})
	change("unshift", 0, -1, func(c *Call, a *Array) (Value, error) {
		a.elems = append(append([]Value(nil), c.Args...), a.elems...)
		return a, in.reserve(int64(len(a.elems)) * 16)
	})
	in.array.Alias("prepend", "unshift")
	change("insert", 1, -1, func(c *Call, a *Array) (Value, error) {
		i := c.Int(0)
		if i < 0 {
			i += len(a.elems) + 1
		}
		if i < 0 {
			return nil, in.Raise("IndexError", "index %d too small for array; minimum: -%d", c.Int(0), len(a.elems)+1)
		}
		if err := in.fillTo(a, i); err != nil {
			return nil, err
		}
		a.elems = slices.Insert(a.elems, i, c.Args[1:]...)
		return a, in.reserve(int64(len(c.Args)) * 16)
	})
	take := func(name string, last bool) {
		change(name, 0, 1, func(c *Call, a *Array) (Value, error) {
			n, one := 1, !c.Has(0)
			if !one {
				if n = c.Int(0); n < 0 {
					return nil, in.Raise("ArgumentError", "negative array size")
				}
			}
			n = min(n, len(a.elems))
			var out []Value
			if last {
				out = append(out, a.elems[len(a.elems)-n:]...)
				a.elems = a.elems[:len(a.elems)-n]
			} else {
				out = append(out, a.elems[:n]...)
				a.elems = a.elems[n:]
			}
			if !one {
				return NewArray(out...), nil
			}
			return NewArray(out...).at(0), nil
		})
	}
	take("pop", true)
	take("shift", false)
	change("clear", 0, 0, func(c *Call, a *Array) (Value, error) { a.elems = nil; return a, nil })
	change("replace", 1, 1, func(c *Call, a *Array) (Value, error) { a.elems = c.Array(0).copyElems(); return a, nil })
	change("[]=", 2, 3, func(c *Call, a *Array) (Value, error) { return in.arraySet(c, a) })
	change("fill", 0, 3, func(c *Call, a *Array) (Value, error) {
		if c.Block == nil && len(c.Args) == 1 {
			for i := range a.elems {
				a.elems[i] = c.Args[0]
			}
			return a, nil
		}
		if c.Block != nil && len(c.Args) == 0 {
			for i := range a.elems {
				v, err := c.Yield(Int(i))
				if err != nil {
					return nil, err
				}
				a.elems[i] = v
			}
			return a, nil
		}
		return nil, in.unsupported("Array#fill of a part")
	})
	change("delete", 1, 1, func(c *Call, a *Array) (Value, error) {
		var found Value
		var left []Value
		for _, v := range a.elems {
			eq, err := in.Equal(v, c.Args[0])
			if err != nil {
				return nil, err
			}
			if eq {
				found = v
			} else {
				left = append(left, v)
			}
		}
		if found == nil {
			if c.Block != nil {
				return c.Yield(c.Args[0])
			}
			return Nil{}, nil
		}
		a.elems = left
		return found, nil
	})
	change("delete_at", 1, 1, func(c *Call, a *Array) (Value, error) {
		i := c.Int(0)
		if i < 0 {
			i += len(a.elems)
		}
		if i < 0 || i >= len(a.elems) {
			return Nil{}, nil
		}
		v := a.elems[i]
		a.elems = append(a.elems[:i:i], a.elems[i+1:]...)
		return v, nil
	})
	change("slice!", 1, 2, func(c *Call, a *Array) (Value, error) {
		part, err := in.arrayPart(c, a, c.Args)
		if err != nil {
			return nil, err
		}
		start, n := 0, 1
		list, many := part.(*Array)
		if r, ok := c.Args[0].(*Range); ok {
			start, _, _ = in.rangeBounds(c, r, len(a.elems))
		} else if start = c.Int(0); start < 0 {
			start += len(a.elems)
		}
		if many && (c.Has(1) || !isNumber(c.Args[0])) {
			n = len(list.elems)
		} else if start < 0 || start >= len(a.elems) {
			return Nil{}, nil
		}
		a.elems = append(a.elems[:start:start], a.elems[start+n:]...)
		return part, nil
	})
	in.arrayBang(change)
}

// fillTo adds nils until an index lies within or right behind the array.
func (in *Interp) fillTo(a *Array, i int) error {
	if i <= len(a.elems) {
		return nil
	}
	if err := in.reserveProduct(i-len(a.elems), 16); err != nil {
		return err
	}
	for len(a.elems) < i {
		a.elems = append(a.elems, Nil{})
	}
	return nil
}

func (in *Interp) arraySet(c *Call, a *Array) (Value, error) {
	v := c.Args[len(c.Args)-1]
	start, n := 0, 0
	r, isRange := c.Args[0].(*Range)
	switch {
	case len(c.Args) == 3:
		start, n = c.Int(0), c.Int(1)
		if n < 0 {
			return nil, in.Raise("IndexError", "negative length (%d)", n)
		}
	case isRange:
		var ok bool
		if start, n, ok = in.rangeBounds(c, r, len(a.elems)); !ok {
			if start = c.int(r.Lo); start < 0 {
				return nil, in.Raise("RangeError", "%s out of range", in.inspectOr(r))
			}
		}
	default:
		i := c.Int(0)
		if i < 0 {
			i += len(a.elems)
		}
		if i < 0 {
			return nil, in.Raise("IndexError", "index %d too small for array; minimum: -%d", c.Int(0), len(a.elems))
		}
		if err := in.fillTo(a, i+1); err != nil {
			return nil, err
		}
		a.elems[i] = v
		return v, nil
	}
	if start < 0 {
		start += len(a.elems)
	}
	if start < 0 {
		return nil, in.Raise("IndexError", "index %d too small for array; minimum: -%d", start-len(a.elems), len(a.elems))
	}
	if err := in.fillTo(a, start); err != nil {
		return nil, err
	}
	with := []Value{v}
	if list, ok := v.(*Array); ok {
		with = list.copyElems()
	}
	end := min(len(a.elems), start+n)
	a.elems = slices.Replace(append([]Value(nil), a.elems...), start, end, with...)
	return v, in.reserve(int64(len(a.elems)) * 16)
}

// arrayBang defines the forms that change the array itself of methods that give a new
// one. Most give nil when nothing changes.
func (in *Interp) arrayBang(change func(name string, min, max int, fn func(c *Call, a *Array) (Value, error))) {
	bang := func(name, from string, nilIfSame bool) {
		change(name, 0, -1, func(c *Call, a *Array) (Value, error) {
			if c.Block == nil && (from == "map" || from == "select" || from == "reject") {
				return c.Enum()
			}
			v, err := in.send(c.frame, a, from, c.Args, c.Block, sendPublic)
			if err != nil {
				return nil, err
			}
			list := v.(*Array)
			unchanged := len(list.elems) == len(a.elems)
			a.elems = list.copyElems()
			if unchanged && nilIfSame {
				return Nil{}, nil
			}
			return a, nil
		})
	}
	bang("map!", "map", false)
	bang("collect!", "map", false)
	bang("select!", "select", true)
	bang("filter!", "select", true)
	bang("keep_if", "select", false)
	bang("reject!", "reject", true)
	bang("delete_if", "reject", false)
	bang("compact!", "compact", true)
	bang("uniq!", "uniq", true)
	bang("sort!", "sort", false)
	bang("sort_by!", "sort_by", false)
	bang("reverse!", "reverse", false)
	bang("rotate!", "rotate", false)
	bang("shuffle!", "shuffle", false)
	change("flatten!", 0, 1, func(c *Call, a *Array) (Value, error) {
		nested := slices.ContainsFunc(a.elems, func(v Value) bool { _, ok := v.(*Array); return ok })
		v, err := in.send(c.frame, a, "flatten", c.Args, nil, sendPublic)
		if err != nil {
			return nil, err
		}
		a.elems = v.(*Array).elems
		if !nested {
			return Nil{}, nil
		}
		return a, nil
	})
}
