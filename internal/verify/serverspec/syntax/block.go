package syntax

// braceBlock reads { |x| … }.
func (p *parser) braceBlock() *Block {
	return p.block(true, tRBrace, "the } of the block")
}

// doBlock reads do |x| … end.
func (p *parser) doBlock() *Block {
	return p.block(false, kEnd, "the end of the do-block")
}

func (p *parser) block(braces bool, end kind, wanted string) *Block {
	b := &Block{Pos: p.here(), Braces: braces}
	done := p.enter(p.tok.off)
	s := &scope{block: true}
	closeScope := p.open(s)
	p.advance()
	if !braces {
		p.newlines()
	}
	if p.tok.kind == tPipe {
		p.blockParams(b)
		s.params = true
	}
	if braces {
		b.Body = p.statements(end)
	} else {
		b.Body = p.body(end)
	}
	done()
	closeScope()
	p.blockEnds(b, s, end, wanted)
	return b
}

// blockEnds skips the end of a block.
func (p *parser) blockEnds(b *Block, s *scope, end kind, wanted string) {
	b.Numbered = s.numbered
	p.expect(end, wanted)
	p.command = nil
}

// body reads statements with their rescue, else and ensure, to end, which it leaves.
func (p *parser) body(end kind) Node {
	pos := p.here()
	n := p.statements(end, kRescue, kElse, kEnsure)
	b := &Begin{Pos: pos, Body: n}
	for p.tok.kind == kRescue {
		b.Rescues = append(b.Rescues, p.rescue(end))
	}
	if p.tok.kind == kElse {
		if len(b.Rescues) == 0 {
			p.fail(p.tok.off, "else without rescue")
		}
		p.advance()
		b.Else = p.statements(end, kEnsure)
		if b.Else == nil {
			b.Else = &Nil{p.here()}
		}
	}
	if p.accept(kEnsure) {
		b.Ensure = p.statements(end)
		if b.Ensure == nil {
			b.Ensure = &Nil{p.here()}
		}
	}
	if len(b.Rescues) == 0 && b.Ensure == nil {
		return n
	}
	return b
}

// rescue reads rescue A, B => e then ….
func (p *parser) rescue(end kind) Rescue {
	r := Rescue{Pos: p.here()}
	p.advance()
	for more := p.beginsValue() || p.tok.kind == tStar; more; more = p.accept(tComma) {
		if pos := p.here(); p.accept(tStar) {
			r.Classes = append(r.Classes, &Splat{pos, p.arg(operand)})
		} else {
			v := p.arg(operand)
			r.Classes = append(r.Classes, v)
		}
	}
	if p.accept(tArrow) {
		off := p.tok.off
		r.Target = p.target(p.value(operand), off)
	}
	p.then("rescue")
	r.Body = p.statements(end, kRescue, kElse, kEnsure)
	return r
}

// then skips what parts a condition from what it decides.
func (p *parser) then(of string) {
	switch p.tok.kind {
	case tNewline, tSemicolon:
		p.terminators()
		p.accept(kThen)
	case kThen:
		p.advance()
	default:
		p.unexpected("then or a new line behind the " + of)
	}
}
