package ruby

import "errors"

// errEnough ends an iteration early; it never reaches Ruby code.
var errEnough = errors.New("enough")

// Each calls fn with each element of a collection, as its method each yields them;
// several values at once come as an Array.
func (in *Interp) Each(v Value, fn func(v Value) error) error {
	switch v := v.(type) {
	case *Array:
		for i := 0; i < len(v.elems); i++ {
			if err := fn(v.elems[i]); err != nil {
				return ignoreEnough(err)
			}
			if err := in.step(); err != nil {
				return err
			}
		}
		return nil
	case *Hash:
		for k, e := range v.All() {
			if err := fn(NewArray(k, e)); err != nil {
				return ignoreEnough(err)
			}
			if err := in.step(); err != nil {
				return err
			}
		}
		return nil
	}
	block := in.NewProc(0, -1, func(c *Call) (Value, error) {
		if len(c.Args) > 1 {
			return Nil{}, fn(NewArray(c.Args...))
		}
		return Nil{}, fn(c.Arg(0))
	})
	block.lambda = false
	_, err := in.CallBlock(v, "each", block)
	return ignoreEnough(err)
}

func ignoreEnough(err error) error {
	if err == errEnough {
		return nil
	}
	return err
}

// collect lists all elements.
func (in *Interp) collect(v Value) ([]Value, error) {
	if a, ok := v.(*Array); ok {
		return a.elems, nil
	}
	var list []Value
	err := in.Each(v, func(e Value) error {
		list = append(list, e)
		return in.reserve(16)
	})
	return list, err
}

// bootEnumerable defines what needs nothing but each.
func (in *Interp) bootEnumerable() {
	k := in.Enumerable
	// blocky defines a method that without its block gives an Enumerator.
	blocky := func(name string, fn Func) {
		k.Define(name, 0, 0, func(c *Call) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			return fn(c)
		})
	}
	// filter defines a method that keeps some elements.
	filter := func(name string, keep func(c *Call, v, got Value, list *Array)) {
		blocky(name, func(c *Call) (Value, error) {
			list := NewArray()
			err := in.Each(c.Self, func(v Value) error {
				got, err := c.Yield(v)
				if err == nil {
					keep(c, v, got, list)
					err = in.reserve(16)
				}
				return err
			})
			return list, err
		})
	}
	filter("map", func(c *Call, v, got Value, list *Array) { list.elems = append(list.elems, got) })
	k.Alias("collect", "map")
	filter("select", func(c *Call, v, got Value, list *Array) {
		if Truthy(got) {
			list.elems = append(list.elems, v)
		}
	})
	k.Alias("filter", "select", "find_all", "select")
	filter("reject", func(c *Call, v, got Value, list *Array) {
		if !Truthy(got) {
			list.elems = append(list.elems, v)
		}
	})
	filter("filter_map", func(c *Call, v, got Value, list *Array) {
		if Truthy(got) {
			list.elems = append(list.elems, got)
		}
	})
	filter("flat_map", func(c *Call, v, got Value, list *Array) {
		if a, ok := got.(*Array); ok {
			list.elems = append(list.elems, a.elems...)
		} else {
			list.elems = append(list.elems, got)
		}
	})
	k.Alias("collect_concat", "flat_map")
	k.Define("to_a", 0, -1, func(c *Call) (Value, error) {
		list, err := in.collect(c.Self)
		return NewArray(list...), err
	})
	k.Alias("entries", "to_a")
	k.Define("each_entry", 0, -1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		return c.Self, in.Each(c.Self, func(v Value) error { _, err := c.Yield(v); return err })
	})
	k.Define("each_with_index", 0, -1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		i := Int(0)
		return c.Self, in.Each(c.Self, func(v Value) error {
			_, err := c.Yield(v, i)
			i++
			return err
		})
	})
	k.Define("each_with_object", 1, 1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		return c.Args[0], in.Each(c.Self, func(v Value) error { _, err := c.Yield(v, c.Args[0]); return err })
	})
	k.Define("reverse_each", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		list, err := in.collect(c.Self)
		if err != nil {
			return nil, err
		}
		for i := len(list) - 1; i >= 0 && i < len(list); i-- {
			if _, err := c.Yield(list[i]); err != nil {
				return nil, err
			}
		}
		return c.Self, nil
	})
	in.enumerableTests(k)
	in.enumerableFolds(k)
	in.enumerableParts(k)
}

