package ruby

import "strings"

// bootProcess defines what runs commands, and what tells how they ended.
func (in *Interp) bootProcess() {
	process := in.DefineModule("Process")
	status := in.DefineClassIn(process, "Status", in.Object)
	process.SetConst("CLOCK_MONOTONIC", Int(1))
	process.SetConst("CLOCK_REALTIME", Int(0))
	process.DefineSingleton("pid", 0, 0, func(c *Call) (Value, error) { return in.pid() })
	process.DefineSingleton("clock_gettime", 1, 2, func(c *Call) (Value, error) {
		t, err := in.world.Now(in.Place("Now"))
		if err != nil {
			return nil, in.worldError(err, "")
		}
		switch unit, _ := c.Arg(1).(Symbol); unit {
		case "millisecond":
			return Int(t.UnixMilli()), nil
		case "microsecond":
			return Int(t.UnixMicro()), nil
		case "nanosecond":
			return Int(t.UnixNano()), nil
		case "second":
			return Int(t.Unix()), nil
		}
		return Float(float64(t.UnixNano()) / 1e9), nil
	})
	get := func(name string, value func(o *Output) Value) {
		status.Define(name, 0, 0, on(func(c *Call, o *Object) (Value, error) { return value(o.Data.(*Output)), nil }))
	}
	get("exitstatus", func(o *Output) Value {
		if o.Signal != 0 {
			return Nil{}
		}
		return Int(o.Exit)
	})
	get("success?", func(o *Output) Value {
		if o.Signal != 0 {
			return Nil{}
		}
		return Bool(o.Exit == 0)
	})
	get("to_i", func(o *Output) Value { return Int(o.Exit<<8 | o.Signal) })
	get("exited?", func(o *Output) Value { return Bool(o.Signal == 0) })
	get("signaled?", func(o *Output) Value { return Bool(o.Signal != 0) })
	get("termsig", func(o *Output) Value {
		if o.Signal == 0 {
			return Nil{}
		}
		return Int(o.Signal)
	})
	get("pid", func(o *Output) Value { return Int(0) })
	show := func(o *Output) Value { return Str("pid 0 exit " + Int(o.Exit).String()) }
	get("to_s", show)
	get("inspect", func(o *Output) Value { return Str("#<Process::Status: pid 0 exit " + Int(o.Exit).String() + ">") })
	status.Define("==", 1, 1, on(func(c *Call, o *Object) (Value, error) {
		n, ok := c.Args[0].(Int)
		return Bool(ok && int(n) == o.Data.(*Output).Exit<<8), nil
	}))
	in.kernelFunction("`", 1, 1, func(c *Call) (Value, error) {
		out, err := in.command(Command{Line: c.Str(0)})
		if err != nil {
			return nil, err
		}
		if out.Missing {
			return nil, in.noCommand(c.Str(0))
		}
		if err := in.print(2, string(out.Stderr)); err != nil {
			return nil, err
		}
		return c.Text(string(out.Stdout)), nil
	})
	in.kernelFunction("system", 1, -1, func(c *Call) (Value, error) {
		cmd, err := in.commandOf(c, c.Args)
		if err != nil {
			return nil, err
		}
		cmd.Inherit = true
		out, err := in.command(cmd)
		if err != nil || out.Missing {
			return Nil{}, err
		}
		if err := in.print(1, string(out.Stdout)); err != nil {
			return nil, err
		}
		return Bool(out.Exit == 0 && out.Signal == 0), in.print(2, string(out.Stderr))
	})
	in.open3()
}

// pid is a number that stands for the process which Ruby would be: specs make names of
// it that nobody else has.
func (in *Interp) pid() (Value, error) {
	if in.ownPid == 0 {
		b, err := in.world.Random(Place{Kind: "Pid"}, 2)
		if err != nil {
			return nil, in.worldError(err, "")
		}
		in.ownPid = 2 + int(b[0])<<8 + int(b[1])
	}
	return Int(in.ownPid), nil
}

// plainCommand takes a line apart that Ruby would not give to a shell: one without any of
// its characters and words.
func plainCommand(line string) ([]string, bool) {
	words := strings.Fields(line)
	if len(words) == 0 || strings.ContainsAny(line, "*?{}[]<>()~&|\\$;'`\"\n#=%") {
		return nil, false
	}
	return words, !containsWord("! . : [ alias bg break case cd command continue do done elif else esac eval exec exit export fc fg fi for "+
		"getopts hash if in jobs login newgrp read readonly return set shift test then times trap type ulimit umask unalias unset until wait while", words[0])
}

