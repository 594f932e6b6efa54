package syntax

// precedence of operators between two values; higher binds closer.
const (
	pTernary = iota + 1
	pRange
	pOr
	pAnd
	pEquality
	pCompare
	pUnion
	pIntersect
	pShift
	pSum
	pProduct
	pPower
)

var binary = map[kind]struct {
	prec int
	name string
}{
	tDot2: {pRange, ""}, tDot3: {pRange, ""},
	tOrOr: {pOr, "||"}, tAndAnd: {pAnd, "&&"},
	tCompare: {pEquality, "<=>"}, tEq: {pEquality, "=="}, tEqq: {pEquality, "==="}, tNotEq: {pEquality, "!="},
	tMatch: {pEquality, "=~"}, tNotMatch: {pEquality, "!~"},
	tLess: {pCompare, "<"}, tLessEq: {pCompare, "<="}, tGreater: {pCompare, ">"}, tGreaterEq: {pCompare, ">="},
	tPipe: {pUnion, "|"}, tCaret: {pUnion, "^"}, tAmp: {pIntersect, "&"},
	tShiftLeft: {pShift, "<<"}, tShiftRight: {pShift, ">>"},
	tPlus: {pSum, "+"}, tMinus: {pSum, "-"},
	tMul: {pProduct, "*"}, tDiv: {pProduct, "/"}, tMod: {pProduct, "%"},
	tPow: {pPower, "**"},
}

// arg reads an operator's expression, with a ? b : c.
func (p *parser) arg(l level) Node {
	n := p.operation(pTernary, l)
	if _, ok := n.(*Targets); ok || n == p.command || p.tok.kind != tQuestion {
		return n
	}
	pos := p.here()
	p.voidValue(n)
	p.deeper(p.tok.off)
	defer func() { p.depth-- }()
	p.advance()
	p.newlines()
	then := p.arg(operand)
	p.newlines()
	p.expect(tColon, "the : of a ? b : c")
	p.newlines()
	return &If{Pos: pos, Cond: condition(n), Then: then, Else: p.arg(operand)}
}

// operation reads operators that bind at least as close as prec.
func (p *parser) operation(prec int, l level) Node {
	left := p.unary(l)
	if _, ok := left.(*Targets); ok || left == p.command || p.isKey(left) {
		return left
	}
	for chain := 0; ; chain++ {
		p.chain(chain)
		op, ok := binary[p.tok.kind]
		if !ok || op.prec < prec {
			return left
		}
		k, pos := p.tok.kind, p.here()
		p.voidValue(left)
		p.deeper(p.tok.off)
		p.advance()
		next := op.prec + 1
		switch k {
		case tDot2, tDot3:
			left = p.rangeFrom(pos, left, k == tDot3)
		case tPow:
			next = pPower
			fallthrough
		default:
			right := p.operation(next, operand)
			if k != tAndAnd && k != tOrOr {
				p.voidValue(right)
			}
			if r, ok := left.(*Regexp); ok && k == tMatch {
				p.declareGroups(r)
			}
			left = operated(k, pos, left, op.name, right)
		}
		p.depth--
		if again, ok := binary[p.tok.kind]; ok && again.prec == op.prec && (op.prec == pEquality || op.prec == pRange) {
			p.unexpected("")
		}
	}
}

// isKey tells that n is a string that a colon makes a key: its value comes next.
func (p *parser) isKey(n Node) bool {
	s, ok := n.(*Sym)
	return ok && s == p.stringKey
}

func operated(k kind, pos Pos, left Node, name string, right Node) Node {
	switch k {
	case tOrOr:
		return &Or{pos, left, right}
	case tAndAnd:
		return &And{pos, left, right}
	}
	return &Call{Pos: pos, Recv: left, Name: name, Args: []Node{right}}
}

// rangeFrom reads the end of a range, which may be missing.
func (p *parser) rangeFrom(pos Pos, lo Node, exclusive bool) Node {
	r := &Range{Pos: pos, Lo: lo, Exclusive: exclusive}
	if p.beginsValue() {
		r.Hi = p.operation(pRange+1, operand)
	}
	return r
}

// unary reads operators in front of a value.
func (p *parser) unary(l level) Node {
	t, pos := p.tok, p.here()
	switch t.kind {
	case tBang:
		p.deeper(t.off)
		p.advance()
		inner := operand
		if l == command || l == statement {
			inner = argument
		}
		v := p.unary(inner)
		p.voidValue(v)
		p.depth--
		n := &Not{pos, condition(v)}
		if v == p.command {
			p.command = n
		}
		return n
	case tUMinus, tUPlus, tTilde:
		p.deeper(t.off)
		p.advance()
		n := &Call{Pos: pos, Name: map[kind]string{tUMinus: "-@", tUPlus: "+@", tTilde: "~"}[t.kind]}
		if t.kind == tUMinus {
			n.Recv = p.operation(pPower, operand)
		} else {
			n.Recv = p.unary(operand)
		}
		p.voidValue(n.Recv)
		p.depth--
		return n
	case tUMinusNum:
		return p.negativeNumber(l)
	case tBDot2, tBDot3:
		p.advance()
		r := &Range{Pos: pos, Hi: p.operation(pRange+1, operand), Exclusive: t.kind == tBDot3}
		if p.tok.kind == tDot2 || p.tok.kind == tDot3 {
			p.unexpected("")
		}
		return r
	case kDefined:
		return p.defined(l)
	}
	return p.assignment(l)
}

// negativeNumber reads -2, which -2 ** 2 negates after the power.
func (p *parser) negativeNumber(l level) Node {
	pos := p.here()
	p.advance()
	n := p.tok.number
	p.advance()
	if p.tok.kind == tPow {
		p.deeper(p.tok.off)
		at := p.here()
		p.advance()
		right := p.operation(pPower, operand)
		p.depth--
		return &Call{Pos: pos, Recv: &Call{Pos: at, Recv: n, Name: "**", Args: []Node{right}}, Name: "-@"}
	}
	switch n := n.(type) {
	case *Int:
		n.Pos = pos
		n.Value.Neg(n.Value)
	case *Float:
		n.Pos = pos
		n.Value = -n.Value
	}
	return p.postfix(n, l, false)
}

// defined reads defined?(x) and defined? x.
func (p *parser) defined(l level) Node {
	pos, off := p.here(), p.tok.off
	p.advance()
	if p.tok.kind == tCallParen {
		done := p.enter(off)
		p.advance()
		p.newlines()
		v := p.expression(command)
		p.newlines()
		done()
		p.expect(tRParen, "the ) of defined?")
		return p.postfix(&Defined{pos, v}, l, false)
	}
	p.newlines()
	p.deeper(off)
	defer func() { p.depth-- }()
	return &Defined{pos, p.arg(operand)}
}

// beginsValue tells whether the current token begins an expression.
func (p *parser) beginsValue() bool {
	switch k := p.tok.kind; k {
	case tUMinus, tUPlus, tUMinusNum, tBang, tTilde, tLambda, tColon3, tLParen, tLParenArg, tLBracket, tLBrace,
		tBDot2, tBDot3:
		return true
	case kNil, kSelf, kTrue, kFalse, kNot, kDefined, kCase, kBegin, kDef, kClass, kModule, kYield, kSuper, kFile,
		kLine, kEncoding, kIf, kUnless, kWhile, kUntil, kFor, kReturn, kBreak, kNext, kRedo, kRetry:
		return true
	default:
		return k >= tIdent && k <= tHeredoc && k != tLabel
	}
}
