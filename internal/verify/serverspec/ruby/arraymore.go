package ruby

// bootArrayMore defines arrays as sets and tables.
func (in *Interp) bootArrayMore() {
	k := in.array
	def := func(name string, min, max int, fn func(c *Call, a *Array) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	def("+", 1, 1, func(c *Call, a *Array) (Value, error) { return c.List(append(a.copyElems(), c.Array(0).elems...)), nil })
	def("*", 1, 1, func(c *Call, a *Array) (Value, error) {
		if s, ok := c.Args[0].(*String); ok {
			return in.send(c.frame, a, "join", []Value{s}, nil, sendPublic)
		}
		n := c.Int(0)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "argument must be non-negative")
		}
		if err := in.reserveProduct(n, 16*len(a.elems)); err != nil {
			return nil, err
		}
		var list []Value
		for range n {
			list = append(list, a.elems...)
		}
		return NewArray(list...), nil
	})
	setOf := func(lists ...*Array) (*Hash, error) {
		h := NewHash()
		for _, l := range lists {
			for _, v := range l.elems {
				id, err := in.keyOf(h, v)
				if err != nil {
					return nil, err
				}
				if _, ok := h.get(id); !ok {
					h.set(id, v, v)
				}
			}
		}
		return h, nil
	}
	// keep gives the elements that are, or are not, among others.
	keep := func(c *Call, a, others *Array, among bool) (*Array, error) {
		h, err := setOf(others)
		if err != nil {
			return nil, err
		}
		list := NewArray()
		for _, v := range a.elems {
			id, err := in.keyOf(h, v)
			if err != nil {
				return nil, err
			}
			if _, ok := h.get(id); ok == among {
				list.elems = append(list.elems, v)
			}
		}
		return list, nil
	}
	values := func(h *Hash, err error) (Value, error) {
		list := NewArray()
		for _, v := range h.All() {
			list.elems = append(list.elems, v)
		}
		return list, err
	}
	def("-", 1, 1, func(c *Call, a *Array) (Value, error) { return keep(c, a, c.Array(0), false) })
	def("difference", 0, -1, func(c *Call, a *Array) (Value, error) {
		list := c.List(a.copyElems())
		for i := range c.Args {
			var err error
			if list, err = keep(c, list, c.Array(i), false); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
	and := func(c *Call, a *Array) (Value, error) {
		list := a
		for i := range c.Args {
			var err error
			if list, err = keep(c, list, c.Array(i), true); err != nil {
				return nil, err
			}
		}
		return values(setOf(list))
	}
	def("&", 1, 1, and)
	def("intersection", 0, -1, and)
	def("intersect?", 1, 1, func(c *Call, a *Array) (Value, error) {
		list, err := keep(c, a, c.Array(0), true)
		if err != nil {
			return nil, err
		}
		return Bool(len(list.elems) > 0), nil
	})
	or := func(c *Call, a *Array) (Value, error) {
		lists := []*Array{a}
		for i := range c.Args {
			lists = append(lists, c.Array(i))
		}
		return values(setOf(lists...))
	}
	def("|", 1, 1, or)
	def("union", 0, -1, or)
	def("compact", 0, 0, func(c *Call, a *Array) (Value, error) {
		list := NewArray()
		for _, v := range a.elems {
			if !IsNil(v) {
				list.elems = append(list.elems, v)
			}
		}
		return list, nil
	})
	def("flatten", 0, 1, func(c *Call, a *Array) (Value, error) {
		list := NewArray()
		err := in.flatten(&list.elems, a, c.OptInt(0, -1))
		return list, err
	})
	def("transpose", 0, 0, func(c *Call, a *Array) (Value, error) {
		out := NewArray()
		for i, row := range a.elems {
			r, ok := row.(*Array)
			if !ok {
				return nil, in.Raise("TypeError", "no implicit conversion of %s into Array", in.described(row))
			}
			if i > 0 && len(r.elems) != len(out.elems) {
				return nil, in.Raise("IndexError", "element size differs (%d should be %d)", len(r.elems), len(out.elems))
			}
			for j, v := range r.elems {
				if i == 0 {
					out.elems = append(out.elems, NewArray())
				}
				col := out.elems[j].(*Array)
				col.elems = append(col.elems, v)
			}
		}
		return out, nil
	})
	def("assoc", 1, 1, func(c *Call, a *Array) (Value, error) { return in.assoc(a, c.Args[0], 0) })
	def("rassoc", 1, 1, func(c *Call, a *Array) (Value, error) { return in.assoc(a, c.Args[0], 1) })
	def("product", 0, -1, func(c *Call, a *Array) (Value, error) {
		rows := [][]Value{{}}
		lists := [][]Value{a.elems}
		for i := range c.Args {
			lists = append(lists, c.Array(i).elems)
		}
		for _, l := range lists {
			if err := in.reserveProduct(len(rows)*len(l), 16*len(lists)); err != nil {
				return nil, err
			}
			var next [][]Value
			for _, r := range rows {
				for _, v := range l {
					next = append(next, append(append([]Value(nil), r...), v))
				}
			}
			rows = next
		}
		return in.rows(c, rows)
	})
	choose := func(name string, ordered bool) {
		def(name, 0, 1, func(c *Call, a *Array) (Value, error) {
			n := c.OptInt(0, len(a.elems))
			var rows [][]Value
			err := in.choose(a.elems, n, ordered, func(row []Value) error {
				rows = append(rows, row)
				return in.reserve(int64(16*n) + 48)
			})
			if err != nil {
				return nil, err
			}
			return in.rows(c, rows)
		})
	}
	choose("combination", false)
	choose("permutation", true)
	def("bsearch", 0, 0, func(c *Call, a *Array) (Value, error) {
		lo, hi := 0, len(a.elems)
		for lo < hi {
			mid := (lo + hi) / 2
			v, err := c.Yield(a.elems[mid])
			if err != nil {
				return nil, err
			}
			if n, ok := v.(Int); ok && n == 0 {
				return a.elems[mid], nil
			} else if v == Value(True) || ok && n < 0 {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		return a.at(min(lo, len(a.elems))), nil
	})
}

// rows gives a list of arrays, to the block if there is one. Without a block, methods
// that would give an Enumerator give the list: all that Enumerators can, arrays can.
func (in *Interp) rows(c *Call, rows [][]Value) (Value, error) {
	list := NewArray()
	for _, r := range rows {
		list.elems = append(list.elems, NewArray(r...))
	}
	if c.Block == nil {
		return list, nil
	}
	for _, r := range list.elems {
		if _, err := c.Yield(r); err != nil {
			return nil, err
		}
	}
	return c.Self, nil
}

func (in *Interp) assoc(a *Array, key Value, at int) (Value, error) {
	for _, v := range a.elems {
		if row, ok := v.(*Array); ok && len(row.elems) > at {
			eq, err := in.Equal(row.elems[at], key)
			if err != nil || eq {
				return row, err
			}
		}
	}
	return Nil{}, nil
}

func (in *Interp) flatten(out *[]Value, a *Array, depth int) error {
	leave, ok, err := in.enter(a)
	if err != nil {
		return err
	}
	if !ok {
		return in.Raise("ArgumentError", "tried to flatten recursive array")
	}
	defer leave()
	for _, v := range a.elems {
		if list, ok := in.asArray(v); ok && depth != 0 {
			sub, isArray := v.(*Array)
			if !isArray {
				sub = NewArray(list...)
			}
			if err := in.flatten(out, sub, depth-1); err != nil {
				return err
			}
			continue
		}
		*out = append(*out, v)
		if err := in.reserve(16); err != nil {
			return err
		}
	}
	return nil
}

// choose calls fn with each choice of n elements.
func (in *Interp) choose(list []Value, n int, ordered bool, fn func(row []Value) error) error {
	if n < 0 || n > len(list) {
		return nil
	}
	used := make([]bool, len(list))
	var row []Value
	var walk func(from int) error
	walk = func(from int) error {
		if err := in.step(); err != nil {
			return err
		}
		if len(row) == n {
			return fn(append([]Value(nil), row...))
		}
		if ordered {
			from = 0
		}
		for i := from; i < len(list); i++ {
			if used[i] {
				continue
			}
			used[i] = true
			row = append(row, list[i])
			if err := walk(i + 1); err != nil {
				return err
			}
			row = row[:len(row)-1]
			used[i] = false
		}
		return nil
	}
	return walk(0)
}
