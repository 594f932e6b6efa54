package json

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep values may nest. Readers of the result use recursion.
const maxDepth = 200

// Parse reads one value. The node is nil when a note is not a warning: reading
// stops at the first error of syntax, since what follows one is guesswork.
func Parse(src []byte) (*Node, []Note) {
	p := &parser{src: src}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil, []Note{{Msg: "file is UTF-16", Hint: "save it as UTF-8"}}
	}
	if bytes.HasPrefix(src, []byte("\ufeff")) {
		p.off = len("\ufeff")
	}
	n := p.document()
	if p.failed {
		return nil, p.notes
	}
	return n, p.notes
}

type parser struct {
	src    []byte
	off    int
	notes  []Note
	failed bool
	told   bool // about comments
	from   int  // what follows the last comma or opening bracket
	to     int  // the comma or bracket that ended the last element
}

func (p *parser) document() *Node {
	p.space()
	if p.off == len(p.src) {
		p.fail(p.off, "file is empty", "a JSON template begins with {")
		return nil
	}
	n := p.value(0)
	if p.failed {
		return nil
	}
	p.space()
	if p.off < len(p.src) {
		p.fail(p.off, fmt.Sprintf("unexpected %s after the end of the value", p.here()), "")
	}
	return n
}

func (p *parser) fail(off int, msg, hint string) {
	if !p.failed {
		p.failed = true
		p.notes = append(p.notes, Note{Off: off, Msg: msg, Hint: hint})
	}
}

// maxWarnings keeps a broken file from drowning its reader.
const maxWarnings = 100

func (p *parser) warn(off int, msg, hint string) {
	if len(p.notes) < maxWarnings {
		p.notes = append(p.notes, Note{Warning: true, Off: off, Msg: msg, Hint: hint})
	}
}

// here names the next character for a message.
func (p *parser) here() string {
	if p.off >= len(p.src) {
		return "end of file"
	}
	r, size := utf8.DecodeRune(p.src[p.off:])
	if r == utf8.RuneError && size <= 1 {
		return fmt.Sprintf("byte 0x%02x", p.src[p.off])
	}
	return strconv.QuoteRune(r)
}

func (p *parser) peek() byte {
	if p.off < len(p.src) {
		return p.src[p.off]
	}
	return 0
}

// space skips white space and comments.
func (p *parser) space() {
	for p.off < len(p.src) {
		switch c := p.src[p.off]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			p.off++
		case c == '#' || c == '/' && p.off+1 < len(p.src) && (p.src[p.off+1] == '/' || p.src[p.off+1] == '*'):
			p.comment()
		default:
			return
		}
	}
}

func (p *parser) comment() {
	if !p.told {
		p.told = true
		p.warn(p.off, "comment in JSON", "Packer refuses comments; it takes a member whose name begins with an underscore, at the top level")
	}
	if p.src[p.off] == '/' && p.src[p.off+1] == '*' {
		end := bytes.Index(p.src[p.off+2:], []byte("*/"))
		if end < 0 {
			p.fail(p.off, "comment has no end", "end it with */")
			p.off = len(p.src)
			return
		}
		p.off += 2 + end + 2
		return
	}
	end := bytes.IndexByte(p.src[p.off:], '\n')
	if end < 0 {
		end = len(p.src) - p.off
	}
	p.off += end
}

func (p *parser) value(depth int) *Node {
	if depth > maxDepth {
		p.fail(p.off, fmt.Sprintf("values nest deeper than %d levels", maxDepth), "")
		return nil
	}
	n := &Node{Off: p.off}
	switch c := p.peek(); {
	case c == '{':
		n.Kind = Object
		p.object(n, depth)
	case c == '[':
		n.Kind = Array
		p.array(n, depth)
	case c == '"':
		n.Kind = String
		n.Text = p.str()
	case c == '-' || c >= '0' && c <= '9':
		n.Kind = Number
		n.Text = p.number()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		p.word(n)
	case c == '\'':
		p.fail(p.off, "string in single quotes", `JSON strings take double quotes: "…"`)
	case p.off >= len(p.src):
		p.fail(p.off, "file ends where a value is expected", "")
	default:
		p.fail(p.off, fmt.Sprintf("a value is expected here, not %s", p.here()), "")
	}
	n.End = p.off
	return n
}

func (p *parser) word(n *Node) {
	end := p.off
	for end < len(p.src) && (p.src[end] >= 'a' && p.src[end] <= 'z' || p.src[end] >= 'A' && p.src[end] <= 'Z' || p.src[end] == '_') {
		end++
	}
	switch w := string(p.src[p.off:end]); w {
	case "true", "false":
		n.Kind, n.Text = Bool, w
	case "null":
		n.Kind = Null
	default:
		p.fail(p.off, fmt.Sprintf("a value is expected here, not %q", clip(w)), "strings take double quotes; the words are true, false and null")
	}
	p.off = end
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

func (p *parser) number() string {
	start := p.off
	for p.off < len(p.src) && bytes.IndexByte([]byte("+-.eE0123456789"), p.src[p.off]) >= 0 {
		p.off++
	}
	s := string(p.src[start:p.off])
	f, err := strconv.ParseFloat(s, 64)
	if !validNumber(s) || err != nil || math.IsInf(f, 0) {
		p.fail(start, fmt.Sprintf("%q is not a number", clip(s)), "")
	}
	return s
}

// validNumber applies JSON's grammar, which is narrower than Go's.
func validNumber(s string) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if lead := i; !digits() || s[lead] == '0' && i > lead+1 {
		return false
	}
	if i < len(s) && s[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(s)
}
