package ruby

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// list is the variables that code of this scope sees, innermost first.
func (s *scope) list() []string {
	var list []string
	for ; s != nil; s = s.parent {
		list = append(list, s.names...)
	}
	return list
}

// bootBinding defines Binding: the variables and the self of a place, without eval of a
// text other than a template's.
func (in *Interp) bootBinding() {
	k := in.DefineClass("Binding", in.Object)
	in.kernelFunction("binding", 0, 0, func(c *Call) (Value, error) {
		if c.frame == nil {
			return nil, in.unsupported("binding")
		}
		at := *c.frame
		return in.NewObject(k, &at), nil
	})
	def := func(name string, n int, fn func(c *Call, at *frame) (Value, error)) {
		k.Define(name, n, n, on(func(c *Call, o *Object) (Value, error) { return fn(c, o.Data.(*frame)) }))
	}
	def("receiver", 0, func(c *Call, at *frame) (Value, error) { return at.self, nil })
	def("local_variables", 0, func(c *Call, at *frame) (Value, error) {
		var list []Value
		for _, name := range at.scope.list() {
			list = append(list, Symbol(name))
		}
		return NewArray(list...), nil
	})
	def("local_variable_defined?", 1, func(c *Call, at *frame) (Value, error) {
		return Bool(at.scope.lookup(c.NameArg(0)) != nil), nil
	})
	def("local_variable_get", 1, func(c *Call, at *frame) (Value, error) {
		v, ok := at.scope.get(c.NameArg(0))
		if !ok {
			return nil, in.Raise("NameError", "local variable `%s' is not defined for %s", c.NameArg(0), in.inspectOr(c.Self))
		}
		return v, nil
	})
	def("local_variable_set", 2, func(c *Call, at *frame) (Value, error) {
		at.scope.set(c.NameArg(0), c.Args[1])
		return c.Args[1], nil
	})
}

// template is the Data of an ERB.
type template struct{ code string }

// bootERB defines ERB for templates whose text is known: result and result_with_hash.
func (in *Interp) bootERB() {
	k := in.DefineClass("ERB", in.Object)
	k.DefineSingleton("new", 1, 4, func(c *Call) (Value, error) {
		mode := Value(Nil{})
		if keys := c.passed(); keys != nil {
			if v := keys.Symbol("trim_mode"); v != nil {
				mode = v
			}
		}
		if IsNil(mode) && c.Has(2) { // as before Ruby 2.6
			mode = c.Args[2]
		}
		trim := ""
		if !IsNil(mode) {
			trim = c.str(mode).String()
		}
		text := c.Str(0)
		if err := in.reserve(int64(4 * len(text))); err != nil {
			return nil, err
		}
		code, ok := erbCode(text, trim)
		if !ok {
			return nil, in.unsupported("the trim mode " + in.inspectOr(mode) + " of ERB")
		}
		return in.NewObject(c.Self.(*Class), &template{code}), nil
	})
	k.Define("result", 0, 1, on(func(c *Call, o *Object) (Value, error) {
		at := &frame{self: in.Main, scope: &scope{}, act: &activation{}, target: in.Object, ret: &returnTag{}}
		if c.Has(0) {
			b, ok := c.Args[0].(*Object)
			if ok {
				at, ok = b.Data.(*frame)
			}
			if !ok {
				return nil, in.Raise("TypeError", "wrong argument type %s (expected binding)", in.className(in.ClassOf(c.Args[0])))
			}
		}
		return in.erb(o.Data.(*template), *at)
	}))
	k.Define("result_with_hash", 1, 1, on(func(c *Call, o *Object) (Value, error) {
		at := frame{self: in.Main, scope: &scope{}, act: &activation{}, target: in.Object, ret: &returnTag{}}
		for name, v := range c.Hash(0).All() {
			text, err := in.ToS(name)
			if err != nil {
				return nil, err
			}
			at.scope.set(text, v)
		}
		return in.erb(o.Data.(*template), at)
	}))
}

// erb runs a template where at is.
func (in *Interp) erb(t *template, at frame) (Value, error) {
	at.scope = &scope{parent: at.scope}
	at.scope.declare("_erbout", Str(""))
	tree, problems := syntax.ParseWithin("(erb)", t.code, at.scope.list())
	if len(problems) > 0 {
		return nil, in.Raise("SyntaxError", "%s", problems[0].Error())
	}
	at.label, at.file, at.tolerant = "<main>", tree, nil
	if in.depth++; in.depth > in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	pos := in.pos
	in.push(at.label)
	_, err := in.eval(&at, tree.Body)
	in.pop()
	in.depth--
	in.pos = pos
	v, _ := at.scope.get("_erbout")
	return v, err
}

// erbCode makes Ruby of a template, line by line the same. It is not ok for a trim mode
// that ERB does not have.
func erbCode(text, trim string) (code string, ok bool) {
	percent := strings.Contains(trim, "%")
	eat := strings.Replace(trim, "%", "", 1)
	switch eat {
	case "", "-", ">", "<>":
	default:
		return "", false
	}
	var b, plain strings.Builder
	put := func() {
		if plain.Len() > 0 {
			b.WriteString(`_erbout.<<("` + erbQuoted(plain.String()) + `"); `)
			plain.Reset()
		}
	}
	tagged := false // the line began with a tag
	for i, begin := 0, true; i < len(text); {
		if begin && percent && text[i] == '%' { // a line of code
			line, _, _ := strings.Cut(text[i:], "\n")
			i += len(line)
			if strings.HasPrefix(line, "%%") {
				plain.WriteString(line[1:])
			} else {
				put()
				b.WriteString(line[1:])
				if i < len(text) {
					b.WriteByte('\n')
					i++
				}
				continue
			}
		}
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "<%%"):
			plain.WriteString("<%")
			i, begin = i+3, false
			continue
		case !strings.HasPrefix(rest, "<%"):
			if eat == "-" && begin {
				if indent := strings.TrimLeft(rest, " \t"); strings.HasPrefix(indent, "<%-") {
					i += len(rest) - len(indent)
					begin = false
					continue
				}
			}
			if rest != "" {
				plain.WriteByte(rest[0])
				tagged, begin = tagged && rest[0] != '\n', rest[0] == '\n'
				i++
			}
			continue
		}
		put()
		tagged, begin = tagged || begin, false
		i += 2
		if eat == "-" && strings.HasPrefix(text[i:], "-") {
			i++
		}
		tag, end, closed := erbTag(text[i:])
		i += end
		dash := eat == "-" && strings.HasSuffix(tag, "-")
		if dash {
			tag = tag[:len(tag)-1]
		}
		switch {
		case strings.HasPrefix(tag, "#"):
			b.WriteString(strings.Repeat("\n", strings.Count(tag, "\n")))
		case strings.HasPrefix(tag, "="):
			b.WriteString("_erbout.<<((" + tag[1:] + ").to_s); ")
		default:
			b.WriteString(tag + "; ")
		}
		if closed && strings.HasPrefix(text[i:], "\n") && (dash || eat == ">" || eat == "<>" && tagged) {
			b.WriteByte('\n')
			i++
			tagged, begin = false, true
		}
	}
	put()
	return b.String(), true
}

// erbTag is the text up to %>, and where what follows begins.
func erbTag(text string) (tag string, end int, closed bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "%%>"):
			b.WriteString("%>")
			i += 2
		case strings.HasPrefix(text[i:], "%>"):
			return b.String(), i + 2, true
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), len(text), false
}

// erbQuoted is a text for between quotes, with its line ends as they are.
func erbQuoted(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "#", `\#`).Replace(text)
}
