package syntax

import "strings"

// closers of brackets that nest in a %-literal.
var closers = map[byte]byte{'(': ')', '[': ']', '{': '}', '<': '>'}

// scanPercent reads the opening of a %-literal, or tells that it is the operator.
func (p *parser) scanPercent(t *token) bool {
	next := p.peek(p.pos + 1)
	switch {
	case p.state.begins():
	case next == '=':
		return false
	case p.state.is(sName) && next == 's': // alias %s(a) b
	case !p.argument(t.space, 1):
		return false
	}
	if p.state.is(sName) && next != 's' {
		return false
	}
	form, at := byte('Q'), p.pos+1
	if strings.IndexByte("QqWwIixrs", next) >= 0 && !isNameByte(p.peek(at+1)) {
		form = next
		at++
	}
	open := p.peek(at)
	if open == 0 || isNameByte(open) {
		p.fail(p.pos, "unknown form of %%-literal: %q", p.src[p.pos:min(at+1, len(p.src))])
	}
	q := quote{close: open}
	if c, ok := closers[open]; ok {
		q.open, q.close = open, c
	}
	t.kind = tString
	switch form {
	case 'Q':
		q.expand = true
	case 'W':
		t.kind, q.expand, q.words = tWords, true, true
	case 'w':
		t.kind, q.words = tWords, true
	case 'I':
		t.kind, q.expand, q.words, q.symbols = tWords, true, true, true
	case 'i':
		t.kind, q.words, q.symbols = tWords, true, true
	case 'x':
		t.kind, q.expand = tXString, true
	case 'r':
		t.kind, q.expand, q.regexp = tRegexp, true, true
	case 's':
		t.kind = tDSymbol
	}
	t.quote = q
	p.pos = at + 1
	return true
}
