package ruby

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (i Int) String() string { return strconv.FormatInt(int64(i), 10) }

// ToS is to_s, as interpolation uses it.
func (in *Interp) ToS(v Value) (string, error) {
	switch v := v.(type) {
	case *String:
		return v.String(), nil
	case Symbol:
		return string(v), nil
	case Int:
		return v.String(), nil
	case Nil:
		return "", nil
	}
	got, err := in.send(in.top, v, "to_s", nil, nil, sendSelf)
	if err != nil {
		return "", err
	}
	if s, ok := got.(*String); ok {
		return s.String(), nil
	}
	return in.anyToS(v), nil
}

// Inspect is inspect, as p prints it.
func (in *Interp) Inspect(v Value) (string, error) {
	switch v := v.(type) {
	case Nil:
		return "nil", nil
	case Bool:
		return strconv.FormatBool(bool(v)), nil
	case Int:
		return v.String(), nil
	case *Big:
		return v.v.String(), nil
	case Float:
		return formatFloat(float64(v)), nil
	case Symbol:
		return inspectSymbol(string(v)), nil
	case *String:
		return inspectString(v.String(), v.binary), nil
	case *Array:
		return in.inspectArray(v)
	case *Hash:
		return in.inspectHash(v)
	}
	got, err := in.send(in.top, v, "inspect", nil, nil, sendSelf)
	if err != nil {
		return "", err
	}
	if s, ok := got.(*String); ok {
		return s.String(), nil
	}
	return in.anyToS(v), nil
}

// inspectOr is Inspect for messages, which must not fail.
func (in *Interp) inspectOr(v Value) string {
	s, err := in.Inspect(v)
	if err != nil {
		return in.anyToS(v)
	}
	return s
}

// enter guards against structures that contain themselves: false when v is being
// inspected already.
func (in *Interp) enter(v Value) (func(), bool, error) {
	if slices.ContainsFunc(in.inspecting, func(w Value) bool { return w == v }) {
		return nil, false, nil
	}
	if err := in.nest(); err != nil {
		return nil, false, err
	}
	in.inspecting = append(in.inspecting, v)
	return func() {
		in.depth--
		in.inspecting = in.inspecting[:len(in.inspecting)-1]
	}, true, nil
}

