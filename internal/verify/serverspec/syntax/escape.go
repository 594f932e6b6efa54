package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

var simpleEscapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 's': ' ', 't': '\t', 'v': '\v',
}

// escape reads what stands behind a backslash and appends what it means.
func (p *parser) escape(b []byte, q quote) []byte {
	c := p.peek(p.pos)
	switch {
	case p.pos >= len(p.src):
		p.fail(p.pos-1, "backslash at the end of the file")
	case c == '\n':
		p.pos = p.nextLine(p.pos)
		if q.words {
			return append(b, '\n')
		}
		return b
	case c == 'u':
		return p.unicodeEscape(b)
	case '0' <= c && c <= '7':
		return append(b, p.octal())
	case c == 'x' || c == 'c' || c == 'C' || c == 'M':
		return append(b, p.controlEscape())
	}
	if plain, ok := simpleEscapes[c]; ok {
		p.pos++
		return append(b, plain)
	}
	n := p.character(p.pos)
	b = append(b, p.src[p.pos:p.pos+n]...)
	p.pos += n
	return b
}

func (p *parser) octal() byte {
	v := 0
	for n := 0; n < 3 && '0' <= p.peek(p.pos) && p.peek(p.pos) <= '7'; n++ {
		v = v*8 + int(p.src[p.pos]-'0')
		p.pos++
	}
	return byte(v)
}

// controlEscape reads \x41, \cA, \C-a, \M-a and their combinations, with p.pos behind
// the backslash.
func (p *parser) controlEscape() byte {
	at := p.pos - 1
	c := p.peek(p.pos)
	p.pos++
	switch {
	case c == 'x':
		n := 0
		for n < 2 && isHex(p.peek(p.pos+n)) {
			n++
		}
		if n == 0 {
			p.fail(at, `\x without hexadecimal digits`)
		}
		v, _ := strconv.ParseUint(p.src[p.pos:p.pos+n], 16, 8)
		p.pos += n
		return byte(v)
	case c == 'c':
		return p.control(at)
	case (c == 'C' || c == 'M') && p.peek(p.pos) == '-':
		p.pos++
		if c == 'C' {
			return p.control(at)
		}
		return p.escaped(at) | 0x80
	}
	p.fail(at, `\%c without a character`, c)
	return 0
}

func (p *parser) control(at int) byte {
	if p.peek(p.pos) == '?' {
		p.pos++
		return 0x7f
	}
	return p.escaped(at) & 0x9f
}

// escaped reads the character of \C- and \M-.
func (p *parser) escaped(at int) byte {
	c := p.peek(p.pos)
	if p.pos >= len(p.src) || c == '\n' || c >= utf8.RuneSelf {
		p.fail(at, "escape without a character")
	}
	p.pos++
	if c != '\\' {
		return c
	}
	switch e := p.peek(p.pos); {
	case '0' <= e && e <= '7':
		return p.octal()
	case e == 'x' || e == 'c' || e == 'C' || e == 'M':
		return p.controlEscape()
	case e == 'u':
		p.fail(at, "escape of a character beyond ASCII")
	}
	b := p.escape(nil, quote{expand: true})
	if len(b) != 1 {
		p.fail(at, "escape without a character")
	}
	return b[0]
}

// unicodeEscape reads A and \u{41 42}, with p.pos at the u.
func (p *parser) unicodeEscape(b []byte) []byte {
	at := p.pos - 1
	p.pos++
	if p.peek(p.pos) != '{' {
		n := 0
		for n < 4 && isHex(p.peek(p.pos+n)) {
			n++
		}
		if n < 4 {
			p.fail(at, `\u without four hexadecimal digits`)
		}
		b = p.codePoint(b, at, p.src[p.pos:p.pos+4])
		p.pos += 4
		return b
	}
	n := strings.IndexByte(p.src[p.pos:], '}')
	if n < 0 {
		p.fail(at, `\u{ without }`)
	}
	list := strings.Fields(p.src[p.pos+1 : p.pos+n])
	for _, hex := range list {
		b = p.codePoint(b, at, hex)
	}
	p.pos += n + 1
	return b
}

func (p *parser) codePoint(b []byte, at int, hex string) []byte {
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) || len(hex) > 6 {
		p.fail(at, `\u%s is not a character`, hex)
	}
	return utf8.AppendRune(b, rune(v))
}
