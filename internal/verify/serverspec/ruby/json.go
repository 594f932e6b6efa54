package ruby

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"
)

func (in *Interp) bootJSON() {
	m := in.DefineModule("JSON")
	jsonError := in.DefineClassIn(m, "JSONError", in.StandardError)
	parserError := in.DefineClassIn(m, "ParserError", jsonError)
	generatorError := in.DefineClassIn(m, "GeneratorError", jsonError)
	in.DefineClassIn(m, "NestingError", parserError)
	parse := func(c *Call) (Value, error) {
		keys := c.passed()
		if keys == nil && len(c.Args) > 1 {
			keys, _ = c.Args[1].(*Hash)
		}
		p := &jsonReader{in: in, symbols: Truthy(orNil(keys.Symbol("symbolize_names"))), failed: parserError}
		return p.parse(c.Str(0))
	}
	for _, name := range []string{"parse", "parse!", "load", "restore"} {
		m.DefineSingleton(name, 1, 3, func(c *Call) (Value, error) {
			if name == "load" {
				if IsNil(c.Args[0]) {
					return Nil{}, nil
				}
				if o, ok := c.Args[0].(*Object); ok {
					s, err := in.callText(o, "read")
					if err != nil {
						return nil, err
					}
					c.Args[0] = Str(s)
				}
			}
			return parse(c)
		})
	}
	m.DefineSingleton("load_file", 1, 2, func(c *Call) (Value, error) {
		s, err := in.Call(in.Object.consts["File"], "read", c.Args[0])
		if err != nil {
			return nil, err
		}
		c.Args[0] = s
		return parse(c)
	})
	write := func(name string, pretty bool) {
		m.DefineSingleton(name, 1, 2, func(c *Call) (Value, error) {
			w := &jsonWriter{in: in, pretty: pretty, failed: generatorError}
			if err := w.value(c.Args[0], 0); err != nil {
				return nil, err
			}
			return c.Text(w.b.String()), nil
		})
	}
	write("generate", false)
	write("dump", false)
	write("pretty_generate", true)
	in.Kernel.Define("to_json", 0, -1, func(c *Call) (Value, error) {
		w := &jsonWriter{in: in, failed: generatorError, own: c.Self}
		if err := w.value(c.Self, 0); err != nil {
			return nil, err
		}
		return c.Text(w.b.String()), nil
	})
}

type jsonReader struct {
	in      *Interp
	symbols bool
	failed  *Class
	depth   int
}

func (p *jsonReader) parse(text string) (Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := p.value(d)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = fmt.Errorf("unexpected token after the value")
		}
	}
	if err == nil {
		return v, nil
	}
	if spares(err) && !isJSONError(err) {
		return nil, err
	}
	if _, ok := err.(*Raise); ok {
		return nil, err
	}
	at := min(int(d.InputOffset()), len(text))
	if strings.TrimSpace(text) == "" {
		return nil, p.in.RaiseClass(p.failed, "unexpected end of input")
	}
	rest := strings.TrimLeft(text[at:], " \n\t\r,:")
	return nil, p.in.RaiseClass(p.failed, "unexpected token at '%s'", rest)
}

func isJSONError(err error) bool {
	var u *Unsupported
	var e *Exhausted
	return !errors.As(err, &u) && !errors.As(err, &e)
}

func (p *jsonReader) value(d *json.Decoder) (Value, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	return p.fromToken(d, t)
}

