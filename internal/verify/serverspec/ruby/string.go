package ruby

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bootString defines what makes strings of strings, and conversions.
func (in *Interp) bootString() {
	k := in.str
	k.alloc = func(c *Class) (Value, error) {
		if c != in.str {
			return nil, in.unsupported("a class below String")
		}
		return Str(""), nil
	}
	def := func(name string, min, max int, fn func(c *Call, s *String) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	def("initialize", 0, 2, func(c *Call, s *String) (Value, error) {
		c.passed()
		if c.Has(0) {
			s.set(c.Str(0))
		}
		return Nil{}, nil
	})
	def("to_s", 0, 0, func(c *Call, s *String) (Value, error) { return s, nil })
	k.Alias("to_str", "to_s")
	def("inspect", 0, 0, func(c *Call, s *String) (Value, error) { return c.Text(inspectString(s.String(), s.binary)), nil })
	def("dump", 0, 0, func(c *Call, s *String) (Value, error) { return c.Text(inspectString(s.String(), true)), nil })
	def("to_sym", 0, 0, func(c *Call, s *String) (Value, error) { return Symbol(s.String()), nil })
	k.Alias("intern", "to_sym")
	def("to_i", 0, 1, func(c *Call, s *String) (Value, error) {
		n, _ := in.parseInteger(s.String(), c.OptInt(0, 10), false)
		return n, nil
	})
	def("hex", 0, 0, func(c *Call, s *String) (Value, error) { n, _ := in.parseInteger(s.String(), 16, false); return n, nil })
	def("oct", 0, 0, func(c *Call, s *String) (Value, error) {
		text := s.String()
		base := 8
		if t := strings.TrimLeft(text, "+-"); len(t) > 1 && t[0] == '0' && strings.ContainsRune("xXbB", rune(t[1])) {
			base = 0
		}
		n, _ := in.parseInteger(text, base, false)
		return n, nil
	})
	def("to_f", 0, 0, func(c *Call, s *String) (Value, error) { return Float(parseFloat(s.String())), nil })
	def("to_r", 0, 0, func(c *Call, s *String) (Value, error) { return nil, in.unsupported("Rational") })
	def("to_c", 0, 0, func(c *Call, s *String) (Value, error) { return nil, in.unsupported("Complex") })
	def("==", 1, 1, func(c *Call, s *String) (Value, error) {
		eq, err := in.Equal(s, c.Args[0])
		return Bool(eq), err
	})
	k.Alias("===", "==")
	def("eql?", 1, 1, func(c *Call, s *String) (Value, error) {
		o, ok := c.Args[0].(*String)
		return Bool(ok && o.String() == s.String()), nil
	})
	def("<=>", 1, 1, func(c *Call, s *String) (Value, error) {
		if o, ok := c.Args[0].(*String); ok {
			return Int(strings.Compare(s.String(), o.String())), nil
		}
		return Nil{}, nil
	})
	def("casecmp", 1, 1, func(c *Call, s *String) (Value, error) {
		if _, ok := c.Args[0].(*String); !ok {
			return Nil{}, nil
		}
		return Int(strings.Compare(asciiLower(s.String()), asciiLower(c.Str(0)))), nil
	})
	def("casecmp?", 1, 1, func(c *Call, s *String) (Value, error) {
		if _, ok := c.Args[0].(*String); !ok {
			return Nil{}, nil
		}
		return Bool(strings.EqualFold(s.String(), c.Str(0))), nil
	})
	def("+", 1, 1, func(c *Call, s *String) (Value, error) {
		o := c.str(c.Args[0])
		if err := in.compatible(s, o); err != nil {
			return nil, err
		}
		if err := in.reserve(int64(s.size() + o.size())); err != nil {
			return nil, err
		}
		return &String{s: s.String() + o.String(), binary: s.high() && s.binary || o.high() && o.binary}, nil
	})
	def("*", 1, 1, func(c *Call, s *String) (Value, error) {
		n := c.Int(0)
		if n < 0 {
			return nil, in.Raise("ArgumentError", "negative argument")
		}
		if err := in.reserveProduct(s.size(), n); err != nil {
			return nil, err
		}
		return Str(strings.Repeat(s.String(), n)), nil
	})
	def("%", 1, 1, func(c *Call, s *String) (Value, error) {
		args := []Value{c.Args[0]}
		if a, ok := c.Args[0].(*Array); ok {
			args = a.elems
		}
		text, err := in.format(c, s.String(), args)
		return Str(text), err
	})
	def("-@", 0, 0, func(c *Call, s *String) (Value, error) {
		if s.frozen {
			return s, nil
		}
		return s.frozenCopy(), nil
	})
	def("+@", 0, 0, func(c *Call, s *String) (Value, error) {
		if s.frozen {
			return s.clone(), nil
		}
		return s, nil
	})
	def("length", 0, 0, func(c *Call, s *String) (Value, error) { return Int(s.length()), nil })
	k.Alias("size", "length")
	def("bytesize", 0, 0, func(c *Call, s *String) (Value, error) { return Int(s.size()), nil })
	def("empty?", 0, 0, func(c *Call, s *String) (Value, error) { return Bool(s.size() == 0), nil })
	def("hash", 0, 0, func(c *Call, s *String) (Value, error) { return Int(fnv(s.String())), nil })
	def("ord", 0, 0, func(c *Call, s *String) (Value, error) {
		if s.size() == 0 {
			return nil, in.Raise("ArgumentError", "empty string")
		}
		if s.binary {
			return Int(s.String()[0]), nil
		}
		r, _ := utf8.DecodeRuneInString(s.String())
		return Int(r), nil
	})
	def("chr", 0, 0, func(c *Call, s *String) (Value, error) {
		one, _ := s.slice(0, 1)
		return one, nil
	})
	def("sum", 0, 1, func(c *Call, s *String) (Value, error) {
		n := 0
		for _, b := range []byte(s.String()) {
			n += int(b)
		}
		return Int(n & 0xffff), nil
	})
	def("crypt", 1, 1, func(c *Call, s *String) (Value, error) { return nil, in.unsupported("String#crypt") })
	in.stringEncoding(def)
}

func (in *Interp) reserveProduct(a, b int) error {
	if a > 0 && b > 0 && int64(b) > in.limits.Bytes/int64(a) {
		return in.reserve(in.limits.Bytes + 1)
	}
	return in.reserve(int64(a) * int64(b))
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 32
		}
		return r
	}, s)
}

