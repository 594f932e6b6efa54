package ruby

import (
	"strings"
	"unicode/utf8"
)

const space = " \t\n\v\f\r\x00"

// bootStringEdit defines changes, each with the form that changes the string itself.
func (in *Interp) bootStringEdit() {
	k := in.str
	def := func(name string, min, max int, fn func(c *Call, s *String) (Value, error)) {
		k.Define(name, min, max, on(fn))
	}
	// both defines name and name!, which gives nil when nothing changes.
	both := func(name string, min, max int, fn func(c *Call, s string) (string, error)) {
		def(name, min, max, func(c *Call, s *String) (Value, error) {
			text, err := fn(c, s.String())
			if err != nil {
				return nil, err
			}
			n := c.Text(text)
			n.binary = s.binary
			return n, nil
		})
		def(name+"!", min, max, func(c *Call, s *String) (Value, error) {
			if s.frozen {
				return nil, in.frozen(s)
			}
			text, err := fn(c, s.String())
			if err != nil || text == s.String() {
				return Nil{}, err
			}
			s.set(text)
			return s, nil
		})
	}
	plain := func(name string, fn func(s string) string) {
		both(name, 0, -1, func(c *Call, s string) (string, error) { return fn(s), nil })
	}
	plain("upcase", strings.ToUpper)
	plain("downcase", strings.ToLower)
	plain("capitalize", capitalize)
	plain("swapcase", swapcase)
	plain("strip", func(s string) string { return strings.TrimLeft(strings.TrimRight(s, space), space) })
	plain("lstrip", func(s string) string { return strings.TrimLeft(s, space) })
	plain("rstrip", func(s string) string { return strings.TrimRight(s, space) })
	plain("chop", func(s string) string {
		if strings.HasSuffix(s, "\r\n") {
			return s[:len(s)-2]
		}
		_, n := utf8.DecodeLastRuneInString(s)
		return s[:len(s)-n]
	})
	plain("reverse", func(s string) string {
		chars := charsOf(s, false)
		var b strings.Builder
		for i := len(chars) - 1; i >= 0; i-- {
			b.WriteString(chars[i])
		}
		return b.String()
	})
	plain("succ", succ)
	k.Alias("next", "succ", "next!", "succ!")
	both("chomp", 0, 1, func(c *Call, s string) (string, error) {
		if !c.Has(0) {
			return chomp(s), nil
		}
		if IsNil(c.Args[0]) {
			return s, nil
		}
		if end := c.Str(0); end != "" {
			if end == "\n" {
				return chomp(s), nil
			}
			return strings.TrimSuffix(s, end), nil
		}
		for strings.HasSuffix(s, "\n") {
			s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
		}
		return s, nil
	})
	both("delete_prefix", 1, 1, func(c *Call, s string) (string, error) { return strings.TrimPrefix(s, c.Str(0)), nil })
	both("delete_suffix", 1, 1, func(c *Call, s string) (string, error) { return strings.TrimSuffix(s, c.Str(0)), nil })
	both("squeeze", 0, -1, func(c *Call, s string) (string, error) {
		set, err := in.charSet(c, c.Args)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		last := rune(-1)
		for _, r := range s {
			if r == last && (len(c.Args) == 0 || set(r)) {
				continue
			}
			last = r
			b.WriteRune(r)
		}
		return b.String(), nil
	})
	both("delete", 1, -1, func(c *Call, s string) (string, error) {
		set, err := in.charSet(c, c.Args)
		return strings.Map(func(r rune) rune {
			if err == nil && set(r) {
				return -1
			}
			return r
		}, s), err
	})
	both("tr", 2, 2, func(c *Call, s string) (string, error) { return translate(s, c.Str(0), c.Str(1), false), nil })
	both("tr_s", 2, 2, func(c *Call, s string) (string, error) { return translate(s, c.Str(0), c.Str(1), true), nil })
	def("count", 1, -1, func(c *Call, s *String) (Value, error) {
		set, err := in.charSet(c, c.Args)
		if err != nil {
			return nil, err
		}
		n := 0
		for _, r := range s.String() {
			if set(r) {
				n++
			}
		}
		return Int(n), nil
	})
	in.stringGrow(def)
	in.stringJustify(def)
}

func chomp(s string) string {
	if strings.HasSuffix(s, "\n") {
		return strings.TrimSuffix(s[:len(s)-1], "\r")
	}
	return strings.TrimSuffix(s, "\r")
}

