package syntax

// takesDo tells whether a do here is the block of the value before it.
func (p *parser) takesDo() bool { return !p.nesting.loop && !p.nesting.arguments }

// opensBlock tells whether the current token begins the block of the value before it.
func (p *parser) opensBlock() bool {
	return p.tok.kind == tBlockBrace && !p.nesting.lambda || p.tok.kind == kDo && p.takesDo()
}

// beginsArgument tells whether the current token, behind a name, begins the arguments
// of a call without parentheses.
func (p *parser) beginsArgument() bool {
	switch p.tok.kind {
	case tStar, tDStar, tBlockAmp, tLabel:
		return true
	}
	return p.beginsValue()
}

// postfix reads what hangs on a value: methods, elements, blocks. A block can hang on
// it when it is callable.
func (p *parser) postfix(n Node, l level, callable bool) Node {
	for chain := 0; ; chain++ {
		p.chain(chain)
		switch k := p.tok.kind; {
		case k == tDot || k == tAndDot || k == tColon2:
			p.voidValue(n)
			n, callable = p.member(n, l)
			if n == p.command {
				return n
			}
		case k == tIndex:
			p.voidValue(n)
			pos, off := p.here(), p.tok.off
			n = &Call{Pos: pos, Recv: n, Name: "[]", Args: p.bracketArgs(off)}
			callable = true
		case k == tBlockBrace && callable && !p.nesting.lambda && hasNoBlock(n):
			p.attach(n, p.braceBlock())
			callable = false
		case k == kDo && callable && p.takesDo() && hasNoBlock(n):
			p.attach(n, p.doBlock())
			callable = false
		default:
			return n
		}
	}
}

func hasNoBlock(n Node) bool {
	switch n := n.(type) {
	case *Call:
		return n.Block == nil
	case *Super:
		return n.Block == nil
	}
	return false
}

// attach gives a call its block.
func (p *parser) attach(n Node, b *Block) {
	var args []Node
	switch n := n.(type) {
	case *Call:
		args = n.Args
		n.Block = b
	case *Super:
		args = n.Args
		n.Block = b
	}
	if len(args) > 0 {
		if pass, ok := args[len(args)-1].(*BlockPass); ok {
			p.problems = append(p.problems, Problem{pass.Pos, "both a block argument and a block are given"})
		}
	}
}

// member reads .name, &.name or ::name with its arguments. The result is p.command
// when they have no parentheses.
func (p *parser) member(recv Node, l level) (n Node, callable bool) {
	op := p.tok
	p.advance()
	t, pos := p.tok, p.here()
	c := &Call{Pos: pos, Recv: recv, Safe: op.kind == tAndDot, Name: t.text}
	switch {
	case t.kind == tCallParen || t.kind == tLParen || t.kind == tLParenArg: // x.()
		c.Name = "call"
		c.Parens = true
		c.Args = p.parenArgs()
		return c, true
	case t.kind == tIdent, t.kind == tFid, t.kind == tConst, t.kind.keyword():
		if t.kind.keyword() {
			p.state = sArg
		}
	case t.kind.operatorName():
		c.Name = operatorName(t)
	default:
		p.unexpected("a method's name behind " + p.src[op.off:op.end])
	}
	p.advance()
	switch {
	case p.tok.kind == tCallParen:
		c.Parens = true
		c.Args = p.parenArgs()
		return c, true
	case l > operand && p.beginsArgument():
		return p.commandCall(c, l), false
	case op.kind == tColon2 && t.kind == tConst:
		return &Const{Pos: pos, Scope: recv, Name: t.text}, false
	}
	return c, true
}

// operatorName is the name of a method that is an operator.
func operatorName(t token) string {
	switch t.kind {
	case tBang, tTilde:
		return t.text[:1]
	}
	return t.text
}

// commandCall reads the arguments of a call without parentheses, and its block. More
// calls hang on it only behind a do-block.
func (p *parser) commandCall(c *Call, l level) Node {
	c.Args = p.commandArgs()
	p.command = c
	if p.tok.kind == tBlockBrace && p.prevEnd == p.argParen && p.argParen > 0 { // foo (a) { }
		p.attach(c, p.braceBlock())
		p.command = c
		return c
	}
	if p.tok.kind != kDo || !p.takesDo() {
		return c
	}
	p.attach(c, p.doBlock())
	return p.afterDo(c, l)
}

// afterDo reads what hangs on a command's do-block. The result is a command again.
func (p *parser) afterDo(n Node, l level) Node {
	for p.tok.kind == tDot || p.tok.kind == tAndDot || p.tok.kind == tColon2 {
		var callable bool
		n, callable = p.member(n, l)
		if n == p.command {
			return n
		}
		if callable && p.tok.kind == tBlockBrace {
			p.attach(n, p.braceBlock())
		} else if callable && p.tok.kind == kDo && p.takesDo() {
			p.attach(n, p.doBlock())
		}
	}
	p.command = n
	return n
}

// commandArgs reads arguments without parentheses.
func (p *parser) commandArgs() []Node {
	outer := p.nesting.arguments
	p.nesting.arguments = true
	args := p.arguments(tEOF, true)
	p.nesting.arguments = outer
	return args
}

// parenArgs reads arguments from the "(" that is the current token.
func (p *parser) parenArgs() []Node {
	done := p.enter(p.tok.off)
	p.advance()
	p.newlines()
	args := p.arguments(tRParen, true)
	p.newlines()
	done()
	p.expect(tRParen, ", or the ) of the arguments")
	p.command = nil
	return args
}

// bracketArgs reads an element's arguments from the "[" that is the current token.
func (p *parser) bracketArgs(off int) []Node {
	done := p.enter(off)
	p.advance()
	p.newlines()
	args := p.arguments(tRBracket, true)
	p.newlines()
	done()
	p.expect(tRBracket, ", or the ] of the element")
	p.command = nil
	return args
}

// lambda reads ->(x) { }.
func (p *parser) lambda() Node {
	pos, off := p.here(), p.tok.off
	s := &scope{block: true}
	closeScope := p.open(s)
	b := &Block{Pos: pos}
	p.advance()
	done := p.enter(off)
	s.params = p.lambdaParams(b)
	p.nesting = nesting{}
	b.Pos = p.here()
	switch p.tok.kind {
	case tBlockBrace, tLBrace:
		p.state = sBegin
		b.Braces = true
		p.advance()
		b.Body = p.statements(tRBrace)
		done()
		closeScope()
		p.blockEnds(b, s, tRBrace, "the } of the lambda")
	case kDo:
		p.advance()
		b.Body = p.body(kEnd)
		done()
		closeScope()
		p.blockEnds(b, s, kEnd, "the end of the lambda")
	default:
		p.unexpected("{ or do behind ->")
	}
	return &Lambda{pos, b}
}
