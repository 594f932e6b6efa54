package ruby

import "strings"

// stream is the Data of an IO, File or StringIO: text to read, or somewhere to print.
type stream struct {
	text   *String
	at     int
	path   string
	number int // 1 and 2: the spec's own output; 0: text
	closed bool
	output *Output // of a command

	writes bool // a file that text is written to when it is flushed
	more   bool // at its end
	begun  bool // and the file was written to
	each   bool // every call flushes
}

func (in *Interp) bootIO() {
	k := in.Object.consts["IO"].(*Class)
	k.Include(in.Enumerable)
	sio := in.DefineClass("StringIO", k)
	sio.alloc = func(c *Class) (Value, error) { return in.NewObject(c, &stream{text: Str("")}), nil }
	sio.Define("initialize", 0, 2, on(func(c *Call, o *Object) (Value, error) {
		if c.Has(0) {
			o.Data.(*stream).text = c.str(c.Args[0])
		}
		return Nil{}, nil
	}))
	out := in.NewObject(k, &stream{number: 1, path: "<STDOUT>"})
	errs := in.NewObject(k, &stream{number: 2, path: "<STDERR>"})
	input := in.NewObject(k, &stream{text: Str(""), path: "<STDIN>"})
	for name, o := range map[string]*Object{"STDOUT": out, "STDERR": errs, "STDIN": input} {
		in.Object.SetConst(name, o)
		in.globals["$"+strings.ToLower(name)] = o
	}
	in.globals["$>"] = out
	in.streamOutput(k)
	in.streamInput(k)
	k.DefineSingleton("popen", 1, -1, in.popen)
	for _, name := range []string{"select", "pipe", "copy_stream", "sysopen", "for_fd"} {
		k.DefineSingleton(name, 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("IO." + name) })
	}
}

func streamFunc(fn func(c *Call, o *Object, s *stream) (Value, error)) Func {
	return on(func(c *Call, o *Object) (Value, error) {
		s, ok := o.Data.(*stream)
		if !ok || s.closed {
			return nil, c.In.Raise("IOError", "closed stream")
		}
		return fn(c, o, s)
	})
}

func (in *Interp) streamOutput(k *Class) {
	write := func(s *stream, text string) error {
		switch {
		case s.number > 0:
			return in.print(s.number, text)
		case s.path != "" && !s.writes:
			return in.Raise("IOError", "not opened for writing")
		}
		s.text.add(text)
		if err := in.reserve(int64(len(text))); err != nil || !s.each {
			return err
		}
		return in.flush(s)
	}
	k.Define("puts", 0, -1, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) {
		var b strings.Builder
		if len(c.Args) == 0 {
			b.WriteByte('\n')
		}
		if err := in.putsTo(&b, c.Args, 0); err != nil {
			return nil, err
		}
		return Nil{}, write(s, b.String())
	}))
	for _, name := range []string{"print", "write", "<<"} {
		k.Define(name, 0, -1, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) {
			n := 0
			for _, v := range c.Args {
				text, err := in.ToS(v)
				if err != nil {
					return nil, err
				}
				n += len(text)
				if err := write(s, text); err != nil {
					return nil, err
				}
			}
			switch name {
			case "write":
				return Int(n), nil
			case "<<":
				return o, nil
			}
			return Nil{}, nil
		}))
	}
	k.Define("printf", 1, -1, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) {
		text, err := in.format(c, c.Str(0), c.Args[1:])
		if err != nil {
			return nil, err
		}
		return Nil{}, write(s, text)
	}))
	for _, name := range []string{"sync", "sync=", "set_encoding", "binmode", "winsize"} {
		k.Define(name, 0, -1, func(c *Call) (Value, error) { return c.Self, nil })
	}
	for _, name := range []string{"flush", "fsync"} {
		k.Define(name, 0, 0, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) { return o, in.flush(s) }))
	}
	for _, name := range []string{"tty?", "isatty"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) { return False, nil })
	}
	k.Define("fileno", 0, 0, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) { return Int(s.number), nil }))
}

// line takes the next line off a stream.
func (s *stream) line() (string, bool) {
	text := s.text.String()
	if s.at >= len(text) {
		return "", false
	}
	rest := text[s.at:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i+1]
	}
	s.at += len(rest)
	return rest, true
}

