package ruby

import (
	"errors"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

func (in *Interp) bootYAML() {
	m := in.DefineModule("Psych")
	in.Object.SetConst("YAML", m)
	exception := in.DefineClassIn(m, "Exception", in.errorClass("RuntimeError"))
	in.DefineClassIn(m, "SyntaxError", exception)
	in.DefineClassIn(m, "BadAlias", exception)
	in.DefineClassIn(m, "AliasesNotEnabled", m.consts["BadAlias"].(*Class))
	in.DefineClassIn(m, "DisallowedClass", exception)
	load := func(c *Call, text, name string, safe bool, empty Value) (Value, error) {
		keys := c.passed()
		if keys == nil && len(c.Args) > 1 {
			keys, _ = c.Args[len(c.Args)-1].(*Hash)
		}
		r := &yamlReader{in: in, forms: yamlScalars(), empty: empty, module: m, file: name, anchors: map[*yaml.Node]Value{}, symbols: Truthy(orNil(keys.Symbol("symbolize_names"))),
			aliases: !safe || Truthy(orNil(keys.Symbol("aliases")))}
		return r.load(text)
	}
	for name, safe := range map[string]bool{"load": true, "safe_load": true, "unsafe_load": false} {
		m.DefineSingleton(name, 1, -1, func(c *Call) (Value, error) {
			if o, ok := c.Args[0].(*Object); ok {
				s, err := in.callText(o, "read")
				if err != nil {
					return nil, err
				}
				c.Args[0] = Str(s)
			}
			empty := Value(Nil{})
			if !safe {
				empty = False
			}
			return load(c, c.Str(0), "<unknown>", safe, empty)
		})
		m.DefineSingleton(name+"_file", 1, -1, func(c *Call) (Value, error) {
			s, err := in.callText(in.Object.consts["File"], "read", c.Args[0])
			if err != nil {
				return nil, err
			}
			return load(c, s, c.pathArg(0), safe, False)
		})
	}
	m.DefineSingleton("dump", 1, 3, func(c *Call) (Value, error) { return nil, in.unsupported("YAML.dump") })
	m.DefineSingleton("load_stream", 1, 2, func(c *Call) (Value, error) { return nil, in.unsupported("YAML.load_stream") })
	in.Kernel.Define("to_yaml", 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("to_yaml") })
}

type yamlReader struct {
	in      *Interp
	module  *Class
	file    string
	symbols bool
	aliases bool
	anchors map[*yaml.Node]Value
	depth   int
	forms   yamlForms
	empty   Value // of a text without a document
}

func (r *yamlReader) raise(class, format string, args ...any) error {
	return r.in.RaiseClass(r.module.consts[class].(*Class), format, args...)
}

func (r *yamlReader) load(text string) (Value, error) {
	if err := r.in.reserve(int64(len(text)) * 4); err != nil {
		return nil, err
	}
	var doc yaml.Node
	err := yaml.NewDecoder(strings.NewReader(text)).Decode(&doc)
	if errors.Is(err, io.EOF) {
		return r.empty, nil
	}
	if err != nil {
		return nil, r.raise("SyntaxError", "(%s): %s", r.file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return r.value(&doc)
}

func (r *yamlReader) value(n *yaml.Node) (Value, error) {
	if r.depth++; r.depth > 500 {
		return nil, r.raise("SyntaxError", "(%s): nested too deep", r.file)
	}
	defer func() { r.depth-- }()
	if err := r.in.step(); err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0])
	case yaml.AliasNode:
		if !r.aliases {
			return nil, r.raise("BadAlias", "Unknown alias: %s", n.Value)
		}
		v, ok := r.anchors[n.Alias]
		if !ok {
			return nil, r.raise("BadAlias", "Unknown alias: %s", n.Value)
		}
		return v, nil
	case yaml.SequenceNode:
		a := NewArray()
		r.anchors[n] = a
		for _, e := range n.Content {
			v, err := r.value(e)
			if err != nil {
				return nil, err
			}
			a.elems = append(a.elems, v)
		}
		return a, nil
	case yaml.MappingNode:
		return r.mapping(n)
	}
	v, err := r.scalar(n)
	r.anchors[n] = v
	return v, err
}

