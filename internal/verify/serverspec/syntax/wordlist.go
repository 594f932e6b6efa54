package syntax

// readWords reads the elements of %w, %W, %i or %I, to behind its end.
func (p *parser) readWords() []Node {
	t := p.tok
	var elems []Node
	depth := 0 // brackets nest across elements
	for {
		for p.pos < len(p.src) && isSpace(p.src[p.pos]) {
			if p.src[p.pos] == '\n' {
				p.pos = p.nextLine(p.pos)
			} else {
				p.pos++
			}
		}
		if p.pos >= len(p.src) {
			p.fail(t.off, "literal has no closing %c", t.quote.close)
		}
		if p.src[p.pos] == t.quote.close && depth == 0 {
			p.pos++
			return elems
		}
		at := p.at(p.pos)
		parts := p.readWord(t.quote, &depth)
		if t.quote.symbols {
			elems = append(elems, &Sym{at, parts})
		} else {
			elems = append(elems, &Str{at, parts})
		}
	}
}

func (p *parser) readWord(q quote, depth *int) []Node {
	b := textBuilder{p: p}
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case isSpace(c), c == q.close && *depth == 0:
			return b.finish()
		case c == '#' && q.expand && p.interpolation(&b):
			continue
		case c == '\\' && isSpace(p.peek(p.pos+1)):
			b.add(p.src[p.pos+1 : p.pos+2])
			if p.pos++; p.src[p.pos] == '\n' {
				p.pos = p.nextLine(p.pos)
			} else {
				p.pos++
			}
			continue
		case c == '\\':
			p.quotedBackslash(&b, q)
			continue
		case c == q.close:
			*depth--
		case c == q.open && q.open != 0:
			*depth++
		}
		n := p.character(p.pos)
		b.add(p.src[p.pos : p.pos+n])
		p.pos += n
	}
	return b.finish()
}
