package ruby

import "slices"

// enumeration is the Data of an Enumerator: a method that waits for its block.
type enumeration struct {
	recv  Value
	name  string
	args  []Value
	block *Proc   // Enumerator.new
	queue []Value // what next has left, once it has begun
	begun bool
}

func (in *Interp) newEnumerator(recv Value, name string, args []Value) Value {
	return in.NewObject(in.enumerator, &enumeration{recv: recv, name: name, args: args})
}

func (in *Interp) bootEnumerator() {
	k := in.enumerator
	def := func(name string, min, max int, fn func(c *Call, e *enumeration) (Value, error)) {
		k.Define(name, min, max, on(func(c *Call, o *Object) (Value, error) {
			e, ok := o.Data.(*enumeration)
			if !ok {
				return nil, in.Raise("ArgumentError", "uninitialized enumerator")
			}
			return fn(c, e)
		}))
	}
	yielder := in.DefineClassIn(k, "Yielder", in.Object)
	for _, name := range []string{"<<", "yield", "call"} {
		yielder.Define(name, 0, -1, on(func(c *Call, o *Object) (Value, error) {
			v, err := in.Yield(o.Data.(*Proc), c.Args...)
			if name == "<<" {
				return o, err
			}
			return v, err
		}))
	}
	k.DefineSingleton("new", 0, 1, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.Raise("ArgumentError", "no block given")
		}
		return in.NewObject(k, &enumeration{block: c.Block}), nil
	})
	run := func(e *enumeration, block *Proc) (Value, error) {
		if e.block != nil {
			return in.Yield(e.block, in.NewObject(yielder, block))
		}
		return in.CallBlock(e.recv, e.name, block, e.args...)
	}
	def("each", 0, 0, func(c *Call, e *enumeration) (Value, error) {
		if c.Block == nil {
			return c.Self, nil
		}
		return run(e, c.Block)
	})
	// with runs the method with a block that is given something more.
	with := func(c *Call, e *enumeration, more func() Value) (Value, error) {
		block := in.NewProc(0, -1, func(inner *Call) (Value, error) {
			v := inner.Arg(0)
			if len(inner.Args) > 1 {
				v = NewArray(inner.Args...)
			}
			return c.Yield(v, more())
		})
		return run(e, block)
	}
	index := func(c *Call, e *enumeration) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		i := Int(c.OptInt(0, 0)) - 1
		return with(c, e, func() Value { i++; return i })
	}
	def("with_index", 0, 1, index)
	def("each_with_index", 0, 0, index)
	object := func(c *Call, e *enumeration) (Value, error) {
		_, err := with(c, e, func() Value { return c.Args[0] })
		return c.Args[0], err
	}
	def("with_object", 1, 1, object)
	def("each_with_object", 1, 1, object)
	def("size", 0, 0, func(c *Call, e *enumeration) (Value, error) {
		if e.block != nil {
			return Nil{}, nil
		}
		if e.name == "loop" {
			return in.float.consts["INFINITY"], nil
		}
		list, err := in.collect(c.Self)
		return Int(len(list)), err
	})
	fill := func(c *Call, e *enumeration) error {
		if e.begun {
			return nil
		}
		// Ruby would go on only as far as is asked; a bound stands for what never ends.
		err := in.Each(c.Self, func(v Value) error {
			e.queue = append(e.queue, v)
			if len(e.queue) >= 10000 {
				return errEnough
			}
			return nil
		})
		e.begun = true
		return err
	}
	for _, name := range []string{"next", "peek"} {
		def(name, 0, 0, func(c *Call, e *enumeration) (Value, error) {
			if err := fill(c, e); err != nil {
				return nil, err
			}
			if len(e.queue) == 0 {
				return nil, in.raiseWith(in.errorClass("StopIteration"), map[string]Value{"result": Nil{}}, "iteration reached an end")
			}
			v := e.queue[0]
			if name == "next" {
				e.queue = e.queue[1:]
			}
			return v, nil
		})
	}
	def("rewind", 0, 0, func(c *Call, e *enumeration) (Value, error) {
		e.begun, e.queue = false, nil
		return c.Self, nil
	})
	def("inspect", 0, 0, func(c *Call, e *enumeration) (Value, error) {
		if e.block != nil {
			return Str("#<Enumerator: #<Enumerator::Generator>:each>"), nil
		}
		s, err := in.Inspect(e.recv)
		if err != nil {
			return nil, err
		}
		s = "#<Enumerator: " + s + ":" + e.name
		if len(e.args) > 0 {
			args, err := in.inspectArray(NewArray(e.args...))
			if err != nil {
				return nil, err
			}
			s += "(" + args[1:len(args)-1] + ")"
		}
		return Str(s + ">"), nil
	})
	for _, name := range []string{"to_enum", "enum_for", "each_entry"} {
		in.Kernel.Define(name, 0, -1, func(c *Call) (Value, error) {
			method := "each"
			if c.Has(0) {
				method = c.NameArg(0)
			}
			return in.newEnumerator(c.Self, method, slices.Clone(c.Args[min(1, len(c.Args)):])), nil
		})
	}
	delete(in.Kernel.methods, "each_entry")
}