func (p *jsonReader) fromToken(d *json.Decoder, t json.Token) (Value, error) {
	if err := p.in.reserve(48); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		return Nil{}, nil
	case bool:
		return Bool(t), nil
	case string:
		return Str(t), p.in.reserve(int64(len(t)))
	case json.Number:
		if err := p.in.chargeBits(4 * len(t)); err != nil {
			return nil, err
		}
		if n, ok := new(big.Int).SetString(t.String(), 10); ok {
			return Integer(n), nil
		}
		f, _ := t.Float64()
		return Float(f), nil
	case json.Delim:
		if p.depth++; p.depth > 100 {
			return nil, p.in.RaiseClass(p.in.Object.consts["JSON"].(*Class).consts["NestingError"].(*Class), "nesting of %d is too deep", p.depth)
		}
		defer func() { p.depth-- }()
		if t == '[' {
			a := NewArray()
			for d.More() {
				v, err := p.value(d)
				if err != nil {
					return nil, err
				}
				a.elems = append(a.elems, v)
			}
			_, err := d.Token()
			return a, err
		}
		h := NewHash()
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			name, _ := k.(string)
			v, err := p.value(d)
			if err != nil {
				return nil, err
			}
			if p.symbols {
				h.Set(Symbol(name), v)
			} else {
				h.Set(Str(name).frozenCopy(), v)
			}
		}
		_, err := d.Token()
		return h, err
	}
	return nil, fmt.Errorf("unexpected token")
}

type jsonWriter struct {
	in     *Interp
	b      strings.Builder
	pretty bool
	failed *Class
	own    Value // whose to_json this is, so that it is not asked again
}

func (w *jsonWriter) line(depth int) {
	if w.pretty {
		w.b.WriteString("\n" + strings.Repeat("  ", depth))
	}
}

func (w *jsonWriter) value(v Value, depth int) error {
	if depth > 100 {
		return w.in.RaiseClass(w.in.Object.consts["JSON"].(*Class).consts["NestingError"].(*Class), "nesting of %d is too deep", depth)
	}
	if err := w.in.reserve(16); err != nil {
		return err
	}
	switch v := v.(type) {
	case Nil:
		w.b.WriteString("null")
	case Bool, Int, *Big:
		s, err := w.in.Inspect(v)
		w.b.WriteString(s)
		return err
	case Float:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return w.in.RaiseClass(w.failed, "%s not allowed in JSON", formatFloat(float64(v)))
		}
		w.b.WriteString(formatFloat(float64(v)))
	case *String:
		if !utf8.ValidString(v.String()) {
			return w.in.RaiseClass(w.failed, "source sequence is illegal/malformed utf-8")
		}
		w.b.WriteString(jsonString(v.String()))
	case Symbol:
		w.b.WriteString(jsonString(string(v)))
	case *Array:
		return w.array(v, depth)
	case *Hash:
		return w.hash(v, depth)
	default:
		if m := w.in.findMethod(w.in.dispatchClass(v), "to_json"); m != nil && m.native == nil && v != w.own {
			s, err := w.in.callText(v, "to_json")
			w.b.WriteString(s)
			return err
		}
		s, err := w.in.ToS(v)
		w.b.WriteString(jsonString(s))
		return err
	}
	return nil
}

func (w *jsonWriter) array(a *Array, depth int) error {
	w.b.WriteByte('[')
	if len(a.elems) == 0 && w.pretty {
		w.b.WriteByte('\n')
	}
	for i, e := range a.elems {
		if i > 0 {
			w.b.WriteByte(',')
		}
		w.line(depth + 1)
		if err := w.value(e, depth+1); err != nil {
			return err
		}
	}
	w.line(depth)
	w.b.WriteByte(']')
	return nil
}

func (w *jsonWriter) hash(h *Hash, depth int) error {
	w.b.WriteByte('{')
	first := true
	for k, v := range h.All() {
		if !first {
			w.b.WriteByte(',')
		}
		first = false
		w.line(depth + 1)
		s, err := w.in.ToS(k)
		if err != nil {
			return err
		}
		w.b.WriteString(jsonString(s) + ":")
		if w.pretty {
			w.b.WriteByte(' ')
		}
		if err := w.value(v, depth+1); err != nil {
			return err
		}
	}
	w.line(depth)
	w.b.WriteByte('}')
	return nil
}

func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\f':
			b.WriteString(`\f`)
		case '\b':
			b.WriteString(`\b`)
		default:
			if r < 0x20 {
				fmt.Fprintf(&b, `\u%04x`, r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String() + `"`
}
