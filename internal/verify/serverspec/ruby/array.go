package ruby

import (
	"strings"
)

// bootArray defines reading arrays; what all collections have is in Enumerable.
func (in *Interp) bootArray() {
	k := in.array
	k.alloc = func(c *Class) (Value, error) {
		if c != in.array {
			return nil, in.unsupported("a class below Array")
		}
		return NewArray(), nil
	}
	def := func(name string, min, max int, fn func(c *Call, a *Array) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	k.DefineSingleton("[]", 0, -1, func(c *Call) (Value, error) { return c.List(append([]Value(nil), c.Args...)), nil })
	k.DefineSingleton("try_convert", 1, 1, func(c *Call) (Value, error) {
		if a, ok := c.Args[0].(*Array); ok {
			return a, nil
		}
		return Nil{}, nil
	})
	def("initialize", 0, 2, func(c *Call, a *Array) (Value, error) {
		if list, ok := c.Arg(0).(*Array); ok {
			a.elems = list.copyElems()
			return Nil{}, nil
		}
		n := c.OptInt(0, 0)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "negative array size")
		}
		if err := in.reserveProduct(n, 16); err != nil {
			return nil, err
		}
		for i := range n {
			v := c.Arg(1)
			if c.Block != nil {
				var err error
				if v, err = c.Yield(Int(i)); err != nil {
					return nil, err
				}
			}
			a.elems = append(a.elems, v)
		}
		return Nil{}, nil
	})
	def("each", 0, 0, func(c *Call, a *Array) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		for i := 0; i < len(a.elems); i++ {
			if _, err := c.Yield(a.elems[i]); err != nil {
				return nil, err
			}
		}
		return a, nil
	})
	def("each_index", 0, 0, func(c *Call, a *Array) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		for i := 0; i < len(a.elems); i++ {
			if _, err := c.Yield(Int(i)); err != nil {
				return nil, err
			}
		}
		return a, nil
	})
	def("length", 0, 0, func(c *Call, a *Array) (Value, error) { return Int(len(a.elems)), nil })
	k.Alias("size", "length")
	def("empty?", 0, 0, func(c *Call, a *Array) (Value, error) { return Bool(len(a.elems) == 0), nil })
	def("to_a", 0, 0, func(c *Call, a *Array) (Value, error) { return a, nil })
	k.Alias("to_ary", "to_a", "entries", "to_a")
	def("inspect", 0, 0, func(c *Call, a *Array) (Value, error) { s, err := in.inspectArray(a); return Str(s), err })
	k.Alias("to_s", "inspect")
	def("==", 1, 1, func(c *Call, a *Array) (Value, error) {
		eq, err := in.Equal(a, c.Args[0])
		return Bool(eq), err
	})
	def("<=>", 1, 1, func(c *Call, a *Array) (Value, error) {
		cmp, ok, err := in.compare(a, c.Args[0])
		if !ok || err != nil {
			return Nil{}, err
		}
		return Int(cmp), nil
	})
	def("[]", 1, 2, func(c *Call, a *Array) (Value, error) { return in.arrayPart(c, a, c.Args) })
	k.Alias("slice", "[]")
	def("at", 1, 1, func(c *Call, a *Array) (Value, error) { return a.at(c.Int(0)), nil })
	def("dig", 1, -1, in.digArray)
	def("fetch", 1, 2, func(c *Call, a *Array) (Value, error) {
		i := c.Int(0)
		at := i
		if at < 0 {
			at += len(a.elems)
		}
		switch {
		case at >= 0 && at < len(a.elems):
			return a.elems[at], nil
		case c.Block != nil:
			return c.Yield(c.Args[0])
		case c.Has(1):
			return c.Args[1], nil
		}
		return nil, in.Raise("IndexError", "index %d outside of array bounds: %d...%d", i, -len(a.elems), len(a.elems))
	})
	def("values_at", 0, -1, func(c *Call, a *Array) (Value, error) {
		list := NewArray()
		for i, arg := range c.Args {
			if r, ok := arg.(*Range); ok {
				v, err := in.arrayPart(c, a, []Value{r})
				if err != nil {
					return nil, err
				}
				if part, ok := v.(*Array); ok {
					list.elems = append(list.elems, part.elems...)
				}
				continue
			}
			list.elems = append(list.elems, a.at(c.Int(i)))
		}
		return list, nil
	})
	def("first", 0, 1, func(c *Call, a *Array) (Value, error) {
		if !c.Has(0) {
			return a.at(0), nil
		}
		n := c.Int(0)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "negative array size")
		}
		return c.List(a.copyElems()[:min(n, len(a.elems))]), nil
	})
	def("last", 0, 1, func(c *Call, a *Array) (Value, error) {
		if !c.Has(0) {
			return a.at(-1), nil
		}
		n := c.Int(0)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "negative array size")
		}
		return c.List(a.copyElems()[max(0, len(a.elems)-n):]), nil
	})
	search := func(name string, backwards bool) {
		def(name, 0, 1, func(c *Call, a *Array) (Value, error) {
			if !c.Has(0) && c.Block == nil {
				return c.Enum()
			}
			for n := range len(a.elems) {
				i := n
				if backwards {
					i = len(a.elems) - 1 - n
				}
				ok, err := in.matches(c, a.elems[i])
				if err != nil || ok {
					return Int(i), err
				}
			}
			return Nil{}, nil
		})
	}
	search("index", false)
	search("find_index", false)
	search("rindex", true)
	def("join", 0, 1, func(c *Call, a *Array) (Value, error) {
		var b strings.Builder
		err := in.join(&b, a, c.OptStr(0, ""), true)
		return Str(b.String()), err
	})
	def("reverse", 0, 0, func(c *Call, a *Array) (Value, error) {
		list := c.List(a.copyElems())
		reverse(list.elems)
		return list, nil
	})
	def("rotate", 0, 1, func(c *Call, a *Array) (Value, error) { return c.List(rotated(a.elems, c.OptInt(0, 1))), nil })
	def("hash", 0, 0, func(c *Call, a *Array) (Value, error) {
		var b strings.Builder
		deep(&b, a, 0)
		return Int(fnv(b.String())), nil
	})
	def("pack", 1, 2, func(c *Call, a *Array) (Value, error) { return nil, in.unsupported("Array#pack") })
	def("sample", 0, 2, func(c *Call, a *Array) (Value, error) {
		if len(a.elems) == 0 {
			return Nil{}, nil
		}
		n, err := in.random(len(a.elems))
		if err != nil || c.Has(0) {
			return nil, orError(err, in.unsupported("Array#sample of several"))
		}
		return a.elems[n], nil
	})
	def("shuffle", 0, 1, func(c *Call, a *Array) (Value, error) {
		list := c.List(a.copyElems())
		for i := len(list.elems) - 1; i > 0; i-- {
			n, err := in.random(i + 1)
			if err != nil {
				return nil, err
			}
			list.elems[i], list.elems[n] = list.elems[n], list.elems[i]
		}
		return list, nil
	})
}

