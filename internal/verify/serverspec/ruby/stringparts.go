package ruby

import (
	"strings"
	"unicode/utf8"
)

// bootStringParts defines what takes strings apart.
func (in *Interp) bootStringParts() {
	k := in.str
	def := func(name string, min, max int, fn func(c *Call, s *String) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	def("[]", 1, 2, func(c *Call, s *String) (Value, error) {
		v, _, _, err := in.stringPart(c, s, c.Args)
		return v, err
	})
	k.Alias("slice", "[]")
	def("byteslice", 1, 2, func(c *Call, s *String) (Value, error) {
		b := s.clone()
		b.binary = true
		v, _, _, err := in.stringPart(c, b, c.Args)
		if t, ok := v.(*String); ok {
			t.binary = s.binary
		}
		return v, err
	})
	def("getbyte", 1, 1, func(c *Call, s *String) (Value, error) {
		i := c.Int(0)
		if i < 0 {
			i += s.size()
		}
		if i < 0 || i >= s.size() {
			return Nil{}, nil
		}
		return Int(s.String()[i]), nil
	})
	split := func(name, each string, parts func(c *Call, s *String) ([]Value, error)) {
		list := func(c *Call, s *String) (Value, error) {
			elems, err := parts(c, s)
			if err != nil {
				return nil, err
			}
			a := c.List(elems)
			if c.Block == nil {
				return a, nil
			}
			for _, v := range a.elems {
				if _, err := c.Yield(v); err != nil {
					return nil, err
				}
			}
			return s, nil
		}
		def(name, 0, 2, list)
		def(each, 0, 2, func(c *Call, s *String) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			return list(c, s)
		})
	}
	split("chars", "each_char", func(c *Call, s *String) ([]Value, error) { return stringValues(s.chars(), s.binary), nil })
	split("grapheme_clusters", "each_grapheme_cluster", func(c *Call, s *String) ([]Value, error) { return stringValues(s.chars(), s.binary), nil })
	split("bytes", "each_byte", func(c *Call, s *String) ([]Value, error) {
		if err := in.reserve(int64(s.size()) * 16); err != nil {
			return nil, err
		}
		var list []Value
		for _, b := range []byte(s.String()) {
			list = append(list, Int(b))
		}
		return list, nil
	})
	split("codepoints", "each_codepoint", func(c *Call, s *String) ([]Value, error) {
		var list []Value
		for _, r := range s.String() {
			list = append(list, Int(r))
		}
		return list, nil
	})
	split("lines", "each_line", func(c *Call, s *String) ([]Value, error) {
		chop := Truthy(orNil(c.passed().Symbol("chomp")))
		sep := c.OptStr(0, "\n")
		var list []Value
		text := s.String()
		for text != "" {
			i := strings.Index(text, sep)
			end := len(text)
			if i >= 0 && sep != "" {
				end = i + len(sep)
			}
			if sep == "" {
				if i = strings.Index(text, "\n\n"); i >= 0 {
					end = i + len(text[i:]) - len(strings.TrimLeft(text[i:], "\n"))
				}
			}
			line := text[:end]
			text = text[end:]
			if chop {
				if sep == "\n" {
					line = chomp(line)
				} else {
					line = strings.TrimSuffix(line, sep)
				}
			}
			list = append(list, &String{s: line, binary: s.binary})
		}
		return list, nil
	})
	def("split", 0, 2, func(c *Call, s *String) (Value, error) {
		parts, err := in.split(c, s)
		if err != nil {
			return nil, err
		}
		a := c.List(stringValues(parts, s.binary))
		if c.Block == nil {
			return a, nil
		}
		for _, v := range a.elems {
			if _, err := c.Yield(v); err != nil {
				return nil, err
			}
		}
		return s, nil
	})
	part := func(name string, last bool) {
		def(name, 1, 1, func(c *Call, s *String) (Value, error) {
			text := s.String()
			from, to := -1, -1
			if r, ok := c.Args[0].(*Regexp); ok {
				m, err := in.search(c, r, s, last)
				if err != nil {
					return nil, err
				}
				if m != nil {
					from, to = m.bytes(0)
				}
			} else if sep := c.Str(0); last {
				if from = strings.LastIndex(text, sep); from >= 0 {
					to = from + len(sep)
				}
			} else if from = strings.Index(text, sep); from >= 0 {
				to = from + len(sep)
			}
			switch {
			case from >= 0:
				return NewArray(Str(text[:from]), Str(text[from:to]), Str(text[to:])), nil
			case last:
				return NewArray(Str(""), Str(""), Str(text)), nil
			}
			return NewArray(Str(text), Str(""), Str("")), nil
		})
	}
	part("partition", false)
	part("rpartition", true)
	def("upto", 1, 2, func(c *Call, s *String) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		r := &Range{s, c.Args[0], Truthy(c.Arg(1))}
		return s, in.eachString(r, func(v Value) error { _, err := c.Yield(v); return err })
	})
	for _, name := range []string{"unpack", "unpack1"} {
		def(name, 1, 2, func(c *Call, s *String) (Value, error) { return nil, in.unsupported("String#" + name) })
	}
}

