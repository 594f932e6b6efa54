package syntax

// def reads a method's definition.
func (p *parser) def(l level) Node {
	pos, off := p.here(), p.tok.off
	d := &Def{Pos: pos}
	done := p.enter(off)
	p.advance()
	p.defName(d)
	s := &scope{def: true}
	closeScope := p.open(s)
	parens := p.defParams(d)
	if p.tok.kind == tAssign && (parens || d.Params == nil) {
		return p.endless(d, l, func() { done(); closeScope() })
	}
	if p.tok.kind != tNewline && p.tok.kind != tSemicolon && !parens {
		p.unexpected("")
	}
	d.Body = p.body(kEnd)
	done()
	closeScope()
	p.expect(kEnd, "the end of the method "+d.Name)
	return p.postfix(d, l, false)
}

// endless reads def a = b.
func (p *parser) endless(d *Def, l level, closeScope func()) Node {
	if last := d.Name[len(d.Name)-1]; last == '=' && isNameStart(d.Name[0]) {
		p.fail(p.tok.off, "setter %s needs a body with end", d.Name)
	}
	p.advance()
	p.newlines()
	level := operand
	if l >= assigned {
		level = argument
	}
	d.Body = p.arg(level)
	isCommand := d.Body == p.command
	if pos := p.here(); p.accept(kRescueMod) {
		d.Body = rescued(pos, d.Body, p.arg(operand))
	}
	closeScope()
	if isCommand {
		p.command = d
	}
	return d
}

// defName reads name, self.name or (expression).name.
func (p *parser) defName(d *Def) {
	t := p.tok
	if t.kind == tLParen || t.kind == tLParenArg || t.kind == tCallParen {
		p.state = sBegin
		done := p.enter(t.off)
		p.advance()
		d.Singleton = p.expression(command)
		p.newlines()
		done()
		p.expect(tRParen, "the ) of the object")
		p.defDot()
		t = p.tok
	} else if p.peek(p.pos) == '.' || p.peek(p.pos) == ':' && p.peek(p.pos+1) == ':' || p.dotAhead() {
		d.Singleton = p.singleton()
		p.defDot()
		t = p.tok
	}
	d.Name = p.defNameOf(t)
	p.advance()
}

// dotAhead tells whether a dot follows the current word behind spaces.
func (p *parser) dotAhead() bool {
	off := p.pos
	for isBlank(p.peek(off)) {
		off++
	}
	return off > p.pos && (p.peek(off) == '.' && p.peek(off+1) != '.' || p.peek(off) == ':' && p.peek(off+1) == ':')
}

// singleton is the object in def object.name.
func (p *parser) singleton() Node {
	pos, t := p.here(), p.tok
	var n Node
	switch t.kind {
	case kSelf, kNil, kTrue, kFalse, kFile, kLine, kEncoding:
		n = word(t.kind, pos)
	case tConst:
		n = &Const{Pos: pos, Name: t.text}
	case tIVar, tGVar, tCVar:
		n = p.variableNode(t.off, t.text)
	case tIdent:
		if p.scope.has(t.text) {
			n = &LocalVar{pos, t.text}
		} else {
			n = &Call{Pos: pos, Name: t.text}
		}
	default:
		p.unexpected("self, a name or (an object)")
	}
	p.advance()
	return n
}

// defDot skips the dot before a method's name.
func (p *parser) defDot() {
	if p.tok.kind != tDot && p.tok.kind != tColon2 {
		p.unexpected(".")
	}
	p.state = sName
	p.advance()
}

func (p *parser) defNameOf(t token) string {
	switch {
	case t.kind == tIdent, t.kind == tFid, t.kind == tConst, t.kind.keyword():
		return t.text
	case t.kind.operatorName():
		return operatorName(t)
	}
	p.unexpected("a method's name")
	return ""
}

