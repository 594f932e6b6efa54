package ruby

// enumerableParts take a collection apart by position.
func (in *Interp) enumerableParts(k *Class) {
	k.Define("first", 0, 1, func(c *Call) (Value, error) {
		n := c.OptInt(0, 1)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "attempt to take negative size")
		}
		list := NewArray()
		var err error
		if n > 0 {
			err = in.Each(c.Self, func(v Value) error {
				list.elems = append(list.elems, v)
				if len(list.elems) >= n {
					return errEnough
				}
				return nil
			})
		}
		if !c.Has(0) {
			return list.at(0), err
		}
		return list, err
	})
	k.Define("take", 1, 1, func(c *Call) (Value, error) {
		if c.Int(0) < 0 {
			return nil, in.Raise("ArgumentError", "attempt to take negative size")
		}
		return in.send(c.frame, c.Self, "first", c.Args, nil, sendPublic)
	})
	k.Define("drop", 1, 1, func(c *Call) (Value, error) {
		list, err := in.collect(c.Self)
		if err != nil {
			return nil, err
		}
		if c.Int(0) < 0 {
			return nil, in.Raise("ArgumentError", "attempt to drop negative size")
		}
		return c.List(append([]Value(nil), list[min(c.Int(0), len(list)):]...)), nil
	})
	for _, name := range []string{"take_while", "drop_while"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			list, taken := NewArray(), name == "take_while"
			started := taken
			err := in.Each(c.Self, func(v Value) error {
				if taken || !started {
					got, err := c.Yield(v)
					if err != nil {
						return err
					}
					if !Truthy(got) {
						if taken {
							return errEnough
						}
						started = true
					}
				}
				if started {
					list.elems = append(list.elems, v)
				}
				return nil
			})
			return list, err
		})
	}
	runs := func(name string, slices bool) {
		k.Define(name, 1, 1, func(c *Call) (Value, error) {
			n := c.Int(0)
			if n <= 0 {
				kind := "slice"
				if !slices {
					kind = ""
				}
				return nil, in.Raise("ArgumentError", "invalid %ssize", map[string]string{"slice": "slice ", "": ""}[kind])
			}
			if c.Block == nil {
				return c.Enum()
			}
			var run []Value
			err := in.Each(c.Self, func(v Value) error {
				run = append(run, v)
				if len(run) < n {
					return nil
				}
				_, err := c.Yield(NewArray(append([]Value(nil), run...)...))
				if slices {
					run = nil
				} else {
					run = run[1:]
				}
				return err
			})
			if err == nil && slices && len(run) > 0 {
				_, err = c.Yield(NewArray(run...))
			}
			return c.Self, err
		})
	}
	runs("each_slice", true)
	runs("each_cons", false)
}