// enumerableTests are questions with a yes, a no, a number or an element for an answer.
func (in *Interp) enumerableTests(k *Class) {
	// holds is what all?, any? and their like ask of an element.
	holds := func(c *Call, v Value) (bool, error) {
		switch {
		case c.Has(0):
			return in.CaseEqual(c.Args[0], v)
		case c.Block != nil:
			got, err := c.Yield(v)
			return err == nil && Truthy(got), err
		}
		return Truthy(v), nil
	}
	count := func(name string, verdict func(yes, no int) (Value, bool)) {
		k.Define(name, 0, 1, func(c *Call) (Value, error) {
			yes, no := 0, 0
			err := in.Each(c.Self, func(v Value) error {
				ok, err := holds(c, v)
				if err != nil {
					return err
				}
				if ok {
					yes++
				} else {
					no++
				}
				if _, done := verdict(yes, no); done {
					return errEnough
				}
				return nil
			})
			v, _ := verdict(yes, no)
			return v, err
		})
	}
	count("all?", func(yes, no int) (Value, bool) { return Bool(no == 0), no > 0 })
	count("any?", func(yes, no int) (Value, bool) { return Bool(yes > 0), yes > 0 })
	count("none?", func(yes, no int) (Value, bool) { return Bool(yes == 0), yes > 0 })
	count("one?", func(yes, no int) (Value, bool) { return Bool(yes == 1), yes > 1 })
	k.Define("count", 0, 1, func(c *Call) (Value, error) {
		n := 0
		err := in.Each(c.Self, func(v Value) error {
			ok := true
			var err error
			if c.Has(0) || c.Block != nil {
				ok, err = in.matches(c, v)
			}
			if ok {
				n++
			}
			return err
		})
		return Int(n), err
	})
	k.Define("include?", 1, 1, func(c *Call) (Value, error) {
		found := false
		err := in.Each(c.Self, func(v Value) error {
			var err error
			if found, err = in.Equal(v, c.Args[0]); err == nil && found {
				return errEnough
			}
			return err
		})
		return Bool(found), err
	})
	k.Alias("member?", "include?")
	k.Define("find", 0, 1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		var found Value
		err := in.Each(c.Self, func(v Value) error {
			got, err := c.Yield(v)
			if err == nil && Truthy(got) {
				found = v
				return errEnough
			}
			return err
		})
		if found == nil && err == nil && !IsNil(c.Arg(0)) {
			return in.Call(c.Args[0], "call")
		}
		return orNil(found), err
	})
	k.Alias("detect", "find")
	k.Define("find_index", 0, 1, func(c *Call) (Value, error) {
		i, at := 0, -1
		err := in.Each(c.Self, func(v Value) error {
			ok, err := in.matches(c, v)
			if err == nil && ok {
				at = i
				return errEnough
			}
			i++
			return err
		})
		if at < 0 {
			return Nil{}, err
		}
		return Int(at), err
	})
	for _, name := range []string{"grep", "grep_v"} {
		k.Define(name, 1, 1, func(c *Call) (Value, error) {
			list := NewArray()
			err := in.Each(c.Self, func(v Value) error {
				got, err := in.send(c.frame, c.Args[0], "===", []Value{v}, nil, sendSelf)
				if err != nil || Truthy(got) != (name == "grep") {
					return err
				}
				if c.Block != nil {
					if v, err = c.Yield(v); err != nil {
						return err
					}
				}
				list.elems = append(list.elems, v)
				return nil
			})
			return list, err
		})
	}
}

