package syntax

// readQuoted reads the text of the literal that the current token opens, to behind its
// end.
func (p *parser) readQuoted() []Node {
	t := p.tok
	b := textBuilder{p: p}
	depth := 0
	for {
		if p.pos >= len(p.src) {
			p.fail(t.off, "literal has no closing %c", t.quote.close)
		}
		c := p.src[p.pos]
		switch {
		case c == t.quote.close && depth == 0:
			p.pos++
			return b.finish()
		case c == '#' && t.quote.expand && p.interpolation(&b):
			continue
		case c == '\\':
			p.quotedBackslash(&b, t.quote)
			continue
		case c == '\n':
			b.add("\n")
			p.pos = p.nextLine(p.pos)
			continue
		case c == t.quote.close:
			depth--
		case c == t.quote.open && t.quote.open != 0:
			depth++
		}
		n := p.character(p.pos)
		b.add(p.src[p.pos : p.pos+n])
		p.pos += n
	}
}

// quotedBackslash reads a backslash and what it stands before.
func (p *parser) quotedBackslash(b *textBuilder, q quote) {
	if len(b.bytes) == 0 {
		b.at = p.pos
	}
	next := p.peek(p.pos + 1)
	switch {
	case q.regexp:
		b.bytes = p.regexpEscape(b.bytes, q)
	case q.expand:
		p.pos++
		b.bytes = p.escape(b.bytes, q)
	case next == '\\' || next != 0 && (next == q.close || next == q.open):
		b.bytes = append(b.bytes, next)
		p.pos += 2
	default:
		b.bytes = append(b.bytes, '\\')
		p.pos++
	}
}

// interpolation reads #{…}, #@a or #$a at p.pos, or tells that none stands there.
func (p *parser) interpolation(b *textBuilder) bool {
	switch p.peek(p.pos + 1) {
	case '{':
		b.node(p.embedded())
		return true
	case '@', '$':
		n := p.variable(p.pos + 1)
		if n == 0 || p.src[p.pos+1] == '$' && isDigit(p.src[p.pos+2]) && p.src[p.pos+2] == '0' && n > 2 {
			return false
		}
		at := p.pos + 1
		p.pos = at + n
		b.node(p.variableNode(at, p.src[at:p.pos]))
		return true
	}
	return false
}

func (p *parser) variableNode(off int, name string) Node {
	switch {
	case name[0] == '$':
		return &GVar{p.at(off), name}
	case name[1] == '@':
		return &CVar{p.at(off), name}
	}
	return &IVar{p.at(off), name}
}

// embedded reads the statements of #{…}; p.tok is as before when it returns.
func (p *parser) embedded() Node {
	at := p.pos
	defer p.enter(at)()
	tok, prevEnd := p.tok, p.prevEnd
	p.pos += 2
	p.state = sBegin
	p.advance()
	list := p.statements(tRBrace)
	if p.tok.kind != tRBrace {
		p.unexpected("the } of the interpolation")
	}
	p.tok, p.prevEnd = tok, prevEnd
	if list == nil {
		return &Body{Pos: p.at(at)}
	}
	return list
}
