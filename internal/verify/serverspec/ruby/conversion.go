package ruby

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// bootConversions defines Integer(), String() and their like.
func (in *Interp) bootConversions() {
	def := in.Kernel.DefinePrivate
	def("Integer", 1, 3, func(c *Call) (Value, error) {
		keys := c.passed()
		v, err := in.kernelInteger(c)
		if err != nil && keys.Symbol("exception") == Value(False) && !spares(err) {
			return Nil{}, nil
		}
		return v, err
	})
	def("Float", 1, 2, func(c *Call) (Value, error) {
		keys := c.passed()
		v, err := in.kernelFloat(c)
		if err != nil && keys.Symbol("exception") == Value(False) && !spares(err) {
			return Nil{}, nil
		}
		return v, err
	})
	def("String", 1, 1, func(c *Call) (Value, error) {
		s, err := in.ToS(c.Args[0])
		return Str(s), err
	})
	def("Array", 1, 1, func(c *Call) (Value, error) {
		if h, ok := c.Args[0].(*Hash); ok {
			return c.List(h.pairs()), nil
		}
		a, err := in.toA(c.Args[0])
		return a, err
	})
	def("Hash", 1, 1, func(c *Call) (Value, error) {
		switch v := c.Args[0].(type) {
		case Nil:
			return NewHash(), nil
		case *Array:
			if len(v.elems) == 0 {
				return NewHash(), nil
			}
		case *Hash:
			return v, nil
		}
		return nil, in.Raise("TypeError", "can't convert %s into Hash", in.described(c.Args[0]))
	})
}

func (in *Interp) kernelInteger(c *Call) (Value, error) {
	switch v := c.Args[0].(type) {
	case Int, *Big:
		return v, nil
	case Float:
		return in.floatToInt(float64(v))
	case *String:
		base := c.OptInt(1, 0)
		n, ok := in.parseInteger(v.String(), base, true)
		if !ok {
			return nil, in.Raise("ArgumentError", "invalid value for Integer(): %s", in.inspectOr(v))
		}
		return n, nil
	case Nil:
		return nil, in.Raise("TypeError", "can't convert nil into Integer")
	}
	for _, name := range []string{"to_int", "to_i"} {
		if ok, err := in.responds(c.Args[0], name, true); err != nil {
			return nil, err
		} else if ok {
			return in.Call(c.Args[0], name)
		}
	}
	return nil, in.Raise("TypeError", "can't convert %s into Integer", in.described(c.Args[0]))
}

func (in *Interp) floatToInt(f float64) (Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, in.Raise("FloatDomainError", "%s", formatFloat(f))
	}
	if math.Abs(f) < 1<<62 {
		return Int(f), nil
	}
	n, _ := big.NewFloat(f).Int(nil)
	return Integer(n), nil
}

func (in *Interp) kernelFloat(c *Call) (Value, error) {
	switch v := c.Args[0].(type) {
	case Int, *Big, Float:
		f, _ := toFloat(v)
		return Float(f), nil
	case *String:
		s := strings.TrimSpace(v.String())
		clean := strings.ReplaceAll(s, "_", "")
		f, err := strconv.ParseFloat(clean, 64)
		if err != nil && !strings.Contains(err.Error(), "range") || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") ||
			strings.HasSuffix(s, ".") || strings.ContainsAny(s, "nN") || strings.HasPrefix(strings.TrimLeft(s, "+-"), ".") {
			return nil, in.Raise("ArgumentError", "invalid value for Float(): %s", in.inspectOr(v))
		}
		return Float(f), nil
	case Nil:
		return nil, in.Raise("TypeError", "can't convert nil into Float")
	}
	if ok, err := in.responds(c.Args[0], "to_f", false); err != nil {
		return nil, err
	} else if ok {
		return in.Call(c.Args[0], "to_f")
	}
	return nil, in.Raise("TypeError", "can't convert %s into Float", in.described(c.Args[0]))
}

// parseInteger reads an integer: whole is Integer()'s way, which takes nothing but one;
// otherwise as much of the beginning as is one. Base 0 goes by the prefix. More digits
// than an Integer may have end the native method that it is called from.
func (in *Interp) parseInteger(s string, base int, whole bool) (Value, bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	if whole {
		s = strings.TrimRight(s, " \t\n\v\f\r")
	}
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	prefix := func(p string, b int) {
		if (base == b || base == 0) && len(s) > 1 && strings.EqualFold(s[:2], p) {
			s, base = s[2:], b
		}
	}
	prefix("0x", 16)
	prefix("0b", 2)
	prefix("0o", 8)
	if base == 0 && len(s) > 1 && s[0] == '0' && whole {
		s, base = s[1:], 8
		s = strings.TrimPrefix(s, "_")
	}
	if base == 0 {
		base = 10
	}
	end, last := 0, byte(0)
	var digits []byte
	for end < len(s) {
		c := s[end]
		if c == '_' {
			if last == '_' || end == 0 {
				break
			}
		} else if digit(c) >= base {
			break
		} else {
			digits = append(digits, c)
		}
		last = c
		end++
	}
	if whole && (end < len(s) || last == '_' || len(digits) == 0) {
		return Int(0), false
	}
	if len(digits) == 0 {
		return Int(0), true
	}
	if err := in.chargeBits(len(digits) * bits.Len(uint(base-1))); err != nil {
		panic(abort{err})
	}
	n, _ := new(big.Int).SetString(string(digits), base)
	if negative {
		n.Neg(n)
	}
	return Integer(n), true
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return 99
}

// parseFloat reads as much of the beginning as is a number, as to_f does.
func parseFloat(s string) float64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end, dot, exp, digits := 0, false, false, false
	for end < len(s) {
		c := s[end]
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case (c == '-' || c == '+') && (end == 0 || s[end-1] == 'e' || s[end-1] == 'E'):
		case c == '.' && !dot && !exp && end+1 < len(s) && s[end+1] >= '0' && s[end+1] <= '9':
			dot = true
		case (c == 'e' || c == 'E') && !exp && digits:
			exp = true
		case c == '_' && digits:
		default:
			goto done
		}
		end++
	}
done:
	text := strings.ReplaceAll(s[:end], "_", "")
	for text != "" {
		if f, err := strconv.ParseFloat(text, 64); err == nil || strings.Contains(err.Error(), "range") {
			return f
		}
		text = text[:len(text)-1]
	}
	return 0
}