func (in *Interp) stringEncoding(def func(name string, min, max int, fn func(c *Call, s *String) (Value, error))) {
	enc := in.DefineClass("Encoding", in.Object)
	for _, sub := range []string{"CompatibilityError", "UndefinedConversionError", "InvalidByteSequenceError", "ConverterNotFoundError"} {
		in.DefineClassIn(enc, sub, in.errorClass("EncodingError"))
	}
	for name, text := range map[string]string{"UTF_8": "UTF-8", "ASCII_8BIT": "ASCII-8BIT", "BINARY": "ASCII-8BIT", "US_ASCII": "US-ASCII", "ISO_8859_1": "ISO-8859-1"} {
		enc.SetConst(name, in.NewObject(enc, text))
	}
	enc.consts["BINARY"] = enc.consts["ASCII_8BIT"]
	enc.Define("to_s", 0, 0, on(func(c *Call, o *Object) (Value, error) { return Str(o.Data.(string)), nil }))
	enc.Alias("name", "to_s")
	enc.Define("inspect", 0, 0, on(func(c *Call, o *Object) (Value, error) { return Str("#<Encoding:" + o.Data.(string) + ">"), nil }))
	for _, name := range []string{"default_external", "default_internal"} {
		enc.DefineSingleton(name, 0, 0, func(c *Call) (Value, error) { return in.encoding("UTF-8"), nil })
		enc.DefineSingleton(name+"=", 1, 1, func(c *Call) (Value, error) { return c.Args[0], nil })
	}
	def("encoding", 0, 0, func(c *Call, s *String) (Value, error) {
		if s.binary {
			return in.encoding("ASCII-8BIT"), nil
		}
		return in.encoding("UTF-8"), nil
	})
	def("force_encoding", 1, 1, func(c *Call, s *String) (Value, error) {
		name, err := in.ToS(c.Args[0])
		if err != nil {
			return nil, err
		}
		switch strings.ToUpper(name) {
		case "UTF-8", "US-ASCII":
			s.binary = false
		case "ASCII-8BIT", "BINARY":
			s.binary = true
		default:
			return nil, in.unsupported("the encoding " + name)
		}
		return s, nil
	})
	def("encode", 0, 3, func(c *Call, s *String) (Value, error) {
		keys := c.passed()
		name := "UTF-8"
		if c.Has(0) {
			var err error
			if name, err = in.ToS(c.Args[0]); err != nil {
				return nil, err
			}
		}
		if from := c.Arg(1); !IsNil(from) {
			text, err := in.ToS(from)
			if err != nil {
				return nil, err
			}
			switch strings.ToUpper(text) {
			case "UTF-8", "ASCII-8BIT", "BINARY", "US-ASCII":
			default:
				return nil, in.unsupported("the encoding " + text)
			}
		}
		text := s.String()
		switch strings.ToUpper(name) {
		case "UTF-8":
			if !utf8.ValidString(text) && keys.Symbol("invalid") != nil {
				return Str(strings.ToValidUTF8(text, in.replacement(keys))), nil
			}
			if s.binary && !isASCII(text) {
				k := in.Object.consts["Encoding"].(*Class).consts["UndefinedConversionError"].(*Class)
				return nil, in.RaiseClass(k, "%s from ASCII-8BIT to UTF-8", inspectString(firstHigh(text), true))
			}
			return Str(text), nil
		case "US-ASCII", "ASCII":
			if !isASCII(text) {
				if keys.Symbol("undef") == nil && keys.Symbol("invalid") == nil {
					k := in.Object.consts["Encoding"].(*Class).consts["UndefinedConversionError"].(*Class)
					r, _ := utf8.DecodeRuneInString(firstHigh(text))
					return nil, in.RaiseClass(k, "U+%04X from UTF-8 to US-ASCII", r)
				}
				with := "?"
				if v, ok := keys.Symbol("replace").(*String); ok {
					with = v.String()
				}
				var b strings.Builder
				for _, ch := range s.chars() {
					if ch[0] < 0x80 {
						b.WriteString(ch)
					} else {
						b.WriteString(with)
					}
				}
				return Str(b.String()), nil
			}
			return Str(text), nil
		}
		return nil, in.unsupported("the encoding " + name)
	})
	def("valid_encoding?", 0, 0, func(c *Call, s *String) (Value, error) {
		return Bool(s.binary || utf8.ValidString(s.String())), nil
	})
	def("ascii_only?", 0, 0, func(c *Call, s *String) (Value, error) { return Bool(isASCII(s.String())), nil })
	def("scrub", 0, 1, func(c *Call, s *String) (Value, error) {
		with := c.OptStr(0, "\uFFFD")
		var b strings.Builder
		for _, ch := range s.chars() {
			if !s.binary && !utf8.ValidString(ch) {
				ch = with
			}
			b.WriteString(ch)
		}
		return c.Text(b.String()), nil
	})
	def("b", 0, 0, func(c *Call, s *String) (Value, error) {
		n := s.clone()
		n.binary = true
		return n, nil
	})
	def("unicode_normalize", 0, 1, func(c *Call, s *String) (Value, error) {
		if isASCII(s.String()) {
			return s.clone(), nil
		}
		return nil, in.unsupported("String#unicode_normalize of other than ASCII")
	})
}

