package syntax

import "strings"

// operators that mean the same everywhere, longest first among those that begin alike.
var operators = []struct {
	text string
	kind kind
}{
	{"===", tEqq}, {"==", tEq}, {"=~", tMatch}, {"=>", tArrow}, {"=", tAssign},
	{"<=>", tCompare}, {"<=", tLessEq}, {"<<=", tOpAssign}, {"<<", tShiftLeft}, {"<", tLess},
	{">=", tGreaterEq}, {">>=", tOpAssign}, {">>", tShiftRight}, {">", tGreater},
	{"!=", tNotEq}, {"!~", tNotMatch}, {"!", tBang},
	{"&&=", tOpAssign}, {"&&", tAndAnd}, {"&=", tOpAssign}, {"&.", tAndDot}, {"&", tAmp},
	{"||=", tOpAssign}, {"||", tOrOr}, {"|=", tOpAssign}, {"|", tPipe},
	{"**=", tOpAssign}, {"**", tPow}, {"*=", tOpAssign}, {"*", tMul},
	{"+=", tOpAssign}, {"+", tPlus}, {"->", tLambda}, {"-=", tOpAssign}, {"-", tMinus},
	{"/=", tOpAssign}, {"/", tDiv}, {"%=", tOpAssign}, {"%", tMod}, {"^=", tOpAssign}, {"^", tCaret},
	{"~", tTilde}, {"...", tDot3}, {"..", tDot2}, {".", tDot}, {",", tComma}, {";", tSemicolon},
	{"(", tCallParen}, {")", tRParen}, {"[", tIndex}, {"]", tRBracket}, {"{", tBlockBrace}, {"}", tRBrace},
}

// prefix is what an operator is in front of a value.
var prefix = map[kind]kind{
	tMul: tStar, tPow: tDStar, tAmp: tBlockAmp, tPlus: tUPlus, tMinus: tUMinus, tDot2: tBDot2, tDot3: tBDot3,
}

// operatorAt finds the operator at p.pos.
func (p *parser) operatorAt() (text string, k kind) {
	for _, op := range operators {
		if strings.HasPrefix(p.src[p.pos:], op.text) {
			return op.text, op.kind
		}
	}
	p.fail(p.pos, "unexpected character %q", p.src[p.pos:p.pos+p.character(p.pos)])
	return "", 0
}

func (p *parser) scanOperator(t *token) {
	before := p.state
	if before.wantsName() && p.scanOperatorName(t) {
		return
	}
	text, k := p.operatorAt()
	switch k {
	case tDot2, tDot3:
		if before.begins() {
			k = prefix[k]
		}
	case tMul, tPow, tAmp, tPlus, tMinus:
		if before.begins() || p.argument(t.space, len(text)) {
			k = prefix[k]
		}
	case tOrOr:
		if before.is(sBegin) { // the parameters of a block that takes none
			text, k = "|", tPipe
		}
	case tCallParen:
		switch {
		case before.begins():
			k = tLParen
		case t.space && (before.is(sArg) || before&(sEnd|sLabel) == sEnd|sLabel):
			k = tLParenArg
		}
	case tIndex:
		if before.begins() || before.is(sArg) && t.space {
			k = tLBracket
		}
	case tBlockBrace:
		if before.is(sLabeled) || !before.is(sArg|sEnd|sEndName) {
			k = tLBrace
		}
	case tDot:
		if isDigit(p.peek(p.pos + 1)) {
			p.fail(p.pos, "a number does not begin with a dot: write 0.%c", p.src[p.pos+1])
		}
	}
	if isDigit(p.peek(p.pos + 1)) {
		switch k {
		case tUMinus:
			k = tUMinusNum
		case tUPlus:
			p.pos++
			p.scanNumber(t)
			return
		}
	}
	t.kind = k
	p.pos += len(text)
	if k == tOpAssign {
		t.text = strings.TrimSuffix(text, "=")
	}
	p.state = afterOperator(k)
}

func afterOperator(k kind) state {
	switch k {
	case tRParen:
		return sEndName
	case tRBracket, tRBrace:
		return sEnd
	case tLambda:
		return sEndName
	case tDot, tAndDot:
		return sDot
	case tPipe, tComma, tLParen, tLParenArg, tCallParen, tLBracket, tIndex, tLBrace:
		return sBegin | sLabel
	}
	return sBegin
}

