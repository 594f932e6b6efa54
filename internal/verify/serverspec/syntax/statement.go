package syntax

// level says how much may stand where an expression begins.
type level int

const (
	operand   level = iota // an operator's expression
	argument               // also a call with arguments without parentheses
	command                // also such a call behind !
	assigned               // also an assignment of such a call
	statement              // also an assignment of several values
)

// statements reads a sequence to a token that ends it, which it leaves. It returns nil
// for none, and a *Body for any number.
func (p *parser) statements(ends ...kind) Node {
	p.terminators()
	pos := p.here()
	var list []Node
	for !p.ends(ends) {
		n := p.statement()
		if _, ok := n.(*Targets); ok && len(list) > 0 {
			p.unexpected("")
		}
		list = append(list, n)
		if p.tok.kind != tNewline && p.tok.kind != tSemicolon && !p.ends(ends) {
			p.unexpected("")
		}
		p.terminators()
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &Body{pos, list}
}

func (p *parser) ends(ends []kind) bool {
	for _, k := range ends {
		if p.tok.kind == k {
			return true
		}
	}
	return p.tok.kind == tEOF
}

// statement reads one statement with its modifiers.
func (p *parser) statement() Node {
	p.deeper(p.tok.off)
	defer func() { p.depth-- }()
	n := p.plainStatement()
	for chain := 0; ; chain++ {
		p.chain(chain)
		pos := p.here()
		switch p.tok.kind {
		case kIfMod:
			p.advance()
			n = &If{Pos: pos, Cond: p.condition(), Then: n}
		case kUnlessMod:
			p.advance()
			n = &If{Pos: pos, Cond: p.condition(), Else: n}
		case kWhileMod, kUntilMod:
			until, inParens := p.tok.kind == kUntilMod, n == p.paren
			p.advance()
			b, isBegin := n.(*Begin)
			n = &While{Pos: pos, Cond: p.condition(), Body: n, Until: until, DoWhile: isBegin && b.Keyword && !inParens}
		case kRescueMod:
			p.advance()
			n = rescued(pos, n, p.plainStatement())
		default:
			return n
		}
	}
}

// rescued is a rescue b.
func rescued(pos Pos, body, other Node) Node {
	return &Begin{Pos: body.Position(), Body: body, Rescues: []Rescue{{Pos: pos, Body: other}}}
}

// plainStatement reads a statement without modifiers behind it.
func (p *parser) plainStatement() Node {
	switch p.tok.kind {
	case kAlias:
		return p.alias()
	case kUndef:
		return p.undef()
	case kBeginBlock, kEndBlock:
		return p.programBlock()
	case tStar:
		return p.multiAssign(nil)
	}
	p.head = p.tok.off
	n := p.expression(statement)
	if t, ok := n.(*Targets); ok {
		if p.tok.kind == tRParen { // inside others
			return &Targets{t.Pos, []Node{t}}
		}
		return p.multiAssign(t)
	}
	if p.tok.kind == tComma && p.assignable(n) {
		return p.multiAssign(n)
	}
	return n
}

// condition reads the expression that a modifier or an if has.
func (p *parser) condition() Node {
	n := p.expression(command)
	p.voidValue(n)
	return condition(n)
}

// condition gives ranges and regular expressions the meaning that they have there.
func condition(n Node) Node {
	switch n := n.(type) {
	case *Range:
		return &Flip{n.Pos, condition(n.Lo), condition(n.Hi), n.Exclusive}
	case *Regexp:
		return &Call{Pos: n.Pos, Recv: n, Name: "=~", Args: []Node{&GVar{n.Pos, "$_"}}}
	case *And:
		n.Left, n.Right = condition(n.Left), condition(n.Right)
	case *Or:
		n.Left, n.Right = condition(n.Left), condition(n.Right)
	case *Not:
		n.Value = condition(n.Value)
	}
	return n
}

// expression reads and, or, not and what they stand between.
func (p *parser) expression(l level) Node {
	n := p.notExpression(l)
	if p.isAssignedCommand(n) {
		return n
	}
	for chain := 0; p.tok.kind == kAnd || p.tok.kind == kOr; chain++ {
		p.chain(chain)
		k, pos := p.tok.kind, p.here()
		p.voidValue(n)
		p.advance()
		p.newlines()
		right := p.notExpression(command)
		if k == kAnd {
			n = &And{pos, n, right}
		} else {
			n = &Or{pos, n, right}
		}
	}
	return n
}

// notExpression reads not x, and an operator's expression with a pattern behind it.
func (p *parser) notExpression(l level) Node {
	p.deeper(p.tok.off)
	defer func() { p.depth-- }()
	if p.tok.kind == kNot && !p.notCall() {
		pos := p.here()
		p.advance()
		p.newlines()
		v := p.notExpression(min(l, command))
		p.voidValue(v)
		return &Not{pos, condition(v)}
	}
	n := p.arg(l)
	if _, ok := n.(*Targets); ok || n == p.command {
		return n
	}
	switch {
	case p.tok.kind == tArrow, p.tok.kind == kIn:
		return p.patternMatch(n)
	}
	return n
}

// notCall tells that the parenthesis of not(x) follows: that is a value.
func (p *parser) notCall() bool { return p.peek(p.pos) == '(' }

// chain bounds what follows each other in an expression.
func (p *parser) chain(n int) {
	if n > maxChain {
		p.fail(p.tok.off, "more than %d operators or calls in a row", maxChain)
	}
}
