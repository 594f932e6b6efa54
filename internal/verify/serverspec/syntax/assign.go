package syntax

// assignment reads a value, and an assignment to it if one follows: what stands before
// it does not matter, 1 + a = 2 assigns too.
func (p *parser) assignment(l level) Node {
	n := p.value(l)
	if p.tok.kind != tAssign && p.tok.kind != tOpAssign || n == p.command {
		return n
	}
	if _, ok := n.(*Targets); ok {
		return n
	}
	if n == p.paren {
		p.unexpected("")
	}
	pos, op := p.here(), p.tok
	p.deeper(op.off)
	defer func() { p.depth-- }()
	target := p.target(n, op.off)
	if op.kind == tOpAssign {
		if c, ok := target.(*Const); ok && p.inDef() {
			p.fail(op.off, "constant %s is assigned in a method", c.Name)
		}
		p.advance()
		return p.assigned(&OpAssign{Pos: pos, Target: target, Op: op.text, Value: p.assignedValue(l, false)})
	}
	p.advance()
	return p.assigned(&Assign{pos, target, p.assignedValue(l, true)})
}

// assigned hands on that a command stands on the right side.
func (p *parser) assigned(n Node) Node {
	var value Node
	switch n := n.(type) {
	case *Assign:
		value = n.Value
	case *OpAssign:
		value = n.Value
	}
	if b, ok := value.(*Begin); ok && !b.Keyword && b.Body == p.command {
		value = b.Body
	}
	if value == p.command && value != nil {
		p.command = n
	}
	return n
}

// isAssignedCommand tells that n assigns a command: nothing but a modifier follows it.
func (p *parser) isAssignedCommand(n Node) bool {
	switch n.(type) {
	case *Assign, *OpAssign, *Def:
		return n == p.command
	}
	return false
}

// assignedValue reads the right side of an assignment; several values where a
// statement stands.
func (p *parser) assignedValue(l level, several bool) Node {
	several = several && l == statement
	if l < assigned {
		l = operand
	} else {
		l = assigned
	}
	if several && p.tok.kind == tStar {
		return p.valueList(nil)
	}
	v := p.arg(l)
	p.voidValue(v)
	if p.tok.kind == kRescueMod {
		pos, isCommand := p.here(), v == p.command
		p.advance()
		if !isCommand {
			return rescued(pos, v, p.arg(operand))
		}
		n := rescued(pos, v, p.plainStatement())
		p.command = v
		return n
	}
	if several && v != p.command && p.tok.kind == tComma {
		return p.valueList(v)
	}
	return v
}

// valueList reads a, *b, c; first is what is read already.
func (p *parser) valueList(first Node) Node {
	a := &Array{Pos: p.here()}
	if first != nil {
		a.Pos = first.Position()
		a.Elems = append(a.Elems, first)
		p.advance()
	}
	for {
		if pos := p.here(); p.accept(tStar) {
			a.Elems = append(a.Elems, &Splat{pos, p.arg(operand)})
		} else {
			v := p.arg(operand)
			p.voidValue(v)
			a.Elems = append(a.Elems, v)
		}
		if !p.accept(tComma) {
			return a
		}
	}
}

// multiAssign reads a, b = c from behind its first target, or from a splat. Inside
// parentheses it stops before ")" with the targets alone.
func (p *parser) multiAssign(first Node) Node {
	t := &Targets{Pos: p.here()}
	list, nested := first.(*Targets)
	switch {
	case first == nil:
		p.targetList(t)
	case nested && p.tok.kind == tAssign: // (a, b) = c
		t = list
	default:
		t.Pos = first.Position()
		if c, ok := first.(*Call); ok && c.Safe {
			p.fail(p.tok.off, "&. in a list of targets")
		}
		if !nested {
			first = p.target(first, p.tok.off)
		}
		t.List = append(t.List, first)
		if p.accept(tComma) {
			p.targetList(t)
		}
	}
	if p.tok.kind == tNewline && p.peekClose() {
		p.newlines()
	}
	if p.tok.kind == tRParen {
		return t
	}
	pos := p.here()
	p.expect(tAssign, "= or another target")
	n := &MultiAssign{Pos: pos, Targets: t}
	if p.tok.kind == tStar {
		n.Value = p.valueList(nil)
	} else {
		n.Value = p.arg(argument)
		p.voidValue(n.Value)
		if p.tok.kind == tComma && n.Value != p.command {
			n.Value = p.valueList(n.Value)
		}
	}
	if at := p.here(); n.Value != p.command && p.accept(kRescueMod) {
		n.Value = rescued(at, n.Value, p.plainStatement())
	}
	return n
}

