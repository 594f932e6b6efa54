package syntax

import (
	"fmt"
	"strconv"
	"strings"
)

// normal prints a tree without what Ruby's own compiler does not keep: parentheses,
// modifiers, a += 1 for a variable. testdata/normal.rb prints what Ruby makes of the
// same text in the same form.
func normal(n Node) string {
	switch n := n.(type) {
	case nil, *Nil:
		return "nil"
	case *Body:
		return normalBody(n.List)
	case *True:
		return "true"
	case *False:
		return "false"
	case *Self:
		return "self"
	case *Int:
		return "(int " + n.Value.String() + ")"
	case *Float:
		return fmt.Sprintf("(float %s)", formatFloat(n.Value))
	case *Str:
		return normalText("str", n.Parts)
	case *XStr:
		return normalText("xstr", n.Parts)
	case *Sym:
		return normalText("sym", n.Parts)
	case *Regexp:
		return normalRegexp(n)
	case *FileName:
		return "(str)"
	case *LineNo:
		return fmt.Sprintf("(int %d)", n.Line)
	case *Encoding:
		return "(encoding)"
	case *Array:
		return join("array", normalList(n.Elems)...)
	case *Hash:
		return normalHash(n)
	case *Range:
		return fmt.Sprintf("(%s %s %s)", dots(n.Exclusive, "dot"), normal(n.Lo), normal(n.Hi))
	case *Flip:
		return fmt.Sprintf("(%s %s %s)", dots(n.Exclusive, "flip"), normalFlip(n.Lo), normalFlip(n.Hi))
	case *LocalVar:
		return "(lvar " + n.Name + ")"
	case *IVar:
		return "(var " + n.Name + ")"
	case *GVar:
		return "(var " + n.Name + ")"
	case *CVar:
		return "(var " + n.Name + ")"
	case *Const:
		switch {
		case n.Top:
			return "(const :: " + n.Name + ")"
		case n.Scope != nil:
			return "(const " + normal(n.Scope) + " " + n.Name + ")"
		}
		return "(const " + n.Name + ")"
	}
	return normalMore(n)
}

func normalMore(n Node) string {
	switch n := n.(type) {
	case *Assign:
		return "(asgn " + normalTarget(n.Target) + " " + normal(n.Value) + ")"
	case *OpAssign:
		return normalOpAssign(n)
	case *MultiAssign:
		return "(masgn " + normalTarget(n.Targets) + " " + normal(n.Value) + ")"
	case *Call:
		return normalCall(n)
	case *Super:
		if n.Bare {
			return join("zsuper", normalBlock(n.Block)...)
		}
		return join("super", append(normalList(n.Args), normalBlock(n.Block)...)...)
	case *Yield:
		return join("yield", normalList(n.Args)...)
	case *Lambda:
		return join("lambda", normalBlock(n.Block)...)
	case *And:
		return join("and", logic(n, true)...)
	case *Or:
		return join("or", logic(n, false)...)
	case *Not:
		return "(call " + normal(n.Value) + " !)"
	case *Defined:
		return "(defined " + normal(n.Value) + ")"
	case *If:
		return "(if " + normal(n.Cond) + " " + normal(n.Then) + " " + normal(n.Else) + ")"
	case *While:
		name := "while"
		if n.Until {
			name = "until"
		}
		if n.DoWhile {
			name = "do" + name
		}
		return "(" + name + " " + normal(n.Cond) + " " + normal(n.Body) + ")"
	case *For:
		target := normalTarget(n.Target)
		switch n.Target.(type) {
		case *LocalVar, *Targets:
		default:
			target = "(targets " + target + ")"
		}
		return "(for " + target + " " + normal(n.In) + " " + normal(n.Body) + ")"
	case *Case:
		out := []string{normal(n.Subject)}
		for _, w := range n.Whens {
			out = append(out, "(when ("+strings.Join(normalList(w.Conds), " ")+") "+normal(w.Body)+")")
		}
		return join("case", append(out, normal(n.Else))...)
	case *CaseIn:
		return "(casein " + normal(n.Subject) + ")"
	case *Begin:
		return normalBegin(n)
	case *Return:
		return "(return " + normal(n.Value) + ")"
	case *Break:
		return "(break " + normal(n.Value) + ")"
	case *Next:
		return "(next " + normal(n.Value) + ")"
	case *Redo:
		return "redo"
	case *Retry:
		return "retry"
	case *Def:
		return fmt.Sprintf("(def %s %s %s %s)", normal(n.Singleton), n.Name, normalParams(n.Params), normal(tail(n.Body)))
	case *Class:
		return "(class " + normal(n.Name) + " " + normal(n.Super) + " " + normal(n.Body) + ")"
	case *SingletonClass:
		return "(sclass " + normal(n.Value) + " " + normal(n.Body) + ")"
	case *Module:
		return "(module " + normal(n.Name) + " " + normal(n.Body) + ")"
	case *Alias:
		return "(alias " + n.New + " " + n.Old + ")"
	case *Undef:
		var list []string
		for _, name := range n.Names {
			list = append(list, "(undef "+name+")")
		}
		if len(list) == 1 {
			return list[0]
		}
		return "(body\n" + strings.Join(list, "\n") + ")"
	case *EndBlock:
		if n.Begin {
			return normal(n.Body)
		}
		return "(end " + normal(n.Body) + ")"
	}
	return fmt.Sprintf("(?%T)", n)
}