// enumerableFolds make one value of all.
func (in *Interp) enumerableFolds(k *Class) {
	k.Define("inject", 0, 2, func(c *Call) (Value, error) {
		var acc Value
		op := ""
		args := c.Args
		if n := len(args); n > 0 && c.Block == nil {
			op = c.NameArg(n - 1)
			args = args[:n-1]
		}
		if len(args) > 0 {
			acc = args[0]
		}
		err := in.Each(c.Self, func(v Value) (err error) {
			switch {
			case acc == nil:
				acc = v
			case op != "":
				acc, err = in.send(c.frame, acc, op, []Value{v}, nil, sendPublic)
			default:
				acc, err = c.Yield(acc, v)
			}
			return err
		})
		return orNil(acc), err
	})
	k.Alias("reduce", "inject")
	k.Define("sum", 0, 1, func(c *Call) (Value, error) {
		acc := Value(Int(0))
		if c.Has(0) {
			acc = c.Args[0]
		}
		floats, comp := false, 0.0
		err := in.Each(c.Self, func(v Value) (err error) {
			if c.Block != nil {
				if v, err = c.Yield(v); err != nil {
					return err
				}
			}
			a, accIsFloat := acc.(Float)
			if f, ok := toFloat(v); ok && accIsFloat {
				// Kahan and Babuska: Ruby's sums of floats carry the error along.
				floats = true
				t := float64(a) + f
				if abs(float64(a)) >= abs(f) {
					comp += (float64(a) - t) + f
				} else {
					comp += (f - t) + float64(a)
				}
				acc = Float(t)
				return nil
			}
			acc, err = in.send(c.frame, acc, "+", []Value{v}, nil, sendPublic)
			return err
		})
		if f, ok := acc.(Float); ok && floats {
			acc = f + Float(comp)
		}
		return acc, err
	})
	best := func(name string, sign int, by bool) {
		k.Define(name, 0, 1, func(c *Call) (Value, error) {
			if by && c.Block == nil {
				return c.Enum()
			}
			list, err := in.collect(c.Self)
			if err != nil {
				return nil, err
			}
			cmp := in.order
			if by {
				if list, err = in.decorate(c, list); err != nil {
					return nil, err
				}
				cmp = func(a, b Value) (int, error) { return in.order(a.(*Array).elems[0], b.(*Array).elems[0]) }
			} else if c.Block != nil {
				cmp = c.blockOrder
			}
			if c.Has(0) && !IsNil(c.Args[0]) {
				sorted := append([]Value(nil), list...)
				if err := in.sort(sorted, func(a, b Value) (int, error) { n, err := cmp(a, b); return sign * n, err }); err != nil {
					return nil, err
				}
				if by {
					undecorate(sorted)
				}
				return NewArray(sorted[:min(len(sorted), max(0, c.Int(0)))]...), nil
			}
			var top Value
			for _, v := range list {
				if top == nil {
					top = v
					continue
				}
				n, err := cmp(top, v)
				if err != nil {
					return nil, err
				}
				if n*sign > 0 {
					top = v
				}
			}
			if by && top != nil {
				top = top.(*Array).elems[1]
			}
			return orNil(top), nil
		})
	}
	best("min", 1, false)
	best("max", -1, false)
	best("min_by", 1, true)
	best("max_by", -1, true)
	for _, name := range []string{"minmax", "minmax_by"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) {
			suffix := name[len("minmax"):]
			lo, err := in.send(c.frame, c.Self, "min"+suffix, nil, c.Block, sendPublic)
			if err != nil {
				return nil, err
			}
			hi, err := in.send(c.frame, c.Self, "max"+suffix, nil, c.Block, sendPublic)
			return NewArray(lo, hi), err
		})
	}
	k.Define("sort", 0, 0, func(c *Call) (Value, error) {
		list, err := in.collect(c.Self)
		if err != nil {
			return nil, err
		}
		sorted := c.List(append([]Value(nil), list...))
		cmp := in.order
		if c.Block != nil {
			cmp = c.blockOrder
		}
		return sorted, in.sort(sorted.elems, cmp)
	})
	k.Define("sort_by", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		list, err := in.collect(c.Self)
		if err != nil {
			return nil, err
		}
		if list, err = in.decorate(c, list); err != nil {
			return nil, err
		}
		err = in.sort(list, func(a, b Value) (int, error) { return in.order(a.(*Array).elems[0], b.(*Array).elems[0]) })
		undecorate(list)
		return c.List(list), err
	})
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}

// decorate pairs each element with what the block says of it.
func (in *Interp) decorate(c *Call, list []Value) ([]Value, error) {
	out := make([]Value, len(list))
	for i, v := range list {
		key, err := c.Yield(v)
		if err != nil {
			return nil, err
		}
		out[i] = NewArray(key, v)
	}
	return out, nil
}

func undecorate(list []Value) {
	for i, v := range list {
		list[i] = v.(*Array).elems[1]
	}
}
