package syntax

import "strings"

// nextLine is where the text goes on after the newline at off: behind the bodies of
// the heredocs that the line opened.
func (p *parser) nextLine(off int) int {
	off++
	if to, ok := p.bodies[off]; ok {
		return to
	}
	return off
}

// peek is the byte at an offset, 0 past the end.
func (p *parser) peek(off int) byte {
	if off < len(p.src) {
		return p.src[off]
	}
	return 0
}

func (p *parser) lineStart(off int) bool { return off == 0 || p.src[off-1] == '\n' }

func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'
}

func isSpace(c byte) bool { return isBlank(c) || c == '\n' }

// skipSpace goes to the next token. A newline that ends an expression is one; newline
// reports it, with pos behind it.
func (p *parser) skipSpace() (space, newline bool) {
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case isBlank(c):
			p.pos++
			space = true
		case c == '\\' && p.peek(p.pos+1) == '\n':
			p.pos = p.nextLine(p.pos + 1)
			space = true
		case c == '#':
			p.skipComment()
		case c == '=' && p.lineStart(p.pos) && p.blockComment():
		case c == '_' && p.lineStart(p.pos) && p.endMarker(p.pos):
			p.data = p.pos
			p.pos = len(p.src)
		case c == 0 || c == 4 || c == 26: // Ruby ends a file here
			p.pos = len(p.src)
		case c != '\n':
			return space, false
		case p.state.is(sBegin|sClass|sName|sDot) && !p.state.is(sLabeled),
			p.state&(sArg|sLabeled) == sArg|sLabeled && !p.labelEndsLine:
			p.pos = p.nextLine(p.pos)
			space = true
		default:
			next, leads := p.leadingDot(p.pos)
			if !leads {
				return space, true
			}
			p.pos = next
			space = false
		}
	}
	return space, false
}

func (p *parser) skipComment() {
	if n := strings.IndexByte(p.src[p.pos:], '\n'); n >= 0 {
		p.pos += n
	} else {
		p.pos = len(p.src)
	}
}

// leadingDot tells whether the line after the newline at off, and after comment lines,
// begins with .method or &.method, and so goes on with the one before.
func (p *parser) leadingDot(off int) (next int, ok bool) {
	for {
		off = p.nextLine(off)
		for off < len(p.src) && isBlank(p.src[off]) {
			off++
		}
		switch p.peek(off) {
		case '#':
			n := strings.IndexByte(p.src[off:], '\n')
			if n < 0 {
				return 0, false
			}
			off += n
		case '.':
			return off, p.peek(off+1) != '.'
		case '&':
			return off, p.peek(off+1) == '.'
		default:
			return 0, false
		}
	}
}

// blockComment skips =begin … =end.
func (p *parser) blockComment() bool {
	at := p.pos
	if !lineWord(p.src[at:], "=begin") {
		return false
	}
	for off := at; ; {
		n := strings.IndexByte(p.src[off:], '\n')
		if n < 0 {
			p.fail(at, "=begin without =end")
		}
		off += n + 1
		if lineWord(p.src[off:], "=end") {
			p.pos = off
			p.skipComment()
			if p.pos < len(p.src) {
				p.pos++
			}
			return true
		}
	}
}

// lineWord tells whether text begins with a word that white space or the end follows.
func lineWord(text, word string) bool {
	rest, ok := strings.CutPrefix(text, word)
	return ok && (rest == "" || isSpace(rest[0]))
}

func (p *parser) endMarker(off int) bool {
	rest, ok := strings.CutPrefix(p.src[off:], "__END__")
	return ok && (rest == "" || rest[0] == '\n')
}
