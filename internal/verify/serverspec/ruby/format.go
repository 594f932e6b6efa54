package ruby

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// directive is one % of a format.
type directive struct {
	minus, plus, space, zero, alt bool
	width, precision              int // precision -1: none
	name                          string
	value                         Value
	verb                          byte
}

// format is sprintf.
func (in *Interp) format(c *Call, f string, args []Value) (string, error) {
	var b strings.Builder
	next := 0
	take := func() (Value, error) {
		if next >= len(args) {
			return nil, in.Raise("ArgumentError", "too few arguments")
		}
		next++
		return args[next-1], nil
	}
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			b.WriteByte(f[i])
			continue
		}
		d, end, err := in.parseDirective(c, f, i+1, args, take)
		if err != nil {
			return "", err
		}
		i = end
		if d.verb == '%' {
			b.WriteByte('%')
			continue
		}
		if err := in.reserve(int64(d.width) + int64(max(d.precision, 0))); err != nil {
			return "", err
		}
		s, err := in.formatOne(c, d)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), in.reserve(int64(b.Len()))
}

func (in *Interp) parseDirective(c *Call, f string, i int, args []Value, take func() (Value, error)) (directive, int, error) {
	d := directive{precision: -1}
	number := func() int {
		n := 0
		for ; i < len(f) && f[i] >= '0' && f[i] <= '9' && n < 1<<40; i++ {
			n = n*10 + int(f[i]-'0')
		}
		return n
	}
	for ; i < len(f); i++ {
		switch ch := f[i]; ch {
		case '-':
			d.minus = true
		case '+':
			d.plus = true
		case ' ':
			d.space = true
		case '0':
			d.zero = true
		case '#':
			d.alt = true
		case '1', '2', '3', '4', '5', '6', '7', '8', '9':
			n := number()
			if i < len(f) && f[i] == '$' {
				if n > len(args) {
					return d, i, in.Raise("ArgumentError", "too few arguments")
				}
				d.value = args[n-1]
				continue
			}
			d.width = n
			i--
		case '*':
			v, err := take()
			if err != nil {
				return d, i, err
			}
			if d.width = c.int(v); d.width < 0 {
				d.minus, d.width = true, -d.width
			}
		case '.':
			i++
			if i < len(f) && f[i] == '*' {
				v, err := take()
				if err != nil {
					return d, i, err
				}
				d.precision = c.int(v)
				continue
			}
			d.precision = number()
			i--
		case '<', '{':
			closing := map[byte]byte{'<': '>', '{': '}'}[ch]
			n := strings.IndexByte(f[i:], closing)
			if n < 0 {
				return d, i, in.Raise("ArgumentError", "malformed name - unmatched parenthesis")
			}
			d.name = f[i+1 : i+n]
			i += n
			v, err := in.formatName(c, args, d.name, ch)
			if err != nil {
				return d, i, err
			}
			d.value = v
			if ch == '{' {
				d.verb = 's'
				return d, i, nil
			}
		case '%', '\n', 0:
			d.verb = '%'
			if ch != '%' {
				i--
			}
			return d, i, nil
		default:
			d.verb = ch
			if !strings.ContainsRune("diufeEgGaAsScpxXobBc", rune(ch)) {
				return d, i, in.Raise("ArgumentError", "malformed format string - %%%c", ch)
			}
			var err error
			if d.value == nil {
				d.value, err = take()
			}
			return d, i, err
		}
	}
	return d, i, in.Raise("ArgumentError", "incomplete format specifier; use %%%%%% (double %%%%) instead")
}

func (in *Interp) formatName(c *Call, args []Value, name string, open byte) (Value, error) {
	h, ok := Value(Nil{}), false
	if len(args) == 1 {
		_, ok = args[0].(*Hash)
		h = args[0]
	}
	if !ok {
		return nil, in.Raise("ArgumentError", "one hash required")
	}
	hash := h.(*Hash)
	if v, ok := hash.Get(Symbol(name)); ok {
		return v, nil
	}
	if hash.def == nil && hash.defProc == nil {
		text := "<" + name + ">"
		if open == '{' {
			text = "{" + name + "}"
		}
		return nil, in.raiseWith(in.errorClass("KeyError"), map[string]Value{"key": Symbol(name), "receiver": hash}, "key%s not found", text)
	}
	return in.hashGet(hash, Symbol(name))
}

