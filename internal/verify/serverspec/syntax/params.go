package syntax

// paramStyle is where parameters stand: it decides what a default may be.
type paramStyle struct {
	ends    kind
	inBlock bool // defaults are values without operators, because | ends the list
}

// params reads parameters to the token that ends them, which it leaves.
func (p *parser) params(style paramStyle) *Params {
	ps := &Params{Pos: p.here()}
	for !p.paramsEnd(style) {
		ps.List = append(ps.List, p.param(ps, style))
		if ps.Forward {
			ps.List = ps.List[:len(ps.List)-1]
		}
		if p.tok.kind != tComma {
			break
		}
		comma := p.tok.off
		p.advance()
		if p.paramsEnd(style) {
			if !style.inBlock || len(ps.List) != 1 || ps.List[0].Kind > Optional && ps.List[0].Kind != Destructure {
				if !style.inBlock || ps.List[len(ps.List)-1].Kind != Required {
					p.fail(comma, "comma without a parameter behind it")
				}
			}
			ps.TrailingComma = true
		}
	}
	p.checkParams(ps)
	return ps
}

func (p *parser) paramsEnd(style paramStyle) bool {
	k := p.tok.kind
	return k == style.ends || k == tSemicolon || k == tEOF || k == tNewline && style.ends != tRParen && style.ends != tPipe
}

// param reads one parameter.
func (p *parser) param(ps *Params, style paramStyle) Param {
	t := p.tok
	x := Param{Pos: p.here()}
	switch t.kind {
	case tIdent:
		x.Name = t.text
		p.declareParam(t)
		p.advance()
		if p.accept(tAssign) {
			x.Kind = Optional
			x.Default = p.paramDefault(style, x.Name)
		}
	case tStar, tMul:
		x.Kind = Rest
		p.advance()
		x.Name = p.paramName()
	case tDStar, tPow:
		x.Kind = KeywordRest
		p.advance()
		if p.tok.kind == kNil {
			x.Name = "nil"
			p.advance()
		} else {
			x.Name = p.paramName()
		}
	case tBlockAmp, tAmp:
		x.Kind = BlockParam
		p.advance()
		x.Name = p.paramName()
		p.scope.anonymous = p.scope.anonymous || x.Name == ""
	case tLabel:
		x.Kind = Keyword
		x.Name = t.text
		p.declareParam(t)
		p.advance()
		if !p.paramsEnd(style) && p.tok.kind != tComma && p.tok.kind != tNewline && !p.lambdaBegins(style) {
			x.Default = p.paramDefault(style, x.Name)
		}
	case tLParen, tLParenArg, tCallParen:
		x.Kind = Destructure
		x.Pattern = p.paramPattern()
	case tBDot3, tDot3:
		if style.inBlock {
			p.unexpected("")
		}
		ps.Forward = true
		p.scope.forward = true
		p.advance()
	default:
		if t.kind == tConst || t.kind == tIVar || t.kind == tGVar || t.kind == tCVar {
			p.fail(t.off, "%s is no name of a parameter", p.src[t.off:t.end])
		}
		p.unexpected("a parameter")
	}
	p.newlinesIn(style)
	return x
}

// lambdaBegins tells whether the body of a lambda begins, not a default.
func (p *parser) lambdaBegins(style paramStyle) bool {
	return style.ends == kDo && (p.tok.kind == tLBrace || p.tok.kind == tBlockBrace)
}

// newlinesIn skips line ends before the end of parameters.
func (p *parser) newlinesIn(style paramStyle) {
	if p.tok.kind != tNewline || style.ends != tRParen && style.ends != tPipe {
		return
	}
	p.newlines()
	if p.tok.kind == tComma {
		p.unexpected("")
	}
}

func (p *parser) paramName() string {
	if p.tok.kind != tIdent {
		return ""
	}
	t := p.tok
	p.declareParam(t)
	p.advance()
	return t.text
}

// declareParam makes a parameter a variable before the token behind it is read.
func (p *parser) declareParam(t token) {
	if isConstant(t.text) || t.text[len(t.text)-1] == '?' || t.text[len(t.text)-1] == '!' {
		p.fail(t.off, "%s is no name of a parameter", t.text)
	} else if isNumbered(t.text) {
		p.fail(t.off, "%s is kept for numbered parameters", t.text)
	}
	p.scope.declare(t.text)
}

func (p *parser) paramDefault(style paramStyle, name string) Node {
	outer := p.defaulted
	p.defaulted = name
	defer func() { p.defaulted = outer }()
	if style.inBlock {
		return p.blockDefault()
	}
	return p.arg(operand)
}

// blockDefault reads a default between bars, where | is no operator.
func (p *parser) blockDefault() Node {
	if p.tok.kind == tUMinusNum {
		return p.negativeNumber(operand)
	}
	return p.value(operand)
}

