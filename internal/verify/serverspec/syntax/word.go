package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func isNameByte(c byte) bool { return isNameStart(c) || isDigit(c) }

// nameEnd is the end of the name at off.
func (p *parser) nameEnd(off int) int {
	for off < len(p.src) && isNameByte(p.src[off]) {
		if p.src[off] >= utf8.RuneSelf {
			off += p.character(off)
			continue
		}
		off++
	}
	return off
}

// character is the length of the character at off. Ruby takes no broken UTF-8 outside
// comments, unless the file says that it is in another encoding.
func (p *parser) character(off int) int {
	r, n := utf8.DecodeRuneInString(p.src[off:])
	if r == utf8.RuneError && n == 1 && p.utf8 {
		p.fail(off, "byte 0x%02x is not UTF-8; a comment such as # encoding: iso-8859-1 in the first line would say what it is", p.src[off])
	}
	return n
}

// scanWord reads a name, a keyword or a label.
func (p *parser) scanWord(t *token) {
	start, before := p.pos, p.state
	p.pos = p.nameEnd(p.pos)
	t.kind = tIdent
	switch c, next := p.peek(p.pos), p.peek(p.pos+1); {
	case (c == '!' || c == '?') && next != '=':
		p.pos++
		t.kind = tFid
	case c == '=' && before.is(sName) && next != '~' && next != '>' && (next != '=' || p.peek(p.pos+2) == '>'):
		p.pos++
	}
	t.text = p.src[start:p.pos]
	if before.takesLabel() && p.labelColon(p.pos) {
		t.kind = tLabel
		p.pos++
		p.state = sArg | sLabeled
		return
	}
	if t.kind == tIdent && isConstant(t.text) {
		t.kind = tConst
	}
	if !before.is(sDot) && p.scanKeyword(t, before) {
		return
	}
	switch {
	case before.is(sName):
		p.state = sEndName
	case t.kind == tIdent && !before.is(sDot) && p.scope.has(t.text):
		p.state = sEnd | sLabel
	case before.begins() || before.is(sArg|sDot):
		p.state = sArg
	default:
		p.state = sEnd
	}
}

func (p *parser) scanKeyword(t *token, before state) bool {
	word, ok := keywords[t.text]
	if !ok {
		return false
	}
	t.kind = word.kind
	switch {
	case before.is(sName):
		p.state = sEndName
		return true
	case before.is(sBegin | sClass | sLabeled):
		p.state = word.next
	default:
		t.kind = word.modifier
		p.state = word.next
		if word.modifier != word.kind {
			p.state = sBegin | sLabel
		}
	}
	return true
}

// labelColon tells whether the colon of a label stands at off.
func (p *parser) labelColon(off int) bool {
	return p.peek(off) == ':' && p.peek(off+1) != ':'
}

func isConstant(name string) bool {
	if c := name[0]; c < utf8.RuneSelf {
		return 'A' <= c && c <= 'Z'
	}
	r, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(r)
}

// scanVariable reads @a, @@a and $a.
func (p *parser) scanVariable(t *token) {
	n := p.variable(p.pos)
	if n == 0 {
		sigil := p.src[p.pos : p.pos+1]
		if strings.HasPrefix(p.src[p.pos:], "@@") {
			sigil = "@@"
		}
		p.fail(p.pos, "%q without a variable's name", sigil)
	}
	switch {
	case p.src[p.pos] == '$':
		t.kind = tGVar
	case p.src[p.pos+1] == '@':
		t.kind = tCVar
	default:
		t.kind = tIVar
	}
	p.pos += n
	if p.state.is(sName) {
		p.state = sEndName
	} else {
		p.state = sEnd
	}
}

// variable is the length of the variable with a sigil at off, or 0.
func (p *parser) variable(off int) int {
	at := off + 1
	if p.src[off] == '@' {
		if p.peek(at) == '@' {
			at++
		}
		if !isNameStart(p.peek(at)) {
			return 0
		}
		return p.nameEnd(at) - off
	}
	switch c := p.peek(at); {
	case isNameStart(c):
		return p.nameEnd(at) - off
	case isDigit(c):
		for isDigit(p.peek(at)) {
			at++
		}
		if c == '0' {
			return p.nameEnd(at) - off
		}
		return at - off
	case c == '-' && isNameByte(p.peek(at+1)):
		return 2 + p.character(at+1)
	case c != 0 && strings.IndexByte("~*$?!@/\\;,.=:_\"&`'+<>", c) >= 0:
		return 2
	}
	return 0
}
