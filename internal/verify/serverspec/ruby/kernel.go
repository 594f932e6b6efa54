package ruby

import (
	"slices"
	"strings"
)

// kernelFunction defines what all objects call without a receiver, and Kernel with one.
func (in *Interp) kernelFunction(name string, min, max int, fn Func) {
	in.Kernel.DefinePrivate(name, min, max, fn)
	in.singletonClass(in.Kernel).Define(name, min, max, fn)
}

func (in *Interp) bootKernel() {
	def := in.kernelFunction
	def("puts", 0, -1, func(c *Call) (Value, error) { return Nil{}, in.puts(1, c.Args) })
	def("print", 0, -1, func(c *Call) (Value, error) { return Nil{}, in.printAll(1, c.Args) })
	def("p", 0, -1, func(c *Call) (Value, error) { return in.p(c.Args) })
	def("pp", 0, -1, func(c *Call) (Value, error) { return in.p(c.Args) })
	def("warn", 0, -1, func(c *Call) (Value, error) {
		c.passed()
		if len(c.Args) == 0 {
			return Nil{}, nil
		}
		return Nil{}, in.puts(2, c.Args)
	})
	def("putc", 1, 1, func(c *Call) (Value, error) {
		if n, ok := c.Args[0].(Int); ok {
			return c.Args[0], in.print(1, string([]byte{byte(n)}))
		}
		return c.Args[0], in.print(1, strings.Join(Str(c.Str(0)).chars()[:1], ""))
	})
	def("printf", 0, -1, func(c *Call) (Value, error) {
		if len(c.Args) == 0 {
			return Nil{}, nil
		}
		s, err := in.format(c, c.Str(0), c.Args[1:])
		if err != nil {
			return nil, err
		}
		return Nil{}, in.print(1, s)
	})
	def("format", 1, -1, func(c *Call) (Value, error) {
		s, err := in.format(c, c.Str(0), c.Args[1:])
		return Str(s), err
	})
	in.Kernel.Alias("sprintf", "format")
	in.singletonClass(in.Kernel).Alias("sprintf", "format")
	def("raise", 0, -1, in.raise)
	def("fail", 0, -1, in.raise)
	def("loop", 0, 0, in.loop)
	def("catch", 0, 1, in.catch)
	def("throw", 1, 2, func(c *Call) (Value, error) {
		if !in.caught(c.Args[0]) {
			extra := map[string]Value{"tag": c.Args[0], "value": c.Arg(1)}
			return nil, in.raiseWith(in.errorClass("UncaughtThrowError"), extra, "uncaught throw %s", in.inspectOr(c.Args[0]))
		}
		return nil, &throwOut{c.Args[0], c.Arg(1)}
	})
	def("lambda", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.Raise("ArgumentError", "tried to create Proc object without a block")
		}
		return c.Block, nil
	})
	def("proc", 0, 0, func(c *Call) (Value, error) {
		if c.Block == nil {
			return nil, in.Raise("ArgumentError", "tried to create Proc object without a block")
		}
		return c.Block, nil
	})
	def("block_given?", 0, 0, func(c *Call) (Value, error) { return Bool(c.frame.act.block != nil), nil })
	def("__method__", 0, 0, func(c *Call) (Value, error) {
		if m := c.frame.act.method; m != nil {
			return Symbol(m.Name), nil
		}
		return Nil{}, nil
	})
	def("__dir__", 0, 0, func(c *Call) (Value, error) {
		s, err := in.expandPath(c.frame.dirOf(), "")
		return Str(s), err
	})
	def("caller", 0, 2, func(c *Call) (Value, error) {
		list := NewArray()
		for i, f := range in.backtrace() {
			if i > 0 {
				list.elems = append(list.elems, Str(f.String()))
			}
		}
		return list, nil
	})
	def("local_variables", 0, 0, func(c *Call) (Value, error) {
		list := NewArray()
		for s := c.frame.scope; s != nil; s = s.parent {
			for _, n := range s.names {
				list.elems = append(list.elems, Symbol(n))
			}
		}
		return list, nil
	})
	def("global_variables", 0, 0, func(c *Call) (Value, error) {
		list := NewArray()
		for _, n := range sortedKeys(in.globals) {
			list.elems = append(list.elems, Symbol(n))
		}
		return list, nil
	})
	def("sleep", 0, 1, func(c *Call) (Value, error) {
		if !c.Has(0) {
			return nil, &Exhausted{in.pos, "its time: it sleeps forever"}
		}
		seconds := c.Float(0)
		if seconds < 0 {
			return nil, in.Raise("ArgumentError", "time interval must not be negative")
		}
		return Int(int64(seconds + 0.5)), in.sleep(seconds)
	})
	def("exit", 0, 1, in.exit)
	def("abort", 0, 1, func(c *Call) (Value, error) {
		if c.Has(0) {
			if err := in.puts(2, c.Args); err != nil {
				return nil, err
			}
		}
		return nil, in.raiseWith(in.errorClass("SystemExit"), map[string]Value{"status": Int(1)}, "%s", c.OptStr(0, "exit"))
	})
	def("trap", 1, 2, func(c *Call) (Value, error) { return Str("DEFAULT"), nil }) // nobody sends a spec signals
	def("at_exit", 0, 0, func(c *Call) (Value, error) { return c.Block, nil })
	def("require", 1, 1, func(c *Call) (Value, error) { return in.require(c, c.Str(0), "") })
	def("require_relative", 1, 1, func(c *Call) (Value, error) { return in.require(c, c.Str(0), c.frame.dirOf()) })
	def("load", 1, 2, in.load)
	def("autoload", 2, 2, func(c *Call) (Value, error) {
		in.autoloads[constPath{c.frame.class(in), c.NameArg(0)}] = c.Str(1)
		return Nil{}, nil
	})
	in.module.Define("autoload", 2, 2, func(c *Call) (Value, error) {
		in.autoloads[constPath{c.Self.(*Class), c.NameArg(0)}] = c.Str(1)
		return Nil{}, nil
	})
	for function, library := range map[string]string{"URI": "uri", "Pathname": "pathname"} {
		def(function, 1, 1, func(c *Call) (Value, error) { // which the library then defines itself
			if in.loaded["prelude:"+library] {
				return nil, in.NoMethod(c.Self, function, c.Args, true)
			}
			if err := in.runPrelude(library); err != nil {
				return nil, err
			}
			return in.send(c.frame, c.Self, function, c.Args, nil, sendSelf)
		})
	}
	def("srand", 0, 1, func(c *Call) (Value, error) { return Int(0), nil })
	def("rand", 0, 1, in.rand)
	def("set_trace_func", 1, 1, func(c *Call) (Value, error) { return nil, in.unsupported("set_trace_func") })
}