// paramPattern reads (a, (b, *c)).
func (p *parser) paramPattern() *Targets {
	done := p.enter(p.tok.off)
	p.advance()
	t := &Targets{Pos: p.here()}
	for p.tok.kind != tRParen {
		pos := p.here()
		switch p.tok.kind {
		case tIdent:
			t.List = append(t.List, &LocalVar{pos, p.tok.text})
			p.declareParam(p.tok)
			p.advance()
		case tStar, tMul:
			p.advance()
			s := &Splat{Pos: pos}
			at := p.here()
			if name := p.paramName(); name != "" {
				s.Value = &LocalVar{at, name}
			}
			t.List = append(t.List, s)
		case tLParen, tLParenArg, tCallParen:
			t.List = append(t.List, p.paramPattern())
		default:
			p.unexpected("a parameter")
		}
		p.newlines()
		if !p.accept(tComma) {
			break
		}
		p.newlines()
		if p.tok.kind == tRParen {
			p.unexpected("a parameter")
		}
	}
	if len(t.List) == 0 {
		p.unexpected("a parameter")
	}
	p.newlines()
	done()
	p.expect(tRParen, "the ) of the parameters")
	return t
}

// checkParams names what stands in a wrong order, and names that come twice.
func (p *parser) checkParams(ps *Params) {
	rank := 0
	seen := map[string]bool{}
	see := func(pos Pos, name string) {
		if name != "" && name[0] != '_' && seen[name] {
			p.problems = append(p.problems, Problem{pos, "parameter " + name + " comes twice"})
		}
		seen[name] = true
	}
	for i, x := range ps.List {
		r := 0
		switch x.Kind {
		case Required, Destructure:
			r = 0
			if rank >= 1 {
				r = 3
			}
		case Optional:
			r = 1
		case Rest:
			r = 2
		case Keyword:
			r = 4
		case KeywordRest:
			r = 5
		case BlockParam:
			r = 6
		}
		twice := i > 0 && r == rank && (x.Kind == Rest || x.Kind == KeywordRest || x.Kind == BlockParam)
		if r < rank || twice {
			p.problems = append(p.problems, Problem{x.Pos, "parameter out of order"})
		}
		rank = r
		if x.Kind == Destructure {
			seeTargets(x.Pattern, see)
		} else if x.Name != "nil" {
			see(x.Pos, x.Name)
		}
	}
}

func seeTargets(t *Targets, see func(Pos, string)) {
	for _, n := range t.List {
		switch n := n.(type) {
		case *LocalVar:
			see(n.Pos, n.Name)
		case *Splat:
			if v, ok := n.Value.(*LocalVar); ok {
				see(v.Pos, v.Name)
			}
		case *Targets:
			seeTargets(n, see)
		}
	}
}

// blockParams reads |a, b; c|.
func (p *parser) blockParams(b *Block) {
	p.advance()
	p.newlines()
	b.Params = p.params(paramStyle{ends: tPipe, inBlock: true})
	b.Locals = p.blockLocals()
	p.newlines()
	if p.tok.kind != tPipe {
		p.unexpected(", or the | of the parameters")
	}
	p.advance()
}

// blockLocals reads the names behind the semicolon of parameters.
func (p *parser) blockLocals() []string {
	if p.tok.kind != tSemicolon {
		return nil
	}
	p.advance()
	p.newlines()
	var names []string
	for p.tok.kind == tIdent {
		names = append(names, p.paramName())
		p.newlines()
		if !p.accept(tComma) {
			break
		}
		if p.tok.kind != tIdent {
			p.unexpected("a name")
		}
	}
	if len(names) == 0 {
		p.unexpected("a name")
	}
	return names
}

// lambdaParams reads the parameters of -> and tells whether there are any.
func (p *parser) lambdaParams(b *Block) bool {
	switch p.tok.kind {
	case tCallParen, tLParen, tLParenArg:
		done := p.enter(p.tok.off)
		p.advance()
		p.newlines()
		b.Params = p.params(paramStyle{ends: tRParen})
		b.Locals = p.blockLocals()
		p.newlines()
		done()
		p.state = sEndName
		p.expect(tRParen, ", or the ) of the parameters")
	case kDo, tBlockBrace, tLBrace:
		return false
	default:
		p.nesting.arguments, p.nesting.lambda = true, true // do and { belong to the lambda, not to a default
		b.Params = p.params(paramStyle{ends: kDo})
		if len(b.Params.List) == 0 {
			p.unexpected("{ or do behind ->")
		}
		b.Locals = p.blockLocals()
		p.nesting.arguments, p.nesting.lambda = false, false
	}
	return true
}
