package json

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string from its opening quote to after its closing one.
func (p *parser) str() string {
	open := p.off
	p.off++
	var out []byte
	warned := false
	for p.off < len(p.src) {
		c := p.src[p.off]
		switch {
		case c == '"':
			p.off++
			return string(out)
		case c == '\\':
			out = p.escape(out)
			if p.failed {
				return ""
			}
		case c == '\n' || c == '\r':
			p.fail(open, "string is not closed before the end of the line", `a line end inside a string is written \n`)
			return ""
		case c < ' ':
			p.fail(p.off, fmt.Sprintf("control character 0x%02x in a string", c), fmt.Sprintf(`write it as \u%04x`, c))
			return ""
		case c < utf8.RuneSelf:
			out = append(out, c)
			p.off++
		default:
			r, size := utf8.DecodeRune(p.src[p.off:])
			if r == utf8.RuneError && size == 1 && !warned {
				warned = true
				p.warn(p.off, fmt.Sprintf("byte 0x%02x is not valid UTF-8", c), "save the file as UTF-8")
			}
			out = utf8.AppendRune(out, r)
			p.off += size
		}
	}
	p.fail(open, "string is not closed before the end of the file", "")
	return ""
}

func (p *parser) escape(out []byte) []byte {
	at := p.off
	if at+1 >= len(p.src) {
		p.off = len(p.src)
		return out // the missing quote is reported
	}
	c := p.src[at+1]
	p.off += 2
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		return p.unicode(out, at)
	}
	p.off = at + 1
	p.fail(at, fmt.Sprintf(`\ followed by %s is not known`, p.here()), `a backslash itself is written \\`)
	return out
}

func (p *parser) unicode(out []byte, at int) []byte {
	r, ok := p.hex4(p.off)
	if !ok {
		p.fail(at, `\u takes four hexadecimal digits`, "")
		return out
	}
	p.off += 4
	if utf16.IsSurrogate(r) && p.off+1 < len(p.src) && p.src[p.off] == '\\' && p.src[p.off+1] == 'u' {
		if low, ok := p.hex4(p.off + 2); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				p.off += 6
				return utf8.AppendRune(out, full)
			}
		}
	}
	return utf8.AppendRune(out, r) // a lone surrogate becomes U+FFFD
}

func (p *parser) hex4(off int) (rune, bool) {
	if off+4 > len(p.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.src[off:off+4]), 16, 16)
	return rune(n), err == nil
}