func (in *Interp) streamInput(k *Class) {
	read := func(name string, max int, fn func(c *Call, o *Object, s *stream) (Value, error)) {
		k.Define(name, 0, max, streamFunc(func(c *Call, o *Object, s *stream) (Value, error) {
			if s.text == nil {
				return nil, in.Raise("IOError", "not opened for reading")
			}
			return fn(c, o, s)
		}))
	}
	read("read", 2, func(c *Call, o *Object, s *stream) (Value, error) {
		text := s.text.String()
		rest := text[min(s.at, len(text)):]
		if n := c.OptInt(0, len(rest)); n < len(rest) {
			rest = rest[:n]
		}
		s.at += len(rest)
		return c.Text(rest), nil
	})
	read("gets", 2, func(c *Call, o *Object, s *stream) (Value, error) {
		line, ok := s.line()
		if !ok {
			return Nil{}, nil
		}
		if Truthy(orNil(c.passed().Symbol("chomp"))) {
			line = chomp(line)
		}
		return c.Text(line), nil
	})
	read("readline", 1, func(c *Call, o *Object, s *stream) (Value, error) {
		line, ok := s.line()
		if !ok {
			return nil, in.Raise("EOFError", "end of file reached")
		}
		return c.Text(line), nil
	})
	lines := func(c *Call, s *stream) []Value {
		chop := Truthy(orNil(c.passed().Symbol("chomp")))
		var list []Value
		for line, ok := s.line(); ok; line, ok = s.line() {
			if chop {
				line = chomp(line)
			}
			list = append(list, c.Text(line))
		}
		return list
	}
	read("readlines", 2, func(c *Call, o *Object, s *stream) (Value, error) { return c.List(lines(c, s)), nil })
	for _, name := range []string{"each_line", "each"} {
		read(name, 2, func(c *Call, o *Object, s *stream) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			for _, v := range lines(c, s) {
				if _, err := c.Yield(v); err != nil {
					return nil, err
				}
			}
			return o, nil
		})
	}
	for _, name := range []string{"eof?", "eof"} {
		read(name, 0, func(c *Call, o *Object, s *stream) (Value, error) { return Bool(s.at >= s.text.size()), nil })
	}
	read("rewind", 0, func(c *Call, o *Object, s *stream) (Value, error) { s.at = 0; return Int(0), nil })
	read("string", 0, func(c *Call, o *Object, s *stream) (Value, error) { return s.text, nil })
	k.Define("close", 0, 0, on(func(c *Call, o *Object) (Value, error) {
		s := o.Data.(*stream)
		if s.closed {
			return Nil{}, nil
		}
		s.closed = true
		return Nil{}, in.flush(s)
	}))
	for _, name := range []string{"close_write", "close_read"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) { return Nil{}, nil })
	}
	k.Define("closed?", 0, 0, on(func(c *Call, o *Object) (Value, error) { return Bool(o.Data.(*stream).closed), nil }))
	for _, name := range []string{"path", "to_path"} {
		k.Define(name, 0, 0, on(func(c *Call, o *Object) (Value, error) { return Str(o.Data.(*stream).path), nil }))
	}
	k.Define("inspect", 0, 0, on(func(c *Call, o *Object) (Value, error) {
		return Str("#<" + o.class.Name() + ":" + o.Data.(*stream).path + ">"), nil
	}))
}

// fileContent defines reading files, for IO and so for File.
func (in *Interp) fileContent(io *Class) {
	content := func(c *Call) (*String, error) {
		if o, ok := c.Self.(*Class); ok && o.Name() == "IO" && strings.HasPrefix(c.pathArg(0), "|") {
			return nil, in.unsupported("reading from a command by its name")
		}
		b, err := in.world.ReadFile(in.Place("ReadFile"), c.pathArg(0))
		if err == nil {
			err = in.reserve(int64(len(b)))
		}
		if err != nil {
			return nil, in.worldError(err, "rb_sysopen - "+c.pathArg(0))
		}
		return Str(string(b)), nil
	}
	io.DefineSingleton("read", 1, 4, func(c *Call) (Value, error) {
		c.passed()
		s, err := content(c)
		if err == nil && c.Has(1) {
			text := s.String()
			from := min(c.OptInt(2, 0), len(text))
			s = Str(text[from:min(len(text), from+c.OptInt(1, len(text)))])
		}
		return s, err
	})
	io.DefineSingleton("binread", 1, 3, func(c *Call) (Value, error) {
		s, err := content(c)
		if s != nil {
			s.binary = true
		}
		return s, err
	})
	for _, name := range []string{"readlines", "foreach"} {
		io.DefineSingleton(name, 1, 4, func(c *Call) (Value, error) {
			s, err := content(c)
			if err != nil {
				return nil, err
			}
			method := map[string]string{"readlines": "lines", "foreach": "each_line"}[name]
			v, err := in.CallBlock(s, method, c.Block, c.Args[1:]...)
			if name == "foreach" && c.Block != nil {
				return Nil{}, err
			}
			return v, err
		})
	}
	open := func(c *Call) (Value, error) {
		c.passed()
		if mode, ok := c.Arg(1).(*String); ok && strings.ContainsAny(mode.String(), "wa+") {
			return in.openToWrite(c, mode.String())
		}
		s, err := content(c)
		if err != nil {
			return nil, err
		}
		o := in.NewObject(in.Object.consts["File"].(*Class), &stream{text: s, path: c.pathArg(0)})
		if c.Block == nil {
			return o, nil
		}
		v, err := c.Yield(o)
		o.Data.(*stream).closed = true
		return v, err
	}
	file := in.Object.consts["File"].(*Class)
	file.DefineSingleton("open", 1, 4, open)
	file.DefineSingleton("new", 1, 4, open)
	in.kernelFunction("open", 1, 4, func(c *Call) (Value, error) {
		name := c.pathArg(0)
		if strings.HasPrefix(name, "|") {
			return nil, in.unsupported("open of a command")
		}
		if strings.HasPrefix(name, "http:") || strings.HasPrefix(name, "https:") {
			return nil, in.unsupported("open of a URL")
		}
		return open(c)
	})
}
