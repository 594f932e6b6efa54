package syntax

// value reads a literal, a name, a call or a construct, with what hangs on it: methods
// after dots, elements, blocks.
func (p *parser) value(l level) Node {
	p.deeper(p.tok.off)
	defer func() { p.depth-- }()
	pos, t := p.here(), p.tok
	switch t.kind {
	case tIdent, tFid, tConst:
		return p.named(l)
	case tIVar, tGVar, tCVar:
		p.advance()
		return p.postfix(p.variableNode(t.off, t.text), l, false)
	case tNumber:
		p.advance()
		return p.postfix(t.number, l, false)
	case tString, tChar, tHeredoc:
		return p.postfix(p.str(), l, false)
	case tXString, tRegexp, tSymbol, tDSymbol, tWords:
		return p.postfix(p.literal(), l, false)
	case tLBracket:
		return p.postfix(p.array(), l, false)
	case tLBrace:
		return p.postfix(p.hash(), l, false)
	case tLParen, tLParenArg:
		return p.postfix(p.parens(), l, false)
	case tLambda:
		return p.postfix(p.lambda(), l, false)
	case tColon3:
		p.advance()
		name := p.tok
		if name.kind != tConst {
			p.unexpected("a constant's name behind ::")
		}
		p.advance()
		return p.postfix(&Const{Pos: pos, Top: true, Name: name.text}, l, false)
	case kNil, kSelf, kTrue, kFalse, kFile, kLine, kEncoding:
		p.advance()
		return p.postfix(word(t.kind, pos), l, false)
	case kYield, kSuper, kReturn, kBreak, kNext, kRedo, kRetry:
		return p.jump(l)
	case kNot:
		return p.postfix(p.notValue(), l, false)
	case kDefined:
		return p.defined(l)
	case kDef:
		return p.def(l)
	default:
		if n := p.construct(); n != nil {
			return p.postfix(n, l, false)
		}
	}
	p.unexpected("")
	return nil
}

// construct reads what begins with a keyword and ends with end.
func (p *parser) construct() Node {
	switch p.tok.kind {
	case kIf, kUnless:
		return p.ifElse()
	case kWhile, kUntil:
		return p.while()
	case kFor:
		return p.forIn()
	case kCase:
		return p.caseWhen()
	case kBegin:
		return p.begin()
	case kClass:
		return p.class()
	case kModule:
		return p.module()
	}
	return nil
}

func word(k kind, pos Pos) Node {
	switch k {
	case kNil:
		return &Nil{pos}
	case kSelf:
		return &Self{pos}
	case kTrue:
		return &True{pos}
	case kFalse:
		return &False{pos}
	case kFile:
		return &FileName{pos}
	case kLine:
		return &LineNo{pos}
	}
	return &Encoding{pos}
}

// parens reads (a; b).
func (p *parser) parens() Node {
	pos, off := p.here(), p.tok.off
	atHead, arg := p.head == off, p.tok.kind == tLParenArg
	done := p.enter(off)
	p.advance()
	var n Node
	if !arg {
		n = p.statements(tRParen)
	} else if p.tok.kind != tRParen {
		n = p.statement()
		p.newlines()
	}
	done()
	if p.tok.kind != tRParen {
		p.unexpected("the ) of the parenthesis")
	}
	_, targets := n.(*Targets)
	if targets && !atHead {
		p.unexpected("")
	}
	p.advance()
	if arg {
		p.argParen = p.prevEnd
	}
	p.command = nil
	if targets {
		if p.tok.kind != tComma && p.tok.kind != tAssign && p.tok.kind != tRParen {
			p.unexpected("=")
		}
		return n
	}
	if n == nil {
		n = &Nil{pos}
	}
	p.paren = n
	return n
}

// notValue reads not(x).
func (p *parser) notValue() Node {
	pos, off := p.here(), p.tok.off
	p.advance()
	if p.tok.kind != tCallParen {
		p.unexpected("( behind not")
	}
	done := p.enter(off)
	p.advance()
	p.newlines()
	var v Node = &Nil{pos}
	if p.tok.kind != tRParen {
		v = p.expression(command)
		p.newlines()
	}
	done()
	p.expect(tRParen, "the ) of not")
	return &Not{pos, condition(v)}
}

// named reads a variable, a constant or a call that begins with a name.
func (p *parser) named(l level) Node {
	pos, t := p.here(), p.tok
	p.advance()
	switch {
	case p.tok.kind == tCallParen:
		c := &Call{Pos: pos, Name: t.text, Parens: true}
		c.Args = p.parenArgs()
		return p.postfix(c, l, true)
	case l > operand && p.beginsArgument():
		return p.commandCall(&Call{Pos: pos, Name: t.text}, l)
	case t.kind == tConst:
		if p.opensBlock() {
			return p.postfix(&Call{Pos: pos, Name: t.text}, l, true)
		}
		return p.postfix(&Const{Pos: pos, Name: t.text}, l, false)
	case t.kind == tIdent && !p.opensBlock() &&
		(p.numberedParam(t.text) || p.scope.has(t.text)):
		if t.text == p.defaulted {
			p.fail(t.off, "default of the parameter %s is the parameter itself", t.text)
		}
		return p.postfix(&LocalVar{pos, t.text}, l, false)
	}
	return p.postfix(&Call{Pos: pos, Name: t.text}, l, true)
}