// defParams reads a method's parameters and tells whether they have parentheses.
func (p *parser) defParams(d *Def) bool {
	switch p.tok.kind {
	case tCallParen, tLParen, tLParenArg:
		done := p.enter(p.tok.off)
		p.advance()
		p.newlines()
		d.Params = p.params(paramStyle{ends: tRParen})
		p.newlines()
		done()
		if p.tok.kind != tRParen {
			p.unexpected(", or the ) of the parameters")
		}
		p.state = sBegin
		p.advance()
		return true
	case tNewline, tSemicolon, tAssign:
		return false
	}
	p.labelEndsLine = true
	d.Params = p.params(paramStyle{ends: tNewline})
	p.labelEndsLine = false
	return false
}

// class reads class A < B and class << x.
func (p *parser) class() Node {
	pos, off := p.here(), p.tok.off
	done := p.enter(off)
	p.advance()
	if p.tok.kind == tShiftLeft {
		p.advance()
		n := &SingletonClass{Pos: pos, Value: p.expression(command)}
		closeScope := p.open(&scope{})
		p.term("the object")
		n.Body = p.body(kEnd)
		done()
		closeScope()
		p.expect(kEnd, "the end of the class")
		return n
	}
	if p.inDef() {
		p.fail(off, "class in a method")
	}
	n := &Class{Pos: pos, Name: p.constPath()}
	if p.tok.kind == tLess {
		p.advance()
		n.Super = p.expression(command)
		p.term("the class above")
	}
	closeScope := p.open(&scope{class: true})
	n.Body = p.body(kEnd)
	done()
	closeScope()
	p.expect(kEnd, "the end of class "+n.Name.Name)
	return n
}

func (p *parser) term(behind string) {
	if p.tok.kind != tNewline && p.tok.kind != tSemicolon {
		p.unexpected("a new line behind " + behind)
	}
	p.terminators()
}

func (p *parser) module() Node {
	pos, off := p.here(), p.tok.off
	if p.inDef() {
		p.fail(off, "module in a method")
	}
	done := p.enter(off)
	p.advance()
	n := &Module{Pos: pos, Name: p.constPath()}
	closeScope := p.open(&scope{class: true})
	n.Body = p.body(kEnd)
	done()
	closeScope()
	p.expect(kEnd, "the end of module "+n.Name.Name)
	return n
}

// constPath reads the name of a class or module.
func (p *parser) constPath() *Const {
	off := p.tok.off
	n := p.value(operand)
	c, ok := n.(*Const)
	if !ok || n == p.paren {
		p.fail(off, "a class or module needs a constant's name")
	}
	return c
}

// alias reads alias a b.
func (p *parser) alias() Node {
	n := &Alias{Pos: p.here()}
	p.advance()
	global := p.tok.kind == tGVar
	n.New = p.methodName(true)
	if (p.tok.kind == tGVar) != global {
		p.unexpected("")
	}
	n.Old = p.methodName(false)
	return n
}

// undef reads undef a, b.
func (p *parser) undef() Node {
	n := &Undef{Pos: p.here()}
	for {
		p.advance()
		n.Names = append(n.Names, p.methodName(false))
		if p.tok.kind != tComma {
			return n
		}
		p.state = sName
	}
}

// methodName reads a name, a symbol or a global variable of alias and undef.
func (p *parser) methodName(more bool) string {
	t := p.tok
	next := sEnd
	if more {
		next = sName
	}
	var name string
	switch t.kind {
	case tGVar, tSymbol:
		name = t.text
	case tDSymbol:
		for _, part := range p.readQuoted() {
			text, ok := part.(*Text)
			if !ok {
				p.fail(t.off, "interpolation in the name of a method is not supported")
			}
			name += text.Value
		}
	default:
		name = p.defNameOf(t)
	}
	p.state = next
	p.advance()
	return name
}

// programBlock reads BEGIN { } and END { }.
func (p *parser) programBlock() Node {
	n := &EndBlock{Pos: p.here(), Begin: p.tok.kind == kBeginBlock}
	off := p.tok.off
	if n.Begin && (p.scope.outer != nil || p.depth > 1) {
		p.fail(off, "BEGIN is for the top of a file")
	}
	p.advance()
	if p.tok.kind != tBlockBrace && p.tok.kind != tLBrace {
		p.unexpected("{")
	}
	done := p.enter(off)
	p.state = sBegin
	p.advance()
	n.Body = p.statements(tRBrace)
	done()
	p.expect(tRBrace, "the } of the block")
	return n
}