func orError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func reverse(list []Value) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}

func rotated(list []Value, by int) []Value {
	n := len(list)
	if n == 0 {
		return nil
	}
	by = ((by % n) + n) % n
	return append(append([]Value(nil), list[by:]...), list[:by]...)
}

// matches is what index, count and their like look for: an equal element, or what the
// block says.
func (in *Interp) matches(c *Call, v Value) (bool, error) {
	if c.Has(0) {
		return in.Equal(v, c.Args[0])
	}
	got, err := c.Yield(v)
	return err == nil && Truthy(got), err
}

// arrayPart is a[…].
func (in *Interp) arrayPart(c *Call, a *Array, args []Value) (Value, error) {
	start, n := 0, 1
	switch {
	case len(args) > 1:
		start, n = c.int(args[0]), c.int(args[1])
		if start < 0 {
			start += len(a.elems)
		}
		if start < 0 || start > len(a.elems) || n < 0 {
			return Nil{}, nil
		}
	default:
		r, ok := args[0].(*Range)
		if !ok {
			return a.at(c.int(args[0])), nil
		}
		if start, n, ok = in.rangeBounds(c, r, len(a.elems)); !ok {
			return Nil{}, nil
		}
	}
	end := min(len(a.elems), start+n)
	return c.List(append([]Value(nil), a.elems[start:end]...)), nil
}

func (in *Interp) digArray(c *Call, a *Array) (Value, error) {
	return in.dig(c, a.at(c.Int(0)), c.Args[1:])
}

func (in *Interp) dig(c *Call, v Value, rest []Value) (Value, error) {
	if len(rest) == 0 || IsNil(v) {
		return v, nil
	}
	if ok, err := in.responds(v, "dig", false); err != nil || !ok {
		return nil, orError(err, in.Raise("TypeError", "%s does not have #dig method", in.ClassOf(v).Name()))
	}
	return in.send(c.frame, v, "dig", rest, nil, sendPublic)
}

func (in *Interp) join(b *strings.Builder, a *Array, sep string, first bool) error {
	leave, ok, err := in.enter(a)
	if err != nil {
		return err
	}
	if !ok {
		return in.Raise("ArgumentError", "recursive array join")
	}
	defer leave()
	for i, v := range a.elems {
		if i > 0 {
			b.WriteString(sep)
		}
		before := b.Len()
		if list, ok := v.(*Array); ok {
			if err := in.join(b, list, sep, false); err != nil {
				return err
			}
			continue
		}
		s, err := in.ToS(v)
		if err != nil {
			return err
		}
		b.WriteString(s)
		if err := in.reserve(int64(b.Len() - before + len(sep))); err != nil {
			return err
		}
	}
	return nil
}
