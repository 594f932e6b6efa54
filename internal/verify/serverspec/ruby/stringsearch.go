package ruby

import (
	"strings"
)

// bootStringSearch defines finding and replacing.
func (in *Interp) bootStringSearch() {
	k := in.str
	def := func(name string, min, max int, fn func(c *Call, s *String) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	def("include?", 1, 1, func(c *Call, s *String) (Value, error) {
		part := c.str(c.Args[0])
		return Bool(strings.Contains(s.String(), part.String())), in.compatible(s, part)
	})
	def("start_with?", 0, -1, func(c *Call, s *String) (Value, error) {
		for i, a := range c.Args {
			if r, ok := a.(*Regexp); ok {
				m, err := in.match1(r, s, 0)
				if err != nil {
					return nil, err
				}
				if m != nil && m.groups[0][0] == 0 {
					c.setMatch(m)
					return True, nil
				}
				continue
			}
			if err := in.compatible(s, c.str(a)); err != nil {
				return nil, err
			}
			if strings.HasPrefix(s.String(), c.Str(i)) {
				return True, nil
			}
		}
		return False, nil
	})
	def("end_with?", 0, -1, func(c *Call, s *String) (Value, error) {
		for i := range c.Args {
			if err := in.compatible(s, c.str(c.Args[i])); err != nil {
				return nil, err
			}
			if strings.HasSuffix(s.String(), c.Str(i)) {
				return True, nil
			}
		}
		return False, nil
	})
	def("index", 1, 2, func(c *Call, s *String) (Value, error) {
		text, from := s.String(), c.OptInt(1, 0)
		if from < 0 {
			from += s.length()
		}
		if from < 0 || from > s.length() {
			return Nil{}, nil
		}
		if r, ok := c.Args[0].(*Regexp); ok {
			m, err := in.match1(r, s, from)
			c.setMatch(m)
			if err != nil || m == nil {
				return Nil{}, err
			}
			return Int(m.charAt(m.groups[0][0])), nil
		}
		start := offset(text, from, s.binary)
		i := strings.Index(text[start:], c.Str(0))
		if i < 0 {
			return Nil{}, nil
		}
		return Int((&String{s: text[:start+i], binary: s.binary}).length()), nil
	})
	def("rindex", 1, 2, func(c *Call, s *String) (Value, error) {
		text := s.String()
		limit := len(text)
		if c.Has(1) {
			end := c.Int(1)
			if end < 0 {
				end += s.length()
			}
			if end < 0 {
				return Nil{}, nil
			}
			limit = offset(text, end, s.binary)
		}
		if r, ok := c.Args[0].(*Regexp); ok {
			var best *Match
			err := in.scan(r, s, func(m *Match) (bool, error) {
				if m.groups[0][0] <= limit {
					best = m
				}
				return m.groups[0][0] <= limit, nil
			})
			c.setMatch(best)
			if err != nil || best == nil {
				return Nil{}, err
			}
			return Int(best.charAt(best.groups[0][0])), nil
		}
		i := strings.LastIndex(text[:min(len(text), limit+len(c.Str(0)))], c.Str(0))
		if i < 0 {
			return Nil{}, nil
		}
		return Int((&String{s: text[:i], binary: s.binary}).length()), nil
	})
	def("=~", 1, 1, func(c *Call, s *String) (Value, error) {
		switch r := c.Args[0].(type) {
		case *Regexp:
			return in.matchOperator(c, r, s)
		case *String:
			return nil, in.Raise("TypeError", "type mismatch: String given")
		}
		return in.send(c.frame, c.Args[0], "=~", []Value{s}, nil, sendPublic)
	})
	def("match", 1, 2, func(c *Call, s *String) (Value, error) {
		r, err := in.toRegexp(c, c.Args[0])
		if err != nil {
			return nil, err
		}
		return in.matchMethod(c, r, s, c.OptInt(1, 0))
	})
	def("match?", 1, 2, func(c *Call, s *String) (Value, error) {
		r, err := in.toRegexp(c, c.Args[0])
		if err != nil {
			return nil, err
		}
		m, err := in.match1(r, s, c.OptInt(1, 0))
		return Bool(m != nil), err
	})
	def("scan", 1, 1, func(c *Call, s *String) (Value, error) { return in.scanMethod(c, s) })
	for _, name := range []string{"sub", "gsub"} {
		def(name, 1, 2, func(c *Call, s *String) (Value, error) {
			if name == "gsub" && !c.Has(1) && c.Block == nil {
				return c.Enum()
			}
			text, _, err := in.substitute(c, s, name == "gsub")
			return &String{s: text, binary: s.binary}, err
		})
		def(name+"!", 1, 2, func(c *Call, s *String) (Value, error) {
			text, changed, err := in.substitute(c, s, name == "gsub")
			if err != nil || !changed {
				return Nil{}, err
			}
			if s.frozen {
				return nil, in.frozen(s)
			}
			s.set(text)
			return s, nil
		})
	}
}

// toRegexp is how match takes a string: as a pattern.
func (in *Interp) toRegexp(c *Call, v Value) (*Regexp, error) {
	if r, ok := v.(*Regexp); ok {
		return r, nil
	}
	s, ok := v.(*String)
	if !ok {
		return nil, in.Raise("TypeError", "wrong argument type %s (expected Regexp)", in.described(v))
	}
	return in.newRegexp(s.String(), "")
}

// literal is how sub, scan and split take a string: as itself.
func (in *Interp) literal(c *Call, v Value) (*Regexp, error) {
	if r, ok := v.(*Regexp); ok {
		return r, nil
	}
	if _, ok := v.(*String); !ok {
		if _, ok := v.(*Object); !ok {
			return nil, in.Raise("TypeError", "wrong argument type %s (expected Regexp)", in.described(v))
		}
	}
	return in.newRegexp(quoteRegexp(c.str(v).String()), "")
}

func (in *Interp) scanMethod(c *Call, s *String) (Value, error) {
	r, err := in.literal(c, c.Args[0])
	if err != nil {
		return nil, err
	}
	list := NewArray()
	var last *Match
	err = in.scan(r, s, func(m *Match) (bool, error) {
		last = m
		v := m.Group(0)
		if m.count() > 1 {
			v = m.array(1)
		}
		if c.Block == nil {
			list.elems = append(list.elems, v)
			return true, in.reserve(48)
		}
		c.setMatch(m)
		_, err := c.Yield(v)
		return true, err
	})
	c.setMatch(last)
	if c.Block != nil {
		return s, err
	}
	return list, err
}

// substitute is sub and gsub.
func (in *Interp) substitute(c *Call, s *String, all bool) (string, bool, error) {
	if !c.Has(1) && c.Block == nil {
		return "", false, in.arityError(1, 2, 2)
	}
	text := s.String()
	hash, _ := c.Arg(1).(*Hash)
	if lit, ok := c.Args[0].(*String); ok && c.Has(1) && hash == nil {
		if with := c.Str(1); !strings.Contains(with, `\`) {
			n := 1
			if all {
				n = -1
			}
			if !strings.Contains(text, lit.String()) {
				return text, false, nil
			}
			if extra := len(with) - lit.size(); extra > 0 {
				if err := in.reserveProduct(strings.Count(text, lit.String()), extra); err != nil {
					return "", false, err
				}
			}
			out := strings.Replace(text, lit.String(), with, n)
			return out, true, in.reserve(int64(len(out)))
		}
	}
	r, err := in.literal(c, c.Args[0])
	if err != nil {
		return "", false, err
	}
	var b strings.Builder
	end := 0
	var last *Match
	err = in.scan(r, s, func(m *Match) (bool, error) {
		last = m
		from, to := m.bytes(0)
		b.WriteString(text[end:from])
		end = to
		with, err := in.replacementFor(c, m, hash)
		if err != nil {
			return false, err
		}
		b.WriteString(with)
		return all, in.reserve(int64(len(with)))
	})
	if err != nil {
		return "", false, err
	}
	c.setMatch(last)
	b.WriteString(text[end:])
	return b.String(), last != nil, in.reserve(int64(b.Len()))
}

func (in *Interp) replacementFor(c *Call, m *Match, hash *Hash) (string, error) {
	switch {
	case hash != nil:
		v, err := in.hashGet(hash, m.Group(0))
		if err != nil {
			return "", err
		}
		return in.ToS(v)
	case c.Has(1):
		return in.expand(m, c.Str(1))
	}
	c.setMatch(m)
	v, err := c.Yield(m.Group(0))
	if err != nil {
		return "", err
	}
	return in.ToS(v)
}

// expand resolves \1, \k<name>, \0, \& and \\ in a replacement.
func (in *Interp) expand(m *Match, with string) (string, error) {
	if !strings.Contains(with, `\`) {
		return with, nil
	}
	var b strings.Builder
	group := func(v Value) {
		if s, ok := v.(*String); ok {
			b.WriteString(s.String())
		}
	}
	for i := 0; i < len(with); i++ {
		if with[i] != '\\' || i+1 >= len(with) {
			b.WriteByte(with[i])
			continue
		}
		i++
		switch ch := with[i]; {
		case ch >= '0' && ch <= '9':
			group(m.Group(int(ch - '0')))
		case ch == '&':
			group(m.Group(0))
		case ch == '`', ch == '\'':
			group(m.special(ch))
		case ch == '\\':
			b.WriteByte('\\')
		case ch == 'k' && strings.HasPrefix(with[i:], "k<") && strings.Contains(with[i:], ">"):
			end := i + strings.IndexByte(with[i:], '>')
			n, err := in.groupNumber(m, Str(with[i+2:end]))
			if err != nil {
				return "", err
			}
			group(m.Group(n))
			i = end
		default:
			b.WriteString(with[i-1 : i+1])
		}
	}
	return b.String(), nil
}