// scanOperatorName reads an operator where a method's name stands: def +(x), a.+ b.
func (p *parser) scanOperatorName(t *token) bool {
	rest := p.src[p.pos:]
	for _, name := range [...]struct {
		text string
		kind kind
	}{
		{"[]=", tIndexSetName}, {"[]", tIndexName}, {"+@", tUPlus}, {"-@", tUMinus}, {"!@", tBang}, {"~@", tTilde},
		{"===", tEqq}, {"==", tEq}, {"=~", tMatch}, {"<=>", tCompare}, {"<=", tLessEq}, {"<<", tShiftLeft}, {"<", tLess},
		{">=", tGreaterEq}, {">>", tShiftRight}, {">", tGreater}, {"!=", tNotEq}, {"!~", tNotMatch}, {"!", tBang},
		{"**", tPow}, {"*", tMul}, {"+", tPlus}, {"-", tMinus}, {"/", tDiv}, {"%", tMod},
		{"&", tAmp}, {"|", tPipe}, {"^", tCaret}, {"~", tTilde},
	} {
		after, ok := strings.CutPrefix(rest, name.text)
		if !ok {
			continue
		}
		if otherOperator(name.kind, after) {
			return false
		}
		if (name.kind == tBang || name.kind == tTilde) && len(name.text) == 2 {
			t.text = name.text[:1]
		}
		t.kind = name.kind
		p.pos += len(name.text)
		p.state = sArg
		return true
	}
	return false
}

// otherOperator tells that what follows the name of an operator makes another one of
// it, which is no method: *=, &&.
func otherOperator(k kind, after string) bool {
	if after == "" {
		return false
	}
	switch k {
	case tPow, tMul, tShiftLeft, tShiftRight, tCaret, tDiv, tMod:
		return after[0] == '='
	case tAmp:
		return strings.IndexByte("=&.", after[0]) >= 0
	case tPipe:
		return strings.IndexByte("=|", after[0]) >= 0
	}
	return false
}

// operatorName tells whether a token can be the name of a method in a definition or
// behind a dot.
func (k kind) operatorName() bool {
	switch k {
	case tIndexName, tIndexSetName, tBacktick, tUPlus, tUMinus, tBang, tTilde, tEqq, tEq, tMatch, tCompare,
		tLessEq, tShiftLeft, tLess, tGreaterEq, tShiftRight, tGreater, tNotEq, tNotMatch, tPow, tMul, tPlus,
		tMinus, tDiv, tMod, tAmp, tPipe, tCaret:
		return true
	}
	return false
}

// scanQuestion reads the ? of a ? b : c, or a character such as ?a.
func (p *parser) scanQuestion(t *token) {
	next := p.peek(p.pos + 1)
	if p.state.ends() || next == 0 || isSpace(next) ||
		isNameByte(next) && isNameByte(p.peek(p.pos+1+p.character(p.pos+1))) {
		t.kind = tQuestion
		p.pos++
		p.state = sBegin
		return
	}
	t.kind = tChar
	p.pos++
	if next == '\\' && p.peek(p.pos+1) == '\n' {
		t.text = "\n"
		p.pos = p.nextLine(p.pos + 1)
	} else if next == '\\' {
		var b []byte
		p.pos++
		b = p.escape(b, quote{expand: true})
		t.text = string(b)
	} else {
		n := p.character(p.pos)
		t.text = p.src[p.pos : p.pos+n]
		p.pos += n
	}
	p.state = sEnd
}

// scanColon reads ::, the colon of a ? b : c, or a symbol.
func (p *parser) scanColon(t *token) {
	before := p.state
	next := p.peek(p.pos + 1)
	switch {
	case next == ':':
		p.pos += 2
		if before.begins() || before.is(sArg) && t.space {
			t.kind = tColon3
			p.state = sBegin
			return
		}
		t.kind = tColon2
		p.state = sDot
	case before.ends() || next == 0 || isSpace(next) || next == '#':
		p.pos++
		t.kind = tColon
		p.state = sBegin
	case next == '"' || next == '\'':
		p.pos += 2
		t.kind = tDSymbol
		t.quote = quote{close: next, expand: next == '"'}
	default:
		p.pos++
		t.kind = tSymbol
		t.text = p.symbolName()
		p.state = sEnd
		if before.is(sName) {
			p.state = sEndName
		}
	}
}

// symbolName reads what stands behind the colon of a symbol.
func (p *parser) symbolName() string {
	start := p.pos
	switch c := p.peek(p.pos); {
	case isNameStart(c):
		p.pos = p.nameEnd(p.pos)
		switch c, next := p.peek(p.pos), p.peek(p.pos+1); {
		case (c == '!' || c == '?') && next != '=':
			p.pos++
		case c == '=' && next != '~' && next != '>' && (next != '=' || p.peek(p.pos+2) == '>'):
			p.pos++
		}
	case c == '@' || c == '$':
		p.pos += p.variable(p.pos)
	case c == '`':
		p.pos++
	default:
		var t token
		if p.scanOperatorName(&t); t.text != "" {
			return t.text
		}
	}
	if p.pos == start {
		p.fail(start, "symbol without a name")
	}
	return p.src[start:p.pos]
}
