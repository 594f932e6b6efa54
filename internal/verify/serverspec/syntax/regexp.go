package syntax

import (
	"fmt"
	"regexp"
	"strings"
)

// regexpEscape keeps an escape of a regular expression as it is written, except that
// the delimiter loses its backslash where it has no meaning in the pattern, and a
// newline goes.
func (p *parser) regexpEscape(b []byte, q quote) []byte {
	next := p.peek(p.pos + 1)
	switch {
	case next == '\n':
		p.pos = p.nextLine(p.pos + 1)
		return b
	case next == q.close && strings.IndexByte("$*+.?^|)]}>", next) < 0:
		p.pos += 2
		return append(b, next)
	case next == 'c' || next == 'C' || next == 'M':
		p.pos++
		return fmt.Appendf(b, `\x%02X`, p.controlEscape())
	case p.pos+1 >= len(p.src):
		p.pos++
		return b
	}
	n := 1 + p.character(p.pos+1)
	b = append(b, p.src[p.pos:p.pos+n]...)
	p.pos += n
	return b
}

// regexpFlags reads the letters behind a regular expression.
func (p *parser) regexpFlags() string {
	start := p.pos
	for c := p.peek(p.pos); 'a' <= c|0x20 && c|0x20 <= 'z'; c = p.peek(p.pos) {
		if strings.IndexByte("imxounse", c) < 0 {
			p.fail(p.pos, "unknown option %q of a regular expression", string(c))
		}
		p.pos++
	}
	return p.src[start:p.pos]
}

// group finds the names that a pattern gives to its groups; escapes and sets are there
// to be skipped.
var group = regexp.MustCompile(`(?s)\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<([a-z_\x80-\xff]\w*)>|\(\?'([a-z_\x80-\xff]\w*)'`)

// declareGroups makes variables of the named groups of a regular expression without
// interpolation that stands to the left of =~.
func (p *parser) declareGroups(r *Regexp) {
	if len(r.Parts) != 1 {
		return
	}
	t, ok := r.Parts[0].(*Text)
	if !ok {
		return
	}
	for _, m := range group.FindAllStringSubmatch(t.Value, -1) {
		for _, name := range m[1:] {
			if _, keyword := keywords[name]; name != "" && !keyword {
				p.scope.declare(name)
			}
		}
	}
}
