package syntax

// ifElse reads if and unless.
func (p *parser) ifElse() Node {
	pos, off := p.here(), p.tok.off
	unless := p.tok.kind == kUnless
	done := p.enter(off)
	p.advance()
	n := &If{Pos: pos, Cond: p.condition()}
	p.then("condition")
	n.Then = p.statements(kElsif, kElse, kEnd)
	n.Else = p.elseBranch(!unless)
	done()
	p.expect(kEnd, "the end of the if")
	if unless {
		n.Then, n.Else = n.Else, n.Then
	}
	return n
}

// elseBranch reads elsif and else to the end, which it leaves.
func (p *parser) elseBranch(elsif bool) Node {
	switch {
	case p.tok.kind == kElsif && elsif:
		p.deeper(p.tok.off)
		defer func() { p.depth-- }()
		n := &If{Pos: p.here()}
		p.advance()
		n.Cond = p.condition()
		p.then("condition")
		n.Then = p.statements(kElsif, kElse, kEnd)
		n.Else = p.elseBranch(true)
		return n
	case p.tok.kind == kElse:
		p.advance()
		return p.statements(kEnd)
	}
	return nil
}

// while reads while and until.
func (p *parser) while() Node {
	n := &While{Pos: p.here(), Until: p.tok.kind == kUntil}
	done := p.enter(p.tok.off)
	p.nesting.loop = true
	p.advance()
	n.Cond = p.condition()
	p.nesting.loop = false
	p.do("condition")
	n.Body = p.statements(kEnd)
	done()
	p.expect(kEnd, "the end of the loop")
	return n
}

// do skips what parts a loop's head from its body.
func (p *parser) do(behind string) {
	switch p.tok.kind {
	case kDo:
		p.advance()
	case tNewline, tSemicolon:
		p.terminators()
	default:
		p.unexpected("do or a new line behind the " + behind)
	}
}

// forIn reads for a, b in c.
func (p *parser) forIn() Node {
	n := &For{Pos: p.here()}
	done := p.enter(p.tok.off)
	p.advance()
	t := &Targets{Pos: p.here()}
	p.targetList(t)
	if p.tok.kind != kIn || len(t.List) == 0 {
		p.unexpected("in")
	}
	n.Target = t
	if _, splat := t.List[0].(*Splat); len(t.List) == 1 && !splat && p.src[p.prevEnd-1] != ',' {
		n.Target = t.List[0]
	}
	p.nesting.loop = true
	p.advance()
	n.In = p.expression(command)
	p.nesting.loop = false
	p.do("value")
	n.Body = p.statements(kEnd)
	done()
	p.expect(kEnd, "the end of the loop")
	return n
}

// begin reads begin … end.
func (p *parser) begin() Node {
	pos := p.here()
	done := p.enter(p.tok.off)
	p.advance()
	n := p.body(kEnd)
	b, ok := n.(*Begin)
	if !ok || b.Keyword {
		b = &Begin{Body: n}
	}
	b.Pos = pos
	b.Keyword = true
	done()
	p.expect(kEnd, "the end of begin")
	return b
}

// caseWhen reads case with when, or with patterns.
func (p *parser) caseWhen() Node {
	n := &Case{Pos: p.here()}
	done := p.enter(p.tok.off)
	p.advance()
	if p.tok.kind != tNewline && p.tok.kind != tSemicolon && p.tok.kind != kWhen {
		n.Subject = p.expression(command)
	}
	p.terminators()
	if p.tok.kind == kIn && n.Subject != nil {
		c := p.caseIn(n)
		done()
		p.expect(kEnd, "the end of case")
		return c
	}
	if p.tok.kind != kWhen {
		p.unexpected("when")
	}
	for p.tok.kind == kWhen {
		n.Whens = append(n.Whens, p.when())
	}
	if p.accept(kElse) {
		n.Else = p.statements(kEnd)
	}
	done()
	p.expect(kEnd, "the end of case")
	return n
}

func (p *parser) when() When {
	w := When{Pos: p.here()}
	p.advance()
	for {
		if pos := p.here(); p.accept(tStar) {
			w.Conds = append(w.Conds, &Splat{pos, p.arg(operand)})
		} else {
			w.Conds = append(w.Conds, p.arg(operand))
		}
		if !p.accept(tComma) {
			break
		}
	}
	p.then("when")
	w.Body = p.statements(kWhen, kElse, kEnd)
	return w
}