func (in *Interp) inspectArray(a *Array) (string, error) {
	leave, ok, err := in.enter(a)
	if err != nil || !ok {
		return "[...]", err
	}
	defer leave()
	var b strings.Builder
	b.WriteByte('[')
	for i, e := range a.elems {
		if i > 0 {
			b.WriteString(", ")
		}
		s, err := in.Inspect(e)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	b.WriteByte(']')
	return b.String(), in.reserve(int64(b.Len()))
}

func (in *Interp) inspectHash(h *Hash) (string, error) {
	leave, ok, err := in.enter(h)
	if err != nil || !ok {
		return "{...}", err
	}
	defer leave()
	var b strings.Builder
	b.WriteByte('{')
	for k, v := range h.All() {
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		s, err := in.Inspect(k)
		if err != nil {
			return "", err
		}
		b.WriteString(s + "=>")
		if s, err = in.Inspect(v); err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	b.WriteByte('}')
	return b.String(), in.reserve(int64(b.Len()))
}

// anyToS is Object#to_s. The number stands for an address, but is the same each time.
func (in *Interp) anyToS(v Value) string {
	return fmt.Sprintf("#<%s>", in.address(v))
}

func (in *Interp) address(v Value) string {
	return fmt.Sprintf("%s:0x%016x", in.className(in.ClassOf(v)), 0x00007f0000000000+in.objectID(v))
}

// className is a class's name, or for an anonymous one what inspect gives.
func (in *Interp) className(c *Class) string {
	if name := c.Name(); name != "" {
		return name
	}
	switch {
	case c.singleton:
		return fmt.Sprintf("#<Class:%s>", in.inspectOr(c.attached))
	case c.module:
		return fmt.Sprintf("#<Module:0x%016x>", 0x00007f0000000000+c.id)
	}
	return fmt.Sprintf("#<Class:0x%016x>", 0x00007f0000000000+c.id)
}

func (in *Interp) objectID(v Value) int64 {
	switch v := v.(type) {
	case Nil:
		return 8
	case Bool:
		if v {
			return 20
		}
		return 0
	case Int:
		return 2*int64(v) + 1
	case *Object:
		return v.id
	case *Class:
		return v.id
	case *Proc:
		return v.id
	}
	if id, ok := in.objectIDs[v]; ok {
		return id
	}
	id := in.nextID()
	in.objectIDs[v] = id
	return id
}

// inspectObject is the inspect that objects have by default.
func (in *Interp) inspectObject(o *Object) (string, error) {
	if len(o.ivars.names) == 0 {
		return in.anyToS(o), nil
	}
	leave, ok, err := in.enter(o)
	if err != nil {
		return "", err
	}
	if !ok {
		return "#<" + in.address(o) + " ...>", nil
	}
	defer leave()
	var b strings.Builder
	b.WriteString("#<" + in.address(o))
	for i, name := range o.ivars.names {
		s, err := in.Inspect(o.ivars.vals[i])
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + name + "=" + s)
	}
	return b.String() + ">", nil
}

// callText calls a method for its string.
func (in *Interp) callText(v Value, name string, args ...Value) (string, error) {
	got, err := in.Call(v, name, args...)
	if err != nil {
		return "", err
	}
	return in.ToS(got)
}

func formatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	n, _ := strconv.Atoi(exp)
	if n < -4 || n >= 15 {
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return fmt.Sprintf("%se%+03d", mantissa, n)
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func inspectString(s string, binary bool) string {
	low := `\u%04X`
	if binary {
		low = `\x%02X`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		valid := r < 0x80
		if !valid && !binary {
			r, n = utf8.DecodeRuneInString(s[i:])
			valid = r != utf8.RuneError || n > 1
		}
		if !valid {
			fmt.Fprintf(&b, `\x%02X`, s[i])
			i++
			continue
		}
		writeEscaped(&b, r, s[i+n:], low)
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

// writeEscaped writes one character; low is how control characters are shown.
func writeEscaped(b *strings.Builder, r rune, next, low string) {
	switch r {
	case '"', '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case '#':
		if next != "" && (next[0] == '{' || next[0] == '$' || next[0] == '@') {
			b.WriteByte('\\')
		}
		b.WriteByte('#')
	case '\n':
		b.WriteString(`\n`)
	case '\t':
		b.WriteString(`\t`)
	case '\r':
		b.WriteString(`\r`)
	case 0x1b:
		b.WriteString(`\e`)
	case 7:
		b.WriteString(`\a`)
	case 8:
		b.WriteString(`\b`)
	case 11:
		b.WriteString(`\v`)
	case 12:
		b.WriteString(`\f`)
	default:
		switch {
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(b, low, r)
		case unicode.IsPrint(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zs):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(b, `\u{%X}`, r)
		default:
			fmt.Fprintf(b, `\u%04X`, r)
		}
	}
}

func inspectSymbol(s string) string {
	if plainSymbol(s) {
		return ":" + s
	}
	return ":" + inspectString(s, false)
}

func plainSymbol(s string) bool {
	switch s {
	case "[]", "[]=", "+", "-", "*", "/", "**", "%", "==", "!=", "===", "=~", "!~", "!", "~", "+@", "-@",
		"<", "<=", ">", ">=", "<=>", "<<", ">>", "&", "|", "^", "`":
		return true
	}
	name := s
	switch {
	case strings.HasPrefix(s, "@@"):
		name = s[2:]
	case strings.HasPrefix(s, "@"), strings.HasPrefix(s, "$"):
		name = s[1:]
		if s[0] == '$' && len(name) == 1 {
			return true
		}
	default:
		if n := len(s); n > 1 && (s[n-1] == '?' || s[n-1] == '!' || s[n-1] == '=') {
			name = s[:n-1]
		}
	}
	for i, r := range name {
		if !(r == '_' || r >= 0x80 && unicode.IsPrint(r) || unicode.IsLetter(r) || i > 0 && unicode.IsDigit(r)) {
			return false
		}
	}
	return name != "" && utf8.ValidString(name)
}