// targetList reads targets to what follows the last one.
func (p *parser) targetList(t *Targets) {
	splat := false
	for _, n := range t.List {
		if _, ok := n.(*Splat); ok {
			splat = true
		}
	}
	for {
		switch pos := p.here(); p.tok.kind {
		case tStar, tMul:
			if splat {
				p.unexpected("one splat only")
			}
			splat = true
			p.advance()
			s := &Splat{Pos: pos}
			switch p.tok.kind {
			case tComma, tAssign, tRParen, kIn, tPipe:
			default:
				s.Value = p.target(p.value(operand), p.tok.off)
			}
			t.List = append(t.List, s)
		case tAssign, tRParen, kIn: // a, = b
			if splat {
				p.unexpected("a target")
			}
			return
		default:
			t.List = append(t.List, p.nestedTarget())
		}
		if !p.accept(tComma) {
			return
		}
	}
}

// nestedTarget reads a target, or several in parentheses.
func (p *parser) nestedTarget() Node {
	if p.tok.kind != tLParen {
		off := p.tok.off
		n := p.value(operand)
		if n == p.paren {
			p.fail(off, "an expression in parentheses is not assigned to")
		}
		if c, ok := n.(*Call); ok && c.Safe {
			p.fail(off, "&. in a list of targets")
		}
		return p.target(n, off)
	}
	done := p.enter(p.tok.off)
	p.advance()
	t := &Targets{Pos: p.here()}
	p.targetList(t)
	if len(t.List) == 0 || p.lone(t) {
		p.unexpected("a target")
	}
	p.newlines()
	done()
	p.expect(tRParen, "the ) of the targets")
	return t
}

// lone tells that only one target stands in parentheses, without a comma.
func (p *parser) lone(t *Targets) bool {
	switch t.List[0].(type) {
	case *Splat, *Targets:
		return false
	}
	return len(t.List) == 1 && p.src[p.prevEnd-1] != ','
}

// assignable tells whether n can be a target.
func (p *parser) assignable(n Node) bool {
	if n == p.paren || n == p.command {
		return false
	}
	switch n := n.(type) {
	case *LocalVar, *IVar, *CVar, *GVar, *Const:
		return true
	case *Call:
		return n.Block == nil && !n.Parens && (n.Name == "[]" || len(n.Args) == 0 && assignableName(n.Name))
	}
	return false
}

func assignableName(name string) bool {
	last := name[len(name)-1]
	return isNameStart(name[0]) && last != '?' && last != '!'
}

// target makes a target of an expression, and a variable of a bare name; off is where
// the assignment stands.
func (p *parser) target(n Node, off int) Node {
	switch n := n.(type) {
	case *Nil, *Self, *True, *False, *FileName, *LineNo, *Encoding:
		p.fail(off, "%s is not assigned to", p.text(n))
	case *GVar:
		if c := n.Name[1]; '1' <= c && c <= '9' || c == '&' || c == '`' || c == '\'' || c == '+' {
			p.fail(off, "variable %s is not assigned to", n.Name)
		}
		return n
	case *Const:
		if p.inDef() {
			p.fail(off, "constant %s is assigned in a method", n.Name)
		}
	case *LocalVar:
		if isNumbered(n.Name) {
			p.fail(off, "%s is a numbered parameter", n.Name)
		}
	}
	if !p.assignable(n) {
		p.unexpected("")
	}
	if c, ok := n.(*Call); ok && c.Recv == nil {
		if isNumbered(c.Name) {
			p.fail(off, "%s is kept for numbered parameters", c.Name)
		}
		p.scope.declare(c.Name)
		return &LocalVar{c.Pos, c.Name}
	}
	return n
}

// text is how a word that is no variable is written.
func (p *parser) text(n Node) string {
	switch n.(type) {
	case *Nil:
		return "nil"
	case *Self:
		return "self"
	case *True:
		return "true"
	case *False:
		return "false"
	case *FileName:
		return "__FILE__"
	case *LineNo:
		return "__LINE__"
	}
	return "__ENCODING__"
}

// voidValue fails for what never has a value where one is needed.
func (p *parser) voidValue(n Node) {
	switch n := n.(type) {
	case *Return, *Break, *Next, *Redo, *Retry:
		p.problems = append(p.problems, Problem{n.Position(), "this never has a value, and one is needed"})
	}
}
