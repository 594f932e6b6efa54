package syntax

import (
	"math/big"
	"strconv"
	"strings"
)

// scanNumber reads an integer or a float.
func (p *parser) scanNumber(t *token) {
	t.kind = tNumber
	p.state = sEnd
	start := p.pos
	base, digits := 10, isDigit
	if p.src[p.pos] == '0' {
		switch p.peek(p.pos+1) | 0x20 {
		case 'x':
			base, digits = 16, isHex
			p.pos += 2
		case 'b':
			base, digits = 2, isDigit
			p.pos += 2
		case 'o':
			base = 8
			p.pos += 2
		case 'd':
			p.pos += 2
		default:
			if next := p.peek(p.pos + 1); isDigit(next) || next == '_' {
				base = 8
				p.pos++
				if next == '_' {
					p.pos++
				}
			}
		}
	}
	prefixed := p.pos > start
	from := p.pos
	p.digits(start, digits)
	text := strings.ReplaceAll(p.src[from:p.pos], "_", "")
	if prefixed && text == "" {
		p.fail(start, "number %s has no digits", p.src[start:p.pos])
	}
	if !prefixed && p.fraction(start) {
		f, _ := strconv.ParseFloat(strings.ReplaceAll(p.src[start:p.pos], "_", ""), 64)
		p.numberSuffix(start)
		t.number = &Float{p.at(start), f}
		return
	}
	if len(text) > maxDigits {
		p.fail(start, "a number of %d digits is beyond what is read", len(text))
	}
	value, ok := new(big.Int).SetString(text, base)
	if !ok {
		p.fail(start, "number %s has a digit that base %d does not", p.src[start:p.pos], base)
	}
	p.numberSuffix(start)
	t.number = &Int{p.at(start), value}
}

// maxDigits bounds a number, since reading it takes time by the square of its length.
const maxDigits = 300_000

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// digits skips digits with single underscores between them.
func (p *parser) digits(start int, ok func(byte) bool) {
	from := p.pos
	for ok(p.peek(p.pos)) || p.peek(p.pos) == '_' {
		if p.src[p.pos] == '_' && (p.pos == from || !ok(p.peek(p.pos+1))) {
			p.fail(start, "number %s has an underscore that is not between digits", p.src[start:p.pos+1])
		}
		p.pos++
	}
}

// fraction skips .5 and e3.
func (p *parser) fraction(start int) bool {
	found := false
	if p.peek(p.pos) == '.' && isDigit(p.peek(p.pos+1)) {
		p.pos++
		p.digits(start, isDigit)
		found = true
	}
	if p.peek(p.pos)|0x20 == 'e' {
		at := p.pos + 1
		if c := p.peek(at); c == '+' || c == '-' {
			at++
		}
		if isDigit(p.peek(at)) {
			p.pos = at
			p.digits(start, isDigit)
			found = true
		}
	}
	return found
}

// numberSuffix names the numbers that are not read: 1r and 2i.
func (p *parser) numberSuffix(start int) {
	at := p.pos
	rational := p.peek(at) == 'r'
	if rational {
		at++
	}
	imaginary := p.peek(at) == 'i'
	if imaginary {
		at++
	}
	if at == p.pos || isNameByte(p.peek(at)) {
		return
	}
	p.pos = at
	what := "rational"
	if imaginary {
		what = "imaginary"
	}
	p.report(start, "%s number %s is not supported", what, p.src[start:p.pos])
}
