package ruby

import "strings"

func (in *Interp) bootRegexp() {
	k := in.regexp
	def := func(name string, min, max int, fn func(c *Call, r *Regexp) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	for name, n := range map[string]Int{"IGNORECASE": 1, "EXTENDED": 2, "MULTILINE": 4} {
		k.SetConst(name, n)
	}
	build := func(c *Call) (Value, error) {
		if r, ok := c.Arg(0).(*Regexp); ok {
			return r, nil
		}
		flags := ""
		switch v := c.Arg(1).(type) {
		case Int:
			for i, f := range "ixm" {
				if v&(1<<i) != 0 {
					flags += string(f)
				}
			}
		case *String:
			flags = v.String()
		default:
			if Truthy(v) {
				flags = "i"
			}
		}
		return in.newRegexp(c.Str(0), flags)
	}
	k.DefineSingleton("new", 1, 3, build)
	k.DefineSingleton("compile", 1, 3, build)
	escape := func(c *Call) (Value, error) {
		if s, ok := c.Args[0].(Symbol); ok {
			return Str(quoteRegexp(string(s))), nil
		}
		return c.Text(quoteRegexp(c.Str(0))), nil
	}
	k.DefineSingleton("escape", 1, 1, escape)
	k.DefineSingleton("quote", 1, 1, escape)
	k.DefineSingleton("union", 0, -1, func(c *Call) (Value, error) {
		list := c.Args
		if len(list) == 1 {
			if a, ok := list[0].(*Array); ok {
				list = a.elems
			}
		}
		if len(list) == 0 {
			return in.newRegexp("(?!)", "")
		}
		var parts []string
		for _, v := range list {
			r, ok := v.(*Regexp)
			switch {
			case ok && len(list) == 1:
				return r, nil
			case ok:
				parts = append(parts, r.embedded())
			default:
				if s, ok := v.(Symbol); ok {
					v = Str(string(s))
				}
				parts = append(parts, quoteRegexp(c.str(v).String()))
			}
		}
		return in.newRegexp(strings.Join(parts, "|"), "")
	})
	k.DefineSingleton("last_match", 0, 1, func(c *Call) (Value, error) {
		m, ok := c.frame.act.match.(*Match)
		if !ok {
			return Nil{}, nil
		}
		if !c.Has(0) {
			return m, nil
		}
		if n, ok := c.Args[0].(Int); ok {
			return m.Group(int(n)), nil
		}
		n, err := in.groupNumber(m, c.Args[0])
		if err != nil {
			return nil, err
		}
		return m.Group(n), nil
	})
	def("source", 0, 0, func(c *Call, r *Regexp) (Value, error) { return Str(r.source), nil })
	def("to_s", 0, 0, func(c *Call, r *Regexp) (Value, error) { return Str(r.embedded()), nil })
	def("inspect", 0, 0, func(c *Call, r *Regexp) (Value, error) { return Str(r.inspect()), nil })
	def("options", 0, 0, func(c *Call, r *Regexp) (Value, error) {
		n := 0
		for i, f := range "ixm" {
			if r.Has(byte(f)) {
				n |= 1 << i
			}
		}
		return Int(n), nil
	})
	def("casefold?", 0, 0, func(c *Call, r *Regexp) (Value, error) { return Bool(r.Has('i')), nil })
	def("names", 0, 0, func(c *Call, r *Regexp) (Value, error) { return NewArray(stringValues(unique(r.names), false)...), nil })
	def("==", 1, 1, func(c *Call, r *Regexp) (Value, error) {
		eq, err := in.Equal(r, c.Args[0])
		return Bool(eq), err
	})
	def("===", 1, 1, func(c *Call, r *Regexp) (Value, error) {
		s, ok := textOf(c.Args[0])
		if !ok {
			c.setMatch(nil)
			return False, nil
		}
		m, err := in.search(c, r, s, false)
		return Bool(m != nil), err
	})
	def("=~", 1, 1, func(c *Call, r *Regexp) (Value, error) { return in.matchOperator(c, r, c.Args[0]) })
	def("match", 1, 2, func(c *Call, r *Regexp) (Value, error) {
		if IsNil(c.Args[0]) {
			c.setMatch(nil)
			return Nil{}, nil
		}
		return in.matchMethod(c, r, c.Args[0], c.OptInt(1, 0))
	})
	def("match?", 1, 2, func(c *Call, r *Regexp) (Value, error) {
		if IsNil(c.Args[0]) {
			return False, nil
		}
		s, ok := textOf(c.Args[0])
		if !ok {
			s = c.str(c.Args[0])
		}
		m, err := in.match1(r, s, c.OptInt(1, 0))
		return Bool(m != nil), err
	})
	def("~", 0, 0, func(c *Call, r *Regexp) (Value, error) { return nil, in.unsupported("Regexp#~") })
}

func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func textOf(v Value) (*String, bool) {
	switch v := v.(type) {
	case *String:
		return v, true
	case Symbol:
		return Str(string(v)), true
	}
	return nil, false
}

// matchOperator is r =~ text: the character where it matches, or nil.
func (in *Interp) matchOperator(c *Call, r *Regexp, text Value) (Value, error) {
	if IsNil(text) {
		c.setMatch(nil)
		return Nil{}, nil
	}
	s, ok := textOf(text)
	if !ok {
		s = c.str(text)
	}
	m, err := in.search(c, r, s, false)
	if err != nil || m == nil {
		return Nil{}, err
	}
	return Int(m.charAt(m.groups[0][0])), nil
}

// charAt counts the characters before a byte.
func (m *Match) charAt(b int) int {
	return (&String{s: m.text.String()[:b], binary: m.text.binary}).length()
}

func (in *Interp) matchMethod(c *Call, r *Regexp, text Value, from int) (Value, error) {
	s, ok := textOf(text)
	if !ok {
		s = c.str(text)
	}
	m, err := in.match1(r, s, from)
	if err != nil {
		return nil, err
	}
	c.setMatch(m)
	if m == nil {
		return Nil{}, nil
	}
	if c.Block != nil {
		return c.Yield(m)
	}
	return m, nil
}

func (r *Regexp) inspect() string {
	var b strings.Builder
	b.WriteByte('/')
	for i := 0; i < len(r.source); i++ {
		switch ch := r.source[i]; {
		case ch == '\\' && i+1 < len(r.source):
			b.WriteString(r.source[i : i+2])
			i++
		case ch == '/':
			b.WriteString(`\/`)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String() + "/" + r.flags
}

func quoteRegexp(s string) string {
	var b strings.Builder
	for _, ch := range charsOf(s, false) {
		switch ch {
		case "\n":
			b.WriteString(`\n`)
		case "\t":
			b.WriteString(`\t`)
		case "\r":
			b.WriteString(`\r`)
		case "\f":
			b.WriteString(`\f`)
		case "\v":
			b.WriteString(`\v`)
		case "[", "]", "{", "}", "(", ")", "|", "-", "*", ".", "\\", "?", "+", "^", "$", "#", " ":
			b.WriteString(`\` + ch)
		default:
			b.WriteString(ch)
		}
	}
	return b.String()
}

func (in *Interp) bootMatch() {
	def := func(name string, min, max int, fn func(c *Call, m *Match) (Value, error)) {
		in.match.Define(name, min, max, on(fn))
	}
	def("[]", 1, 2, func(c *Call, m *Match) (Value, error) {
		switch v := c.Args[0].(type) {
		case Int:
			if !c.Has(1) {
				return m.Group(int(v)), nil
			}
		case *String, Symbol:
			n, err := in.groupNumber(m, v)
			if err != nil {
				return nil, err
			}
			return m.Group(n), nil
		}
		return in.Call(m.array(0), "[]", c.Args...)
	})
	def("to_a", 0, 0, func(c *Call, m *Match) (Value, error) { return m.array(0), nil })
	def("captures", 0, 0, func(c *Call, m *Match) (Value, error) { return m.array(1), nil })
	def("named_captures", 0, 1, func(c *Call, m *Match) (Value, error) {
		h := NewHash()
		for _, n := range m.re.names {
			v, _ := m.Named(n)
			h.Set(Str(n), v)
		}
		return h, nil
	})
	def("names", 0, 0, func(c *Call, m *Match) (Value, error) {
		return NewArray(stringValues(unique(m.re.names), false)...), nil
	})
	def("pre_match", 0, 0, func(c *Call, m *Match) (Value, error) { return m.special('`'), nil })
	def("post_match", 0, 0, func(c *Call, m *Match) (Value, error) { return m.special('\''), nil })
	def("to_s", 0, 0, func(c *Call, m *Match) (Value, error) { return m.Group(0), nil })
	def("string", 0, 0, func(c *Call, m *Match) (Value, error) { return m.text.frozenCopy(), nil })
	def("regexp", 0, 0, func(c *Call, m *Match) (Value, error) { return m.re, nil })
	def("size", 0, 0, func(c *Call, m *Match) (Value, error) { return Int(m.count()), nil })
	in.match.Alias("length", "size")
	def("values_at", 0, -1, func(c *Call, m *Match) (Value, error) { return in.Call(m.array(0), "values_at", c.Args...) })
	edge := func(name string, get func(from, to int) []int) {
		def(name, 1, 1, func(c *Call, m *Match) (Value, error) {
			n, err := in.groupNumber(m, c.Args[0])
			if err != nil {
				return nil, err
			}
			var list []Value
			for _, b := range get(m.bytes(n)) {
				if b < 0 {
					list = append(list, Nil{})
				} else {
					list = append(list, Int(m.charAt(b)))
				}
			}
			if len(list) == 1 {
				return list[0], nil
			}
			return NewArray(list...), nil
		})
	}
	edge("begin", func(from, to int) []int { return []int{from} })
	edge("end", func(from, to int) []int { return []int{to} })
	edge("offset", func(from, to int) []int { return []int{from, to} })
	def("inspect", 0, 0, func(c *Call, m *Match) (Value, error) {
		var b strings.Builder
		b.WriteString("#<MatchData " + in.inspectOr(m.Group(0)))
		for i := 1; i < m.count(); i++ {
			name := Int(i).String()
			if len(m.re.names) > 0 {
				name = m.re.names[i-1]
			}
			b.WriteString(" " + name + ":" + in.inspectOr(m.Group(i)))
		}
		return Str(b.String() + ">"), nil
	})
}

func (m *Match) array(from int) *Array {
	a := NewArray()
	for i := from; i < m.count(); i++ {
		a.elems = append(a.elems, m.Group(i))
	}
	return a
}
