package syntax

// advance reads the next token into p.tok.
func (p *parser) advance() {
	p.prevEnd = p.tok.end
	space, newline := p.skipSpace()
	t := token{off: p.pos, space: space}
	switch {
	case newline:
		t.kind = tNewline
		t.end = p.pos
		p.pos = p.nextLine(p.pos)
		p.state = sBegin
	case p.pos >= len(p.src):
		t.kind = tEOF
		t.end = p.pos
		p.state = sBegin
	default:
		p.scan(&t)
		t.end = p.pos
		if t.text == "" {
			t.text = p.src[t.off:t.end]
		}
	}
	p.tok = t
}

// scan reads the token at p.pos, where no white space stands.
func (p *parser) scan(t *token) {
	switch c := p.src[p.pos]; {
	case isDigit(c):
		p.scanNumber(t)
	case isNameStart(c):
		p.scanWord(t)
	case c == '@' || c == '$':
		p.scanVariable(t)
	case c == '"' || c == '\'':
		t.quote = quote{close: c, expand: c == '"', label: p.state.takesLabel()}
		t.kind = tString
		p.pos++
	case c == '`':
		p.scanBacktick(t)
	case c == '?':
		p.scanQuestion(t)
	case c == ':':
		p.scanColon(t)
	case c == '%' && p.scanPercent(t):
	case c == '<' && p.scanHeredoc(t):
	case c == '/' && p.scanRegexp(t):
	default:
		p.scanOperator(t)
	}
}

// argument tells that the operator of n bytes at p.pos stands after a name and a
// space, and has none behind: foo -1 is foo(-1).
func (p *parser) argument(space bool, n int) bool {
	return p.state.is(sArg) && space && !isSpace(p.peek(p.pos+n))
}

func (p *parser) scanBacktick(t *token) {
	p.pos++
	switch {
	case p.state.is(sName):
		t.kind = tBacktick
		p.state = sEndName
	case p.state.is(sDot):
		t.kind = tBacktick
		p.state = sArg
	default:
		t.kind = tXString
		t.quote = quote{close: '`', expand: true}
	}
}

func (p *parser) scanRegexp(t *token) bool {
	if !p.state.begins() && (p.peek(p.pos+1) == '=' || !p.argument(t.space, 1)) {
		return false
	}
	t.kind = tRegexp
	t.quote = quote{close: '/', expand: true, regexp: true}
	p.pos++
	return true
}