func join(name string, list ...string) string {
	return "(" + strings.Join(append([]string{name}, list...), " ") + ")"
}

func normalBody(list []Node) string {
	var out []string
	flattenBody(list, &out)
	switch len(out) {
	case 0:
		return "nil"
	case 1:
		return out[0]
	}
	return "(body\n" + strings.Join(out, "\n") + ")"
}

func flattenBody(list []Node, out *[]string) {
	for _, n := range list {
		switch n := n.(type) {
		case *Body:
			flattenBody(n.List, out)
			continue
		case *Begin:
			if b, ok := n.Body.(*Body); len(n.Rescues) == 0 && n.Ensure == nil {
				if ok {
					flattenBody(b.List, out)
				} else if n.Body != nil {
					flattenBody([]Node{n.Body}, out)
				}
				continue
			}
		case *Undef:
			for _, name := range n.Names {
				*out = append(*out, "(undef "+name+")")
			}
			continue
		}
		*out = append(*out, normal(n))
	}
}

func formatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', 17, 64)
	return strings.ReplaceAll(strings.TrimPrefix(s, "+"), "+Inf", "Inf")
}

func quoteBytes(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, "\\x%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// textParts takes strings in interpolations apart, as Ruby's parser does.
func textParts(parts []Node) []Node {
	var out []Node
	for _, n := range parts {
		switch n := n.(type) {
		case *Str:
			out = append(out, textParts(n.Parts)...)
		case *FileName:
		default:
			out = append(out, n)
		}
	}
	return merge(append([]Node(nil), out...))
}

func normalText(name string, parts []Node) string {
	var out []string
	for _, n := range textParts(parts) {
		if t, ok := n.(*Text); ok {
			if t.Value != "" {
				out = append(out, quoteBytes(t.Value))
			}
		} else {
			out = append(out, normal(n))
		}
	}
	return join(name, out...)
}

func normalRegexp(n *Regexp) string {
	parts := textParts(n.Parts)
	if len(parts) == 0 {
		parts = []Node{&Text{}}
	}
	if t, ok := parts[0].(*Text); ok && len(parts) == 1 {
		out := []string{quoteBytes(t.Value)}
		flags := ""
		for _, f := range "imx" {
			if strings.ContainsRune(n.Flags, f) {
				flags += string(f)
			}
		}
		if flags != "" {
			out = append(out, flags)
		}
		return join("regx", out...)
	}
	return normalText("regx", parts)
}

func dots(exclusive bool, name string) string {
	if exclusive {
		return name + "3"
	}
	return name + "2"
}

func normalFlip(n Node) string {
	if i, ok := n.(*Int); ok {
		return "(call " + normal(i) + " == (var $.))"
	}
	return normal(n)
}

// normalList prints arguments or elements.
func normalList(list []Node) []string {
	var out []string
	for _, n := range list {
		switch n := n.(type) {
		case *Splat:
			if a, ok := n.Value.(*Array); ok {
				out = append(out, normalList(a.Elems)...)
				continue
			}
			out = append(out, "(splat "+normal(n.Value)+")")
		case *BlockPass:
			if n.Value == nil {
				out = append(out, "(blockpass (lvar &))")
				continue
			}
			out = append(out, "(blockpass "+normal(n.Value)+")")
		case *Forward:
			out = append(out, "(splat (lvar *))", "(blockpass (lvar &))")
		default:
			out = append(out, normal(n))
		}
	}
	return out
}

func normalHash(n *Hash) string {
	var out []string
	for _, p := range n.Pairs {
		if p.Key == nil {
			out = append(out, "**", normal(p.Value))
		} else {
			out = append(out, normal(p.Key), normal(p.Value))
		}
	}
	return join("hash", out...)
}

func normalTarget(n Node) string {
	switch n := n.(type) {
	case *Targets:
		var out []string
		for _, x := range n.List {
			if s, ok := x.(*Splat); ok {
				if s.Value == nil {
					out = append(out, "(splat)")
				} else {
					out = append(out, "(splat "+normalTarget(s.Value)+")")
				}
				continue
			}
			out = append(out, normalTarget(x))
		}
		return join("targets", out...)
	case *Call:
		return join("call", append([]string{normal(n.Recv), n.Name}, normalList(n.Args)...)...)
	}
	return normal(n)
}

func normalOpAssign(n *OpAssign) string {
	c, isConst := n.Target.(*Const)
	switch n.Target.(type) {
	case *LocalVar, *IVar, *GVar, *CVar, *Const:
		if (!isConst || c.Scope == nil && !c.Top) && n.Op != "||" && n.Op != "&&" {
			return fmt.Sprintf("(asgn %s (call %[1]s %s %s))", normal(n.Target), n.Op, normal(n.Value))
		}
	}
	target := normalTarget(n.Target)
	if c, ok := n.Target.(*Call); ok && c.Safe {
		target = "(q" + target[1:]
	}
	return "(opasgn " + target + " " + n.Op + " " + normal(n.Value) + ")"
}

func normalCall(n *Call) string {
	if n.Recv == nil && n.Args == nil && !n.Parens && n.Block == nil && assignableName(n.Name) {
		return "(vcall " + n.Name + ")"
	}
	kind := "call"
	if n.Safe {
		kind = "qcall"
	}
	recv := normal(n.Recv)
	if n.Name == "[]" && recv == "self" {
		recv = "nil"
	}
	out := append([]string{recv, n.Name}, normalList(n.Args)...)
	return join(kind, append(out, normalBlock(n.Block)...)...)
}

func normalBlock(b *Block) []string {
	if b == nil {
		return nil
	}
	params := normalParams(b.Params)
	if b.Numbered > 0 {
		var list []string
		for i := 1; i <= b.Numbered; i++ {
			list = append(list, fmt.Sprintf("(req _%d)", i))
		}
		params = "(" + strings.Join(list, " ") + ")"
	}
	return []string{"(block " + params + " " + normal(b.Body) + ")"}
}

func normalParams(ps *Params) string {
	if ps == nil {
		return "()"
	}
	var out []string
	for _, p := range ps.List {
		switch p.Kind {
		case Required:
			out = append(out, "(req "+p.Name+")")
		case Optional:
			out = append(out, "(opt "+p.Name+" "+normal(p.Default)+")")
		case Rest:
			if p.Name == "" {
				continue
			}
			out = append(out, "(rest "+p.Name+")")
		case Keyword:
			if p.Default == nil {
				out = append(out, "(key "+p.Name+")")
			} else {
				out = append(out, "(key "+p.Name+" "+normal(p.Default)+")")
			}
		case KeywordRest:
			if p.Name == "" {
				continue // Ruby's tree has one wherever there is a keyword
			}
			out = append(out, "(keys "+p.Name+")")
		case BlockParam:
			if p.Name == "" {
				out = append(out, "(blk &)")
			} else {
				out = append(out, "(blk "+p.Name+")")
			}
		case Destructure:
			out = append(out, normalTarget(p.Pattern))
		}
	}
	if ps.Forward {
		out = append(out, "(blk &)")
	}
	if ps.TrailingComma {
		out = append(out, "comma")
	}
	return "(" + strings.Join(out, " ") + ")"
}

func logic(n Node, and bool) []string {
	switch n := n.(type) {
	case *And:
		if and {
			return append(logic(n.Left, and), logic(n.Right, and)...)
		}
	case *Or:
		if !and {
			return append(logic(n.Left, and), logic(n.Right, and)...)
		}
	}
	return []string{normal(n)}
}

// tail takes away the return at a method's end, as Ruby's parser does.
func tail(n Node) Node {
	switch n := n.(type) {
	case *Return:
		return tail(n.Value)
	case *Body:
		list := append([]Node(nil), n.List...)
		last := len(list) - 1
		list[last] = tail(list[last])
		if _, ok := list[last].(*Nil); ok || list[last] == nil {
			list = list[:last]
		}
		return &Body{n.Pos, list}
	case *If:
		return &If{n.Pos, n.Cond, tail(n.Then), tail(n.Else)}
	case *Case:
		if n.Subject == nil {
			return n
		}
		c := *n
		c.Whens = append([]When(nil), n.Whens...)
		for i := range c.Whens {
			c.Whens[i].Body = tail(c.Whens[i].Body)
		}
		c.Else = tail(n.Else)
		return &c
	case *Begin:
		b := *n
		if n.Else == nil {
			b.Body = tail(n.Body)
		}
		return &b
	}
	return n
}

func normalBegin(n *Begin) string {
	s := normal(n.Body)
	if len(n.Rescues) > 0 {
		out := []string{s}
		for _, r := range n.Rescues {
			target := "nil"
			if r.Target != nil {
				target = normalTarget(r.Target)
			}
			out = append(out, "(on ("+strings.Join(normalList(r.Classes), " ")+") "+target+" "+normal(r.Body)+")")
		}
		s = join("rescue", append(out, normal(n.Else))...)
	}
	if n.Ensure != nil {
		s = "(ensure " + s + " " + normal(n.Ensure) + ")"
	}
	return s
}
