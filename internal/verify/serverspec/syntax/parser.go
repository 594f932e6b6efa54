package syntax

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep the parser goes (some steps for each expression inside another), and maxChain how many
// operators or calls follow each other in one: whoever walks the tree recurses.
const (
	maxDepth = 4000
	maxChain = 10000
)

// Parse reads one file. It returns either its tree, or what is wrong with it: where
// the text is not Ruby the first place alone, because nothing behind it is certain.
// The text may be of any encoding that Ruby takes; bytes are kept as they are.
func Parse(name, text string) (*File, []Problem) { return ParseWithin(name, text, nil) }

// ParseWithin is Parse for a text that stands where variables are known already.
func ParseWithin(name, text string, variables []string) (*File, []Problem) {
	p := &parser{source: newSource(name, text), data: -1}
	p.scope = &scope{}
	for _, v := range variables {
		p.scope.declare(v)
	}
	p.utf8 = !utf8.ValidString(p.src) && declaresUTF8(p.src)
	f := &File{Name: name}
	if !p.run(f) || len(p.problems) > 0 {
		return nil, p.problems
	}
	if p.data >= 0 {
		f.Data = dataOf(text, p.line(p.data))
	}
	return f, nil
}

func (p *parser) run(f *File) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, expected := r.(stop); !expected {
				panic(r)
			}
		}
	}()
	p.state = sBegin
	p.advance()
	f.Body = p.statements(tEOF)
	if p.tok.kind != tEOF {
		p.unexpected("")
	}
	return true
}

// magic finds the encoding in a comment of the first two lines.
var magic = regexp.MustCompile(`(?i)\A(?:#!.*\n)?#.*?coding[:=][ \t]*([\w.-]+)`)

// declaresUTF8 tells whether text that is not UTF-8 should be.
func declaresUTF8(src string) bool {
	m := magic.FindStringSubmatch(src)
	if m == nil {
		return true
	}
	name := strings.ToLower(m[1])
	return strings.HasPrefix(name, "utf-8") || strings.HasPrefix(name, "utf8") || name == "us-ascii" || name == "ascii"
}

// dataOf is what follows the line with __END__.
func dataOf(text string, line int) string {
	for ; line > 0; line-- {
		n := strings.IndexByte(text, '\n')
		if n < 0 {
			return ""
		}
		text = text[n+1:]
	}
	return text
}

// parser reads a file. The lexer is part of it, because Ruby's words depend on what is
// parsed: on the names that are variables, and on expressions inside strings.
type parser struct {
	source
	pos           int // behind tok
	state         state
	tok           token
	prevEnd       int         // end of the token before
	bodies        map[int]int // heredocs' bodies: where they begin, where they end
	data          int         // of __END__, or -1
	utf8          bool        // the text has broken UTF-8 and should not
	labelEndsLine bool        // a newline behind a label is one: def a b:

	scope    *scope
	nesting  nesting
	depth    int
	problems []Problem

	command Node // the last call that took arguments without parentheses
	paren   Node // the last expression in parentheses
	// stringKey is the last string that a colon makes a key.
	stringKey *Sym
	defaulted string // the parameter whose default is read
	argParen  int    // where the last one ended that stands behind a name and a space
	// head is the offset where a statement begins: only there targets in parentheses
	// can stand, as in (a, b), c = x.
	head int
}

// nesting is what an expression inside brackets does not see of the one around it.
type nesting struct {
	loop      bool // "do" belongs to while, until or for
	arguments bool // "do" belongs to the command whose arguments are read
	lambda    bool // "{" belongs to the lambda whose parameters are read
}

// enter begins something inside brackets, or a body; what it returns ends it.
func (p *parser) enter(off int) func() {
	outer, labels := p.nesting, p.labelEndsLine
	p.nesting, p.labelEndsLine = nesting{}, false
	p.deeper(off)
	return func() {
		p.nesting, p.labelEndsLine = outer, labels
		p.depth--
	}
}

func (p *parser) deeper(off int) {
	if p.depth++; p.depth > maxDepth {
		p.fail(off, "too many expressions inside each other")
	}
}

// accept skips a token of a kind and tells whether it was there.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// expect skips a token that must be there. The nesting must be the outer one already
// when the token behind it is read.
func (p *parser) expect(k kind, wanted string) {
	if !p.accept(k) {
		p.unexpected(wanted)
	}
}

// here is the place of the current token.
func (p *parser) here() Pos { return p.at(p.tok.off) }

func (p *parser) newlines() {
	for p.tok.kind == tNewline {
		p.advance()
	}
}

func (p *parser) terminators() {
	for p.tok.kind == tNewline || p.tok.kind == tSemicolon {
		p.advance()
	}
}