func (in *Interp) formatOne(c *Call, d directive) (string, error) {
	switch d.verb {
	case 's', 'p':
		s, err := "", error(nil)
		if d.verb == 's' {
			s, err = in.ToS(d.value)
		} else {
			s, err = in.Inspect(d.value)
		}
		if d.precision >= 0 {
			s = s[:offset(s, d.precision, false)]
		}
		return d.pad(s), err
	case 'c':
		s := ""
		if n, ok := d.value.(Int); ok {
			s = string(rune(n))
		} else if text := c.str(d.value).chars(); len(text) > 0 {
			s = text[0]
		}
		return d.pad(s), nil
	case 'f', 'e', 'E', 'g', 'G', 'a', 'A':
		v, err := in.kernelFloat(&Call{In: in, Args: []Value{d.value}})
		if err != nil {
			return "", err
		}
		return d.float(float64(v.(Float))), nil
	}
	v, err := in.formatInteger(d.value)
	if err != nil {
		return "", err
	}
	n, _ := bigOf(v)
	return d.integer(n), nil
}

func (in *Interp) formatInteger(v Value) (Value, error) {
	if f, ok := v.(Float); ok {
		return in.floatToInt(math.Floor(float64(f)))
	}
	return in.kernelInteger(&Call{In: in, Args: []Value{v}})
}

func (d directive) pad(s string) string {
	fill := d.width - utf8.RuneCountInString(s)
	switch {
	case fill <= 0:
		return s
	case d.minus:
		return s + strings.Repeat(" ", fill)
	}
	return strings.Repeat(" ", fill) + s
}

func (d directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

// number puts sign, prefix and digits together, with zeroes between them if so asked.
func (d directive) number(sign, prefix, digits string, zero bool) string {
	if fill := d.width - len(sign) - len(prefix) - len(digits); zero && !d.minus && fill > 0 {
		digits = strings.Repeat("0", fill) + digits
	}
	return d.pad(sign + prefix + digits)
}

func (d directive) integer(n *big.Int) string {
	base, prefix := 10, ""
	switch d.verb {
	case 'x', 'X':
		base, prefix = 16, "0x"
	case 'o':
		base, prefix = 8, "0"
	case 'b', 'B':
		base, prefix = 2, "0b"
	}
	if !d.alt || base == 10 || n.Sign() == 0 {
		prefix = ""
	}
	digits := new(big.Int).Abs(n).Text(base)
	sign := d.sign(n.Sign() < 0)
	if n.Sign() < 0 && base != 10 && !d.plus && !d.space {
		sign, digits = "", twosComplement(n, base)
		if d.zero || d.precision >= 0 {
			digits = strings.TrimPrefix(digits, "..")
			fill := string(digits[0])
			for len(digits)+len(prefix) < d.width && d.zero || len(digits) < d.precision {
				digits = fill + digits
			}
		}
	}
	for len(digits) < d.precision {
		digits = "0" + digits
	}
	if d.verb == 'X' || d.verb == 'B' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	return d.number(sign, prefix, digits, d.zero && d.precision < 0)
}

// twosComplement is how formats show negative numbers in other bases: as if endless digits
// stood before.
func twosComplement(n *big.Int, base int) string {
	top := map[int]string{16: "f", 8: "7", 2: "1"}[base]
	bits := map[int]uint{16: 4, 8: 3, 2: 1}[base]
	width := (uint(n.BitLen())/bits + 2) * bits
	s := new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), width)).Text(base)
	s = strings.TrimLeft(s, top)
	return ".." + top + s
}

func (d directive) float(f float64) string {
	sign := d.sign(math.Signbit(f))
	abs := math.Abs(f)
	if math.IsInf(f, 0) {
		return d.pad(sign + "Inf")
	}
	if math.IsNaN(f) {
		return d.pad(d.sign(false) + "NaN")
	}
	verb := "%"
	if d.alt {
		verb += "#"
	}
	if d.precision >= 0 {
		verb += "." + strconv.Itoa(d.precision)
	}
	switch d.verb {
	case 'a', 'A':
		digits := strings.TrimPrefix(strings.ToLower(fmt.Sprintf(strings.Replace(verb, "#", "", 1)+"x", abs)), "0x")
		digits = strings.NewReplacer("p+0", "p+", "p-0", "p-").Replace(digits)
		if d.verb == 'A' {
			return d.number(sign, "0X", strings.ToUpper(digits), d.zero)
		}
		return d.number(sign, "0x", digits, d.zero)
	case 'g', 'G':
		if d.precision < 0 {
			verb += ".6"
		}
	}
	return d.number(sign, "", fmt.Sprintf(verb+string(d.verb), abs), d.zero)
}