// bootEnumerableMore defines grouping, and what needs all elements at once.
func (in *Interp) bootEnumerableMore() {
	k := in.Enumerable
	k.Define("partition", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		yes, no := NewArray(), NewArray()
		err := in.Each(c.Self, func(v Value) error {
			got, err := c.Yield(v)
			if Truthy(orNil(got)) {
				yes.elems = append(yes.elems, v)
			} else {
				no.elems = append(no.elems, v)
			}
			return err
		})
		return NewArray(yes, no), err
	})
	k.Define("group_by", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		h := NewHash()
		err := in.Each(c.Self, func(v Value) error {
			key, err := c.Yield(v)
			if err != nil {
				return err
			}
			id, err := in.keyOf(h, key)
			if err != nil {
				return err
			}
			if list, ok := h.get(id); ok {
				a := list.(*Array)
				a.elems = append(a.elems, v)
			} else {
				h.set(id, key, NewArray(v))
			}
			return nil
		})
		return h, err
	})
	k.Define("tally", 0, 0, func(c *Call) (Value, error) {
		h := NewHash()
		err := in.Each(c.Self, func(v Value) error {
			n, err := in.hashGet(h, v)
			if err != nil {
				return err
			}
			i, _ := n.(Int)
			return in.hashSet(h, v, i+1)
		})
		return h, err
	})
	k.Define("uniq", 0, 0, func(c *Call) (Value, error) {
		h, list := NewHash(), NewArray()
		err := in.Each(c.Self, func(v Value) (err error) {
			key := v
			if c.Block != nil {
				if key, err = c.Yield(v); err != nil {
					return err
				}
			}
			id, err := in.keyOf(h, key)
			if err != nil {
				return err
			}
			if _, ok := h.get(id); !ok {
				h.set(id, key, True)
				list.elems = append(list.elems, v)
			}
			return nil
		})
		return list, err
	})
	k.Define("to_h", 0, -1, func(c *Call) (Value, error) {
		h := NewHash()
		err := in.Each(c.Self, func(v Value) (err error) {
			if c.Block != nil {
				if v, err = c.Yield(v); err != nil {
					return err
				}
			}
			return in.addPair(h, v)
		})
		return h, err
	})
	k.Define("to_set", 0, -1, func(c *Call) (Value, error) {
		set, err := in.constIn(c.frame, in.Object, "Set", false)
		if err != nil {
			return nil, err
		}
		return in.CallBlock(set, "new", c.Block, c.Self)
	})
	k.Define("zip", 0, -1, func(c *Call) (Value, error) {
		list, err := in.collect(c.Self)
		if err != nil {
			return nil, err
		}
		var others [][]Value
		for _, a := range c.Args {
			o, err := in.collect(a)
			if err != nil {
				return nil, err
			}
			others = append(others, o)
		}
		var rows [][]Value
		for i, v := range list {
			row := []Value{v}
			for _, o := range others {
				row = append(row, NewArray(o...).at(min(i, len(o))))
			}
			rows = append(rows, row)
		}
		if c.Block != nil {
			_, err := in.rows(c, rows)
			return Nil{}, err
		}
		return in.rows(c, rows)
	})
	k.Define("cycle", 0, 1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		list, err := in.collect(c.Self)
		if err != nil || len(list) == 0 {
			return Nil{}, err
		}
		for n := 0; !c.Has(0) || IsNil(c.Args[0]) || n < c.Int(0); n++ {
			for _, v := range list {
				if _, err := c.Yield(v); err != nil {
					return nil, err
				}
			}
		}
		return Nil{}, nil
	})
	k.Define("compact", 0, 0, func(c *Call) (Value, error) {
		list := NewArray()
		err := in.Each(c.Self, func(v Value) error {
			if !IsNil(v) {
				list.elems = append(list.elems, v)
			}
			return nil
		})
		return list, err
	})
	in.enumerableChunks(k)
	k.Define("lazy", 0, 0, func(c *Call) (Value, error) { return nil, in.unsupported("Enumerator::Lazy") })
}

// enumerableChunks defines chunk, chunk_while and slice_when; they give arrays where Ruby
// gives Enumerators.
func (in *Interp) enumerableChunks(k *Class) {
	k.Define("chunk", 0, 0, func(c *Call) (Value, error) {
		list := NewArray()
		err := in.Each(c.Self, func(v Value) error {
			key, err := c.Yield(v)
			if err != nil {
				return err
			}
			if n := len(list.elems); n > 0 {
				last := list.elems[n-1].(*Array)
				eq, err := in.Equal(last.elems[0], key)
				if err != nil {
					return err
				}
				if eq {
					a := last.elems[1].(*Array)
					a.elems = append(a.elems, v)
					return nil
				}
			}
			list.elems = append(list.elems, NewArray(key, NewArray(v)))
			return nil
		})
		return list, err
	})
	for _, name := range []string{"chunk_while", "slice_when"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) {
			list := NewArray()
			var before Value
			err := in.Each(c.Self, func(v Value) error {
				together := false
				if before != nil {
					got, err := c.Yield(before, v)
					if err != nil {
						return err
					}
					together = Truthy(got) == (name == "chunk_while")
				}
				before = v
				if together {
					a := list.elems[len(list.elems)-1].(*Array)
					a.elems = append(a.elems, v)
				} else {
					list.elems = append(list.elems, NewArray(v))
				}
				return nil
			})
			return list, err
		})
	}
}

// addPair adds what to_h makes an entry of.
func (in *Interp) addPair(h *Hash, v Value) error {
	pair, ok := v.(*Array)
	if !ok {
		return in.Raise("TypeError", "wrong element type %s (expected array)", in.ClassOf(v).Name())
	}
	if len(pair.elems) != 2 {
		return in.Raise("ArgumentError", "element has wrong array length (expected 2, was %d)", len(pair.elems))
	}
	key := pair.elems[0]
	if s, ok := key.(*String); ok && !s.frozen {
		key = s.frozenCopy()
	}
	return in.hashSet(h, key, pair.elems[1])
}