// command runs one and sets $?.
func (in *Interp) command(cmd Command) (*Output, error) {
	if words, ok := plainCommand(cmd.Line); ok && len(cmd.Argv) == 0 {
		cmd.Line, cmd.Argv = "", words
	}
	set, removed := in.Env()
	var env []string
	for _, name := range sortedKeys(set) {
		env = append(env, name+"="+set[name])
	}
	cmd.Env, cmd.Unset = append(env, cmd.Env...), removed
	out, err := in.world.Run(in.ctx, in.Place("Run"), cmd)
	if err != nil {
		return nil, in.worldError(err, cmd.Line)
	}
	if err := in.reserve(int64(len(out.Stdout) + len(out.Stderr))); err != nil {
		return nil, err
	}
	process := in.Object.consts["Process"].(*Class)
	in.globals["$?"] = in.NewObject(process.consts["Status"].(*Class), &out)
	return &out, nil
}

func (in *Interp) noCommand(line string) error {
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	errno := in.Object.consts["Errno"].(*Class)
	return in.RaiseClass(errno.consts["ENOENT"].(*Class), "No such file or directory - %s", name)
}

// commandOf reads the arguments of system, popen and Open3: an environment, a line or
// program and arguments, options.
func (in *Interp) commandOf(c *Call, args []Value) (Command, error) {
	var cmd Command
	if len(args) > 0 {
		if env, ok := args[0].(*Hash); ok {
			args = args[1:]
			for name, v := range env.All() {
				if !IsNil(v) {
					cmd.Env = append(cmd.Env, c.str(name).String()+"="+c.str(v).String())
				}
			}
		}
	}
	if n := len(args); n > 0 {
		if options, ok := args[n-1].(*Hash); ok {
			args = args[:n-1]
			for name, v := range options.All() {
				switch name {
				case Value(Symbol("chdir")):
					cmd.Dir = c.str(v).String()
				case Value(Symbol("stdin_data")):
					cmd.Stdin = []byte(c.str(v).String())
				case Value(Symbol("err")), Value(Symbol("out")), Value(Symbol("binmode")), Value(Symbol("exception")):
				default:
					return cmd, in.unsupported("the option " + in.inspectOr(name) + " of a command")
				}
				if a, ok := v.(*Array); ok && name == Value(Symbol("err")) && len(a.elems) == 2 {
					cmd.Merge = true
				}
			}
		}
	}
	if len(args) == 1 {
		if a, ok := args[0].(*Array); ok {
			args = a.elems
			if len(args) > 0 {
				if env, ok := args[0].(*Hash); ok {
					_ = env
					return in.commandOf(c, args)
				}
			}
			for _, v := range args {
				cmd.Argv = append(cmd.Argv, c.str(v).String())
			}
			return cmd, nil
		}
		cmd.Line = c.str(args[0]).String()
		return cmd, nil
	}
	for _, v := range args {
		cmd.Argv = append(cmd.Argv, c.str(v).String())
	}
	return cmd, nil
}

func (in *Interp) popen(c *Call) (Value, error) {
	args := c.Args
	// The mode stands between the command and its options.
	var clean []Value
	for i, v := range args {
		if s, ok := v.(*String); ok && i > 0 && len(s.String()) <= 3 && strings.Trim(s.String(), "rwab+") == "" {
			if strings.ContainsAny(s.String(), "wa+") {
				return nil, in.unsupported("writing to a command")
			}
			continue
		}
		clean = append(clean, v)
	}
	cmd, err := in.commandOf(c, clean)
	if err != nil {
		return nil, err
	}
	out, err := in.command(cmd)
	if err != nil {
		return nil, err
	}
	text := string(out.Stdout)
	if cmd.Merge && len(out.Stderr) > 0 {
		text += string(out.Stderr)
	} else if err := in.print(2, string(out.Stderr)); err != nil {
		return nil, err
	}
	o := in.NewObject(c.Self.(*Class), &stream{text: Str(text), output: out})
	if c.Block == nil {
		return o, nil
	}
	v, err := c.Yield(o)
	o.Data.(*stream).closed = true
	return v, err
}

func (in *Interp) open3() {
	m := in.DefineModule("Open3")
	def := func(name string, result func(out *Output) []Value) {
		m.DefineSingleton(name, 1, -1, func(c *Call) (Value, error) {
			cmd, err := in.commandOf(c, c.Args)
			if err != nil {
				return nil, err
			}
			cmd.Merge = name == "capture2e"
			out, err := in.command(cmd)
			if err != nil {
				return nil, err
			}
			if out.Missing {
				return nil, in.noCommand(strings.Join(append(cmd.Argv, strings.Fields(cmd.Line)...), " "))
			}
			if name == "capture2" {
				if err := in.print(2, string(out.Stderr)); err != nil {
					return nil, err
				}
			}
			return NewArray(append(result(out), in.globals["$?"])...), nil
		})
	}
	def("capture3", func(o *Output) []Value { return []Value{Str(string(o.Stdout)), Str(string(o.Stderr))} })
	def("capture2", func(o *Output) []Value { return []Value{Str(string(o.Stdout))} })
	def("capture2e", func(o *Output) []Value { return []Value{Str(string(o.Stdout) + string(o.Stderr))} })
	for _, name := range []string{"popen3", "popen2", "popen2e", "pipeline"} {
		m.DefineSingleton(name, 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("Open3." + name) })
	}
}