func (r *yamlReader) mapping(n *yaml.Node) (Value, error) {
	if n.Tag != "!!map" && n.Tag != "" && strings.HasPrefix(n.Tag, "!ruby/") {
		return nil, r.raise("DisallowedClass", "Tried to load unspecified class: %s", n.Tag)
	}
	h := NewHash()
	r.anchors[n] = h
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		v, err := r.value(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		if key.Tag == "!!merge" || key.Value == "<<" && key.Style == 0 {
			list := []Value{v}
			if a, ok := v.(*Array); ok {
				list = append([]Value(nil), a.elems...)
				reverse(list)
			}
			for _, m := range list {
				from, ok := m.(*Hash)
				if !ok {
					continue
				}
				for k, e := range from.All() {
					h.Set(k, e)
				}
			}
			continue
		}
		k, err := r.value(key)
		if err != nil {
			return nil, err
		}
		if s, ok := k.(*String); ok {
			if r.symbols {
				k = Symbol(s.String())
			} else {
				k = s.frozenCopy()
			}
		}
		h.Set(k, v)
	}
	return h, nil
}

// The forms of YAML 1.1 scalars that Psych reads as other than strings.
type yamlForms struct{ integer, float, sexagesimal, date, timestamp *regexp.Regexp }

func yamlScalars() yamlForms {
	return yamlForms{
		integer:     regexp.MustCompile(`^(?:[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0[xX][0-9a-fA-F_,]+|[-+]?0b[01_,]+)$`),
		float:       regexp.MustCompile(`^(?:[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][+-][0-9]+)?)$`),
		sexagesimal: regexp.MustCompile(`^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$`),
		date:        regexp.MustCompile(`^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$`),
		timestamp:   regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d`),
	}
}

func (r *yamlReader) scalar(n *yaml.Node) (Value, error) {
	s := n.Value
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Tag == "!!str" && n.Style&yaml.TaggedStyle != 0 {
		return Str(s), nil
	}
	if strings.HasPrefix(n.Tag, "!ruby/") {
		if n.Tag == "!ruby/symbol" || n.Tag == "!ruby/sym" {
			return Symbol(s), nil
		}
		return nil, r.raise("DisallowedClass", "Tried to load unspecified class: %s", n.Tag)
	}
	switch strings.ToLower(s) {
	case "", "~", "null":
		return Nil{}, nil
	case "yes", "true", "on":
		return True, nil
	case "no", "false", "off":
		return False, nil
	case ".inf", "+.inf":
		return Float(math.Inf(1)), nil
	case "-.inf":
		return Float(math.Inf(-1)), nil
	case ".nan":
		return Float(math.NaN()), nil
	}
	clean := strings.NewReplacer("_", "", ",", "").Replace(s)
	switch {
	case s[0] == ':' && len(s) > 1:
		return Symbol(strings.Trim(s[1:], `"'`)), nil
	case r.forms.integer.MatchString(s):
		if v, ok := r.in.parseInteger(clean, 0, true); ok {
			return v, nil
		}
		return Str(s), nil
	case r.forms.float.MatchString(s) && s != ".":
		if f, err := strconv.ParseFloat(clean, 64); err == nil {
			return Float(f), nil
		}
	case r.forms.sexagesimal.MatchString(s):
		if !strings.Contains(s, ".") {
			return sexagesimal(clean), nil
		}
	case r.forms.date.MatchString(s):
		return nil, r.raise("DisallowedClass", "Tried to load unspecified class: Date")
	case r.forms.timestamp.MatchString(s):
		if t, ok := parseTime(s, time.Time{}.UTC()); ok {
			_ = t
			return nil, r.raise("DisallowedClass", "Tried to load unspecified class: Time")
		}
	}
	return Str(s), nil
}

// sexagesimal is a number such as 1:30:00, in the way that Psych reads it: the second part
// from the front counts sixties, also where there is no third.
func sexagesimal(s string) Value {
	n := new(big.Int)
	for i, part := range strings.Split(s, ":") {
		d, _ := strconv.ParseInt(part, 10, 64)
		exponent := int64(max(i-2, 2-i))
		n.Add(n, new(big.Int).Mul(big.NewInt(d), new(big.Int).Exp(big.NewInt(60), big.NewInt(exponent), nil)))
	}
	return Integer(n)
}