func firstHigh(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			_, n := utf8.DecodeRuneInString(s[i:])
			return s[i : i+n]
		}
	}
	return ""
}

func (in *Interp) replacement(keys *Hash) string {
	if v, ok := keys.Symbol("replace").(*String); ok {
		return v.String()
	}
	return "\uFFFD"
}

// high tells whether a string has other than ASCII.
func (s *String) high() bool { return !isASCII(s.String()) }

// foreign tells whether two strings have other than ASCII, each in another encoding:
// they are never equal.
func foreign(a, b *String) bool { return a.binary != b.binary && a.high() && b.high() }

// compatible refuses to put together, or to look for one in the other, what is foreign.
func (in *Interp) compatible(a, b *String) error {
	if !foreign(a, b) {
		return nil
	}
	return in.incompatible("incompatible character encodings: %s and %s", encodingName(a), encodingName(b))
}

func (in *Interp) incompatible(format string, args ...any) error {
	k := in.Object.consts["Encoding"].(*Class).consts["CompatibilityError"].(*Class)
	return in.RaiseClass(k, format, args...)
}

func encodingName(s *String) string {
	if s.binary {
		return "ASCII-8BIT"
	}
	return "UTF-8"
}

func (in *Interp) encoding(name string) Value {
	enc := in.Object.consts["Encoding"].(*Class)
	for _, n := range enc.constList {
		if o, ok := enc.consts[n].(*Object); ok && o.Data == any(name) {
			return o
		}
	}
	return Nil{}
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToTitle(r)) + strings.ToLower(s[n:])
}

func swapcase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}
