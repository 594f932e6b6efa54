package syntax

import "strings"

// heredoc is the opening of <<A, <<-A or <<~A.
type heredoc struct {
	id       string
	indented bool // the end may be indented
	squiggly bool // the lines' common indentation goes
	command  bool // <<`A`
}

// scanHeredoc reads the opening of a heredoc, or tells that << is something else.
func (p *parser) scanHeredoc(t *token) bool {
	if p.peek(p.pos+1) != '<' || p.state.is(sDot|sClass) || p.state.ends() ||
		p.state.is(sArg) && !p.state.is(sLabeled) && !t.space {
		return false
	}
	var h heredoc
	at := p.pos + 2
	switch p.peek(at) {
	case '-':
		h.indented = true
		at++
	case '~':
		h.indented, h.squiggly = true, true
		at++
	}
	q := quote{expand: true}
	switch c := p.peek(at); {
	case c == '"' || c == '\'' || c == '`':
		n := strings.IndexAny(p.src[at+1:], string(c)+"\n")
		if n < 0 || p.src[at+1+n] == '\n' {
			p.fail(p.pos, "heredoc's name has no closing %c", c)
		}
		h.id = p.src[at+1 : at+1+n]
		at += n + 2
		q.expand = c != '\''
		h.command = c == '`'
	case isNameByte(c):
		end := p.nameEnd(at)
		h.id = p.src[at:end]
		at = end
	default:
		return false
	}
	q.heredoc = h
	t.kind = tHeredoc
	t.quote = q
	p.pos = at
	return true
}

// readHeredoc reads the body of the heredoc that the current token opens. Its text
// begins behind the line, and behind bodies that the line opened before.
func (p *parser) readHeredoc() []Node {
	t := p.tok
	resume := p.pos
	n := strings.IndexByte(p.src[resume:], '\n')
	if n < 0 {
		p.fail(t.off, "heredoc %s has no end", t.quote.heredoc.id)
	}
	first := resume + n + 1
	p.pos = p.nextLine(first - 1)
	b := textBuilder{p: p, squiggly: t.quote.heredoc.squiggly}
	for !p.heredocEnds(t.quote.heredoc) {
		if p.pos >= len(p.src) {
			p.fail(t.off, "heredoc %s has no end", t.quote.heredoc.id)
		}
		b.startLine()
		p.heredocLine(&b, t)
	}
	if p.bodies == nil {
		p.bodies = map[int]int{}
	}
	p.bodies[first] = p.pos
	p.pos = resume
	return b.finish()
}

// heredocEnds skips the last line of a heredoc if it comes.
func (p *parser) heredocEnds(h heredoc) bool {
	rest := p.src[p.pos:]
	next := len(p.src)
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
		next = p.nextLine(p.pos + n)
	}
	if h.indented {
		rest = strings.TrimLeft(rest, " \t\r\f\v")
	}
	if rest != h.id || p.pos >= len(p.src) {
		return false
	}
	p.pos = next
	return true
}

// heredocLine reads a line with its newline; a backslash at its end adds the next one.
func (p *parser) heredocLine(b *textBuilder, t token) {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == '\n':
			b.add("\n")
			p.pos = p.nextLine(p.pos)
			return
		case c == '\\' && t.quote.expand:
			if p.peek(p.pos+1) == '\n' && b.squiggly {
				p.pos = p.nextLine(p.pos + 1)
				b.startLine()
				continue
			}
			p.pos++
			b.bytes = p.escape(b.bytes, t.quote)
		case c == '#' && t.quote.expand && p.interpolation(b):
		default:
			n := p.character(p.pos)
			b.add(p.src[p.pos : p.pos+n])
			p.pos += n
		}
	}
}