// stringGrow defines what changes a string in place without a form that does not.
func (in *Interp) stringGrow(def func(name string, min, max int, fn func(c *Call, s *String) (Value, error))) {
	change := func(name string, min, max int, fn func(c *Call, s *String) (Value, error)) {
		def(name, min, max, func(c *Call, s *String) (Value, error) {
			if s.frozen {
				return nil, in.frozen(s)
			}
			return fn(c, s)
		})
	}
	change("<<", 1, 1, func(c *Call, s *String) (Value, error) {
		if n, ok := c.Args[0].(Int); ok {
			s.add(string(rune(n)))
			return s, in.reserve(4)
		}
		o := c.str(c.Args[0])
		if err := in.compatible(s, o); err != nil {
			return nil, err
		}
		if o.binary && (s.size() == 0 || o.high()) {
			s.binary = true
		}
		text := o.String()
		if err := in.reserve(int64(len(text))); err != nil {
			return nil, err
		}
		s.add(text)
		return s, nil
	})
	change("concat", 0, -1, func(c *Call, s *String) (Value, error) {
		var b strings.Builder
		for i := range c.Args {
			b.WriteString(c.Str(i))
		}
		s.add(b.String())
		return s, in.reserve(int64(b.Len()))
	})
	change("prepend", 0, -1, func(c *Call, s *String) (Value, error) {
		var b strings.Builder
		for i := range c.Args {
			b.WriteString(c.Str(i))
		}
		s.set(b.String() + s.String())
		return s, in.reserve(int64(s.size()))
	})
	change("replace", 1, 1, func(c *Call, s *String) (Value, error) {
		o := c.str(c.Args[0])
		s.set(o.String())
		s.binary = o.binary
		return s, nil
	})
	change("clear", 0, 0, func(c *Call, s *String) (Value, error) {
		s.set("")
		return s, nil
	})
	change("insert", 2, 2, func(c *Call, s *String) (Value, error) {
		i, n := c.Int(0), s.length()
		if i < 0 {
			i += n + 1
		}
		if i < 0 || i > n {
			return nil, in.Raise("IndexError", "index %d out of string", c.Int(0))
		}
		text := s.String()
		at := offset(text, i, s.binary)
		s.set(text[:at] + c.Str(1) + text[at:])
		return s, in.reserve(int64(s.size()))
	})
	change("setbyte", 2, 2, func(c *Call, s *String) (Value, error) {
		b := []byte(s.String())
		i := c.Int(0)
		if i < 0 {
			i += len(b)
		}
		if i < 0 || i >= len(b) {
			return nil, in.Raise("IndexError", "index %d out of string", c.Int(0))
		}
		b[i] = byte(c.Int(1))
		s.set(string(b))
		return c.Args[1], nil
	})
	change("slice!", 1, 2, func(c *Call, s *String) (Value, error) {
		v, from, to, err := in.stringPart(c, s, c.Args)
		if err != nil || IsNil(v) {
			return Nil{}, err
		}
		text := s.String()
		s.set(text[:from] + text[to:])
		return v, nil
	})
	change("[]=", 2, 3, func(c *Call, s *String) (Value, error) {
		last := len(c.Args) - 1
		v, from, to, err := in.stringPart(c, s, c.Args[:last])
		if err != nil {
			return nil, err
		}
		if IsNil(v) {
			switch c.Args[0].(type) {
			case *String:
				return nil, in.Raise("IndexError", "string not matched")
			case *Regexp:
				return nil, in.Raise("IndexError", "regexp not matched")
			}
			return nil, in.Raise("IndexError", "index %s out of string", in.inspectOr(c.Args[0]))
		}
		text := s.String()
		s.set(text[:from] + c.Str(last) + text[to:])
		return c.Args[last], in.reserve(int64(s.size()))
	})
}

func (in *Interp) stringJustify(def func(name string, min, max int, fn func(c *Call, s *String) (Value, error))) {
	justify := func(name string, left func(n int) int) {
		def(name, 1, 2, func(c *Call, s *String) (Value, error) {
			width, pad := c.Int(0), c.OptStr(1, " ")
			if pad == "" {
				return nil, in.Raise("ArgumentError", "zero width padding")
			}
			fill := width - s.length()
			if fill <= 0 {
				return s.clone(), nil
			}
			if err := in.reserveProduct(fill, len(pad)); err != nil {
				return nil, err
			}
			before := left(fill)
			return Str(padding(pad, before) + s.String() + padding(pad, fill-before)), nil
		})
	}
	justify("ljust", func(n int) int { return 0 })
	justify("rjust", func(n int) int { return n })
	justify("center", func(n int) int { return n / 2 })
}

func padding(pad string, n int) string {
	chars := charsOf(pad, false)
	var b strings.Builder
	for i := range n {
		b.WriteString(chars[i%len(chars)])
	}
	return b.String()
}

// expandSet lists the characters of a set such as a-z\-; negated with a leading ^.
func expandSet(set string) (runes []rune, negated bool) {
	list := []rune(set)
	if len(list) > 1 && list[0] == '^' {
		negated, list = true, list[1:]
	}
	for i := 0; i < len(list); i++ {
		switch {
		case list[i] == '\\' && i+1 < len(list):
			i++
			runes = append(runes, list[i])
		case i+2 < len(list) && list[i+1] == '-':
			for r := list[i]; r <= list[i+2]; r++ {
				runes = append(runes, r)
			}
			i += 2
		default:
			runes = append(runes, list[i])
		}
	}
	return runes, negated
}

// charSet is what count, delete and squeeze go by: characters that are in all the sets.
func (in *Interp) charSet(c *Call, args []Value) (func(r rune) bool, error) {
	var tests []func(rune) bool
	for _, a := range args {
		runes, negated := expandSet(c.str(a).String())
		has := map[rune]bool{}
		for _, r := range runes {
			has[r] = true
		}
		tests = append(tests, func(r rune) bool { return has[r] != negated })
	}
	return func(r rune) bool {
		for _, t := range tests {
			if !t(r) {
				return false
			}
		}
		return true
	}, nil
}

func translate(s, from, to string, squeeze bool) string {
	source, negated := expandSet(from)
	target, _ := expandSet(to)
	if len(to) > 0 && to[0] == '^' {
		target = append([]rune{'^'}, target...)
		if len([]rune(to)) == 1 {
			target = []rune{'^'}
		}
	}
	has := map[rune]int{}
	for i, r := range source {
		if _, ok := has[r]; !ok {
			has[r] = i
		}
	}
	var b strings.Builder
	last := rune(-1)
	for _, r := range s {
		i, ok := has[r]
		if ok == negated {
			b.WriteRune(r)
			last = -1
			continue
		}
		if len(target) == 0 {
			continue
		}
		if negated || i >= len(target) {
			i = len(target) - 1
		}
		if squeeze && target[i] == last {
			continue
		}
		last = target[i]
		b.WriteRune(last)
	}
	return b.String()
}
