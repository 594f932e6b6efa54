package syntax

// patternMatch reads x => pattern and x in pattern.
func (p *parser) patternMatch(subject Node) Node {
	n := &CaseIn{p.here(), subject}
	p.labelEndsLine = true
	p.state = sBegin | sLabel
	p.advance()
	p.topPattern()
	p.labelEndsLine = false
	return n
}

// caseIn reads the branches of case with patterns, to the end, which it leaves.
func (p *parser) caseIn(c *Case) Node {
	for p.tok.kind == kIn {
		p.labelEndsLine = true
		p.state = sBegin | sLabel
		p.advance()
		p.topPattern()
		p.labelEndsLine = false
		switch p.tok.kind {
		case kIfMod, kUnlessMod:
			p.advance()
			p.condition()
		}
		p.then("pattern")
		p.statements(kIn, kElse, kEnd)
	}
	if p.accept(kElse) {
		p.statements(kEnd)
	}
	return &CaseIn{c.Pos, c.Subject}
}

// topPattern reads a pattern whose array or hash needs no brackets. Patterns are
// checked, and their variables are noted; nothing more is kept of them.
func (p *parser) topPattern() {
	switch p.tok.kind {
	case tNewline, tSemicolon, tEOF, kThen:
		p.unexpected("a pattern")
	}
	p.patternList(tEOF)
}

// patternList reads the elements of an array's, a find or a hash's pattern to close,
// which it leaves; without brackets close is tEOF.
func (p *parser) patternList(close kind) {
	keys := close == tRBrace
	for first := true; p.tok.kind != close; first = false {
		off := p.tok.off
		if key := p.patternElement(keys); key && !keys && !first {
			p.fail(off, "key behind a pattern without one")
		} else if key {
			keys = true
		}
		if close != tEOF && p.tok.kind == tNewline {
			p.newlines()
			if p.tok.kind == tComma {
				p.unexpected("")
			}
		}
		if !p.accept(tComma) {
			return
		}
		if close != tEOF {
			p.newlines()
		} else if p.tok.kind == kThen || p.tok.kind == tNewline || p.tok.kind == tSemicolon {
			return
		}
	}
}

// patternElement reads one element and tells whether it has a key; behind one that has,
// all must.
func (p *parser) patternElement(keys bool) bool {
	switch {
	case p.tok.kind == tDStar:
		p.advance()
		if !p.accept(kNil) {
			p.patternVariable()
		}
		return true
	case p.tok.kind == tLabel:
		p.patternKey()
		return true
	case p.tok.kind == tString && p.tok.quote.label:
		off := p.tok.off
		isKey := p.stringPatternKey()
		if keys && !isKey {
			p.fail(off, "pattern without a key behind one that has one")
		}
		return isKey
	case keys:
		p.unexpected("a key")
	case p.tok.kind == tStar:
		p.advance()
		if p.tok.kind == tIdent {
			p.patternVariable()
		}
	default:
		p.pattern()
	}
	return false
}

// patternKey reads key: pattern, or key: alone, which is a variable.
func (p *parser) patternKey() {
	t := p.tok
	p.advance()
	if !p.keyPattern() {
		p.scope.declare(t.text)
	}
}

// keyPattern reads the pattern behind a key and tells whether there is one.
func (p *parser) keyPattern() bool {
	switch p.tok.kind {
	case tComma, tRBrace, tRParen, tRBracket, tNewline, tSemicolon, kThen, kIfMod, kUnlessMod, kAnd, kOr, tEOF, kEnd:
		return false
	}
	p.pattern()
	return true
}

// stringPatternKey reads "key": pattern, or a string that is a pattern itself; it tells
// which.
func (p *parser) stringPatternKey() bool {
	p.stringKey = nil
	n := p.arg(operand)
	if s := p.stringKey; s == nil || Node(s) != n {
		return false
	}
	if !p.keyPattern() {
		p.unexpected("a pattern behind the key")
	}
	return true
}

// pattern reads alternatives and the names given to them.
func (p *parser) pattern() {
	p.deeper(p.tok.off)
	defer func() { p.depth-- }()
	p.primaryPattern()
	for p.accept(tPipe) {
		p.primaryPattern()
	}
	for p.accept(tArrow) {
		p.patternVariable()
	}
}

func (p *parser) patternVariable() {
	if p.tok.kind != tIdent {
		p.unexpected("a variable's name")
	}
	p.declareParam(p.tok)
	p.state = sEnd | sLabel
	p.advance()
}

func (p *parser) primaryPattern() {
	switch p.tok.kind {
	case tIdent:
		p.patternVariable()
	case tLBracket, tIndex:
		p.bracketPattern(tRBracket)
	case tLBrace, tBlockBrace:
		p.bracketPattern(tRBrace)
	case tLParen, tLParenArg, tCallParen:
		p.bracketPattern(tRParen)
	case tCaret:
		p.pinned()
	case tConst, tColon3:
		p.constPattern()
	default:
		p.valuePattern()
	}
}

func (p *parser) bracketPattern(close kind) {
	done := p.enter(p.tok.off)
	p.state = sBegin | sLabel
	p.advance()
	p.newlines()
	p.patternList(close)
	p.newlines()
	done()
	p.expect(close, "the end of the pattern")
}

// pinned reads ^x and ^(x).
func (p *parser) pinned() {
	p.advance()
	switch p.tok.kind {
	case tIdent, tIVar, tGVar, tCVar:
		if p.tok.kind == tIdent && !p.scope.has(p.tok.text) {
			p.fail(p.tok.off, "%s: no such variable", p.tok.text)
		}
		p.state = sEnd
		p.advance()
	case tLParen, tLParenArg, tCallParen:
		p.parens()
	default:
		p.unexpected("a variable behind ^")
	}
}

// constPattern reads A::B, A(x), A[x] and ranges from A.
func (p *parser) constPattern() {
	p.accept(tColon3)
	for {
		if p.tok.kind != tConst {
			p.unexpected("a constant's name")
		}
		p.advance()
		if p.tok.kind != tColon2 {
			break
		}
		p.advance()
	}
	switch p.tok.kind {
	case tCallParen:
		p.bracketPattern(tRParen)
	case tIndex:
		p.bracketPattern(tRBracket)
	case tDot2, tDot3:
		p.advance()
		if p.beginsValue() {
			p.operation(pUnion+1, operand)
		}
	}
}

// valuePattern reads a literal or a range of literals; "|" is not its operator.
func (p *parser) valuePattern() {
	switch p.tok.kind {
	case tBDot2, tBDot3:
		p.advance()
		p.operation(pUnion+1, operand)
		return
	case tLambda, kNil, kTrue, kFalse, kSelf, kFile, kLine, kEncoding, tNumber, tUMinusNum, tChar, tString, tXString,
		tRegexp, tSymbol, tDSymbol, tWords, tHeredoc:
	default:
		p.unexpected("a pattern")
	}
	p.operation(pUnion+1, operand)
	if p.tok.kind == tDot2 || p.tok.kind == tDot3 {
		p.advance()
		if p.beginsValue() {
			p.operation(pUnion+1, operand)
		}
	}
}