func orNil(v Value) Value {
	if v == nil {
		return Nil{}
	}
	return v
}

func stringValues(list []string, binary bool) []Value {
	vals := make([]Value, len(list))
	for i, s := range list {
		vals[i] = &String{s: s, binary: binary}
	}
	return vals
}

// stringPart is s[…], with the bytes between which it lies.
func (in *Interp) stringPart(c *Call, s *String, args []Value) (v Value, from, to int, err error) {
	text := s.String()
	cut := func(start, n int) (Value, int, int, error) {
		part, ok := s.slice(start, n)
		if !ok {
			return Nil{}, 0, 0, nil
		}
		if start < 0 {
			start += s.length()
		}
		from := offset(text, start, s.ascii())
		return part, from, from + part.size(), nil
	}
	if r, ok := args[0].(*Regexp); ok {
		m, err := in.search(c, r, s, false)
		if err != nil || m == nil {
			return Nil{}, 0, 0, err
		}
		group := 0
		if len(args) > 1 {
			if group, err = in.groupNumber(m, args[1]); err != nil {
				return nil, 0, 0, err
			}
		}
		from, to := m.bytes(group)
		return m.Group(group), from, to, nil
	}
	if len(args) > 1 {
		return cut(c.int(args[0]), c.int(args[1]))
	}
	switch a := args[0].(type) {
	case *String:
		if i := strings.Index(text, a.String()); i >= 0 {
			return a.clone(), i, i + a.size(), nil
		}
		return Nil{}, 0, 0, nil
	case *Range:
		start, n, ok := in.rangeBounds(c, a, s.length())
		if !ok {
			return Nil{}, 0, 0, nil
		}
		return cut(start, n)
	}
	i := c.int(args[0])
	n := s.length()
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return Nil{}, 0, 0, nil
	}
	return cut(i, 1)
}

// rangeBounds is the start and length that a range means in something of that length.
func (in *Interp) rangeBounds(c *Call, r *Range, length int) (start, n int, ok bool) {
	end := -1
	if !IsNil(r.Lo) {
		start = c.int(r.Lo)
	}
	if !IsNil(r.Hi) {
		end = c.int(r.Hi)
	}
	if start < 0 {
		start += length
	}
	if end < 0 {
		end += length
	}
	if r.Exclusive && !IsNil(r.Hi) {
		end--
	}
	if start < 0 || start > length {
		return 0, 0, false
	}
	return start, max(0, min(end, length-1)-start+1), true
}

// split is String#split.
func (in *Interp) split(c *Call, s *String) ([]string, error) {
	text, limit := s.String(), c.OptInt(1, 0)
	if text == "" {
		return nil, nil
	}
	if limit == 1 {
		return []string{text}, nil
	}
	var parts []string
	sep := c.Arg(0)
	if IsNil(sep) {
		sep = Str(" ")
	}
	switch sep := sep.(type) {
	case *Regexp:
		var err error
		if parts, err = in.splitRegexp(c, s, sep, limit); err != nil {
			return nil, err
		}
	default:
		switch by := c.str(sep).String(); by {
		case " ":
			parts = splitSpace(text, limit)
		case "":
			parts = s.chars()
			if limit > 0 && len(parts) > limit {
				parts = append(parts[:limit-1:limit-1], strings.Join(parts[limit-1:], ""))
			} else if limit != 0 && len(parts) < limit || limit < 0 {
				parts = append(parts, "")
			}
		default:
			n := -1
			if limit > 0 {
				n = limit
			}
			parts = strings.SplitN(text, by, n)
		}
	}
	if limit == 0 {
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	return parts, nil
}

func splitSpace(text string, limit int) []string {
	var parts []string
	rest := strings.TrimLeft(text, space)
	for rest != "" {
		if limit > 0 && len(parts) == limit-1 {
			return append(parts, rest)
		}
		i := strings.IndexAny(rest, space)
		if i < 0 {
			return append(parts, rest)
		}
		parts = append(parts, rest[:i])
		rest = strings.TrimLeft(rest[i:], space)
	}
	if limit != 0 {
		parts = append(parts, "")
	}
	return parts
}

func (in *Interp) splitRegexp(c *Call, s *String, r *Regexp, limit int) ([]string, error) {
	text := s.String()
	var parts []string
	begin := 0
	err := in.scan(r, s, func(m *Match) (bool, error) {
		from, to := m.bytes(0)
		if from == to {
			if from >= len(text) {
				return false, nil
			}
			if from == begin {
				// An empty match splits off one character.
				if from == 0 && begin == 0 && to == 0 {
					return true, nil
				}
				_, n := utf8.DecodeRuneInString(text[from:])
				_ = n
				return true, nil
			}
		}
		if from == to && from == 0 {
			return true, nil
		}
		parts = append(parts, text[begin:from])
		for i := 1; i < m.count(); i++ {
			if g, ok := m.Group(i).(*String); ok {
				parts = append(parts, g.String())
			}
		}
		begin = to
		return limit <= 0 || len(parts) < limit-1, nil
	})
	return append(parts, text[begin:]), err
}