// loop ends when its block raises StopIteration; its limits are those of steps and time.
func (in *Interp) loop(c *Call) (Value, error) {
	if c.Block == nil {
		return c.Enum()
	}
	for {
		if _, err := c.Yield(); err != nil {
			if r, ok := err.(*Raise); ok && in.below(r.Exception.class, in.errorClass("StopIteration")) {
				if v, ok := exceptionOf(r.Exception).extra["result"]; ok {
					return v, nil
				}
				return Nil{}, nil
			}
			return nil, err
		}
	}
}

func (in *Interp) catch(c *Call) (Value, error) {
	var tag Value = in.NewObject(in.Object, nil)
	if c.Has(0) {
		tag = c.Args[0]
	}
	in.catching = append(in.catching, tag)
	v, err := c.Yield(tag)
	in.catching = in.catching[:len(in.catching)-1]
	if out, ok := err.(*throwOut); ok && same(out.tag, tag) {
		return out.value, nil
	}
	return v, err
}

func (in *Interp) caught(tag Value) bool {
	return slices.ContainsFunc(in.catching, func(v Value) bool { return same(v, tag) })
}

func (in *Interp) exit(c *Call) (Value, error) {
	status := Int(0)
	switch v := c.Arg(0).(type) {
	case Bool:
		if !v {
			status = 1
		}
	case Int:
		status = v
	}
	return nil, in.raiseWith(in.errorClass("SystemExit"), map[string]Value{"status": status}, "exit")
}

func (in *Interp) print(stream int, text string) error {
	if err := in.reserve(int64(len(text))); err != nil {
		return err
	}
	if b := in.captured[stream]; b != nil {
		b.WriteString(text)
		return in.reserve(int64(len(text)))
	}
	return in.worldError(in.world.Print(in.Place("Print"), stream, text), "")
}

func (in *Interp) puts(stream int, args []Value) error {
	var b strings.Builder
	if len(args) == 0 {
		b.WriteByte('\n')
	}
	if err := in.putsTo(&b, args, 0); err != nil {
		return err
	}
	return in.print(stream, b.String())
}

func (in *Interp) putsTo(b *strings.Builder, args []Value, depth int) error {
	if depth > in.limits.Depth {
		return in.tooDeep()
	}
	for _, v := range args {
		if elems, ok := in.asArray(v); ok {
			a := NewArray(elems...)
			if depth == 0 && len(a.elems) == 0 && len(args) == 1 {
				b.WriteByte('\n')
			}
			if err := in.putsTo(b, a.elems, depth+1); err != nil {
				return err
			}
			continue
		}
		s, err := in.ToS(v)
		if err != nil {
			return err
		}
		b.WriteString(s)
		if !strings.HasSuffix(s, "\n") {
			b.WriteByte('\n')
		}
	}
	return nil
}

func (in *Interp) printAll(stream int, args []Value) error {
	var b strings.Builder
	for _, v := range args {
		s, err := in.ToS(v)
		if err != nil {
			return err
		}
		b.WriteString(s)
	}
	return in.print(stream, b.String())
}

func (in *Interp) p(args []Value) (Value, error) {
	var b strings.Builder
	for _, v := range args {
		s, err := in.Inspect(v)
		if err != nil {
			return nil, err
		}
		b.WriteString(s + "\n")
	}
	if err := in.print(1, b.String()); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		return Nil{}, nil
	case 1:
		return args[0], nil
	}
	return NewArray(args...), nil
}
