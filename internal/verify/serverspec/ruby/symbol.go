package ruby

func (in *Interp) bootSymbol() {
	k := in.symbol
	in.noInstances(k)
	def := func(name string, min, max int, fn func(c *Call, s Symbol) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	def("to_s", 0, 0, func(c *Call, s Symbol) (Value, error) { return Str(string(s)), nil })
	k.Alias("id2name", "to_s", "name", "to_s")
	def("to_sym", 0, 0, func(c *Call, s Symbol) (Value, error) { return s, nil })
	def("to_proc", 0, 0, func(c *Call, s Symbol) (Value, error) { return in.symbolProc(string(s)), nil })
	def("inspect", 0, 0, func(c *Call, s Symbol) (Value, error) { return Str(inspectSymbol(string(s))), nil })
	def("==", 1, 1, func(c *Call, s Symbol) (Value, error) { return Bool(Value(s) == c.Args[0]), nil })
	k.Alias("===", "==")
	def("hash", 0, 0, func(c *Call, s Symbol) (Value, error) { return Int(fnv(":" + string(s))), nil })
	def("<=>", 1, 1, func(c *Call, s Symbol) (Value, error) {
		if cmp, ok, _ := in.compare(s, c.Args[0]); ok {
			return Int(cmp), nil
		}
		return Nil{}, nil
	})
	// The rest is what the string of that name does.
	for _, name := range []string{"length", "size", "empty?", "[]", "slice", "=~", "match", "match?", "start_with?", "end_with?", "casecmp", "casecmp?", "encoding"} {
		k.Define(name, 0, -1, func(c *Call) (Value, error) {
			args := append([]Value(nil), c.Args...)
			for i, a := range args {
				if s, ok := a.(Symbol); ok {
					args[i] = Str(string(s))
				}
			}
			return in.send(c.frame, Str(string(c.Self.(Symbol))), name, args, c.Block, sendPublic)
		})
	}
	for _, name := range []string{"upcase", "downcase", "capitalize", "swapcase", "succ", "next"} {
		k.Define(name, 0, -1, func(c *Call) (Value, error) {
			v, err := in.Call(Str(string(c.Self.(Symbol))), name, c.Args...)
			if err != nil {
				return nil, err
			}
			return Symbol(v.(*String).String()), nil
		})
	}
}
