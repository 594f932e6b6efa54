package syntax

// str reads strings side by side as one. If a colon makes a key of it, the result is
// the symbol, which p.stringKey has too.
func (p *parser) str() Node {
	s := &Str{Pos: p.here()}
	for first := true; ; first = false {
		t := p.tok
		switch t.kind {
		case tChar:
			s.Parts = append(s.Parts, &Text{p.here(), t.text})
			p.advance()
		case tHeredoc:
			parts := p.readHeredoc()
			p.state = sEnd
			p.advance()
			if t.quote.heredoc.command {
				if !first {
					p.fail(t.off, "command behind a string")
				}
				return &XStr{s.Pos, parts}
			}
			s.Parts = append(s.Parts, parts...)
		case tString:
			at := p.here()
			parts := p.readQuoted()
			if t.quote.label && p.labelColon(p.pos) {
				if !first {
					p.fail(t.off, "key behind a string")
				}
				p.pos++
				p.state = sArg | sLabeled
				p.advance()
				k := &Sym{at, parts}
				p.stringKey = k
				return k
			}
			s.Parts = append(s.Parts, parts...)
			p.state = sEnd
			p.advance()
		default:
			s.Parts = merge(s.Parts)
			return s
		}
	}
}

// merge joins texts side by side.
func merge(parts []Node) []Node {
	out := parts[:0]
	for _, n := range parts {
		t, ok := n.(*Text)
		if ok && len(out) > 0 {
			if last, ok := out[len(out)-1].(*Text); ok {
				out[len(out)-1] = &Text{last.Pos, last.Value + t.Value}
				continue
			}
		}
		out = append(out, n)
	}
	return out
}

// literal reads the literals with text other than strings.
func (p *parser) literal() Node {
	pos, t := p.here(), p.tok
	var n Node
	switch t.kind {
	case tSymbol:
		p.advance()
		return &Sym{pos, []Node{&Text{pos, t.text}}}
	case tWords:
		n = &Array{Pos: pos, Elems: p.readWords()}
	case tXString:
		n = &XStr{pos, p.readQuoted()}
	case tRegexp:
		r := &Regexp{Pos: pos, Parts: p.readQuoted()}
		r.Flags = p.regexpFlags()
		n = r
	default:
		n = &Sym{pos, p.readQuoted()}
	}
	p.state = sEnd
	p.advance()
	return n
}

// array reads [a, b].
func (p *parser) array() Node {
	a := &Array{Pos: p.here()}
	done := p.enter(p.tok.off)
	p.advance()
	p.newlines()
	a.Elems = p.arguments(tRBracket, false)
	if len(a.Elems) > 0 {
		if b, ok := a.Elems[len(a.Elems)-1].(*BlockPass); ok {
			p.problems = append(p.problems, Problem{b.Pos, "a block argument is no element"})
		}
	}
	p.newlines()
	done()
	p.expect(tRBracket, ", or the ] of the array")
	return a
}

// hash reads {a: 1}.
func (p *parser) hash() Node {
	h := &Hash{Pos: p.here(), Braces: true}
	done := p.enter(p.tok.off)
	p.advance()
	p.newlines()
	for p.tok.kind != tRBrace {
		h.Pairs = append(h.Pairs, p.hashPair())
		if !p.accept(tComma) {
			break
		}
		p.newlines()
	}
	p.newlines()
	done()
	p.expect(tRBrace, ", or the } of the hash")
	return h
}

func (p *parser) hashPair() Pair {
	if p.tok.kind == tLabel || p.tok.kind == tDStar {
		return p.pair()
	}
	k := p.keyOrValue(operand)
	if !k.isKey {
		p.expect(tArrow, "=> and a value")
		p.newlines()
	}
	return Pair{k.node, p.pairValue()}
}
