package hcl

import "github.com/hashicorp/hcl/v2/hclsyntax"

// separate prepares the body of each verify block inside build blocks for HCL's
// grammar, which allows one argument in a one-line block and no commas between
// arguments. There a comma after an argument or a block stands for the end of the
// line, and braces of blocks may share a line with what is in them:
//
//	verify "inline" {
//	  service "nginx" { enabled = true, running = true }
//	}
//
// Everything outside verify blocks is left as it is. The second result holds the
// offsets, in the new text, of line ends that were put in; commas are replaced in
// place. See docs/decisions/verify-one-line-blocks.md.
func separate(src []byte, tokens hclsyntax.Tokens) (text []byte, inserted []int) {
	s := &separator{}
	s.stack = []frame{{body: true}}
	for i, t := range tokens {
		s.token(t, tokens[i+1:])
	}
	if len(s.edits) == 0 {
		return src, nil
	}
	at := 0
	for _, e := range s.edits {
		text = append(text, src[at:e.off]...)
		at = e.off
		if e.comma {
			at++ // the line end takes the comma's place
		} else {
			inserted = append(inserted, len(text))
		}
		text = append(text, '\n')
	}
	return append(text, src[at:]...), inserted
}

type edit struct {
	off   int
	comma bool
}

// frame is an open bracket: the body of a block, or something inside an expression.
type frame struct {
	body   bool
	name   string // of the block
	verify bool   // inside a verify block of a build block
	state  state
	word   string // first word of the item at hand
}

// state tells where in a body we are.
type state int

const (
	between state = iota // an item may begin
	header               // after the first word of an item
	value                // after the equals sign
	done                 // after a block: the line must end
)

type separator struct {
	stack []frame
	edits []edit
}

func (s *separator) token(t hclsyntax.Token, rest hclsyntax.Tokens) {
	top := &s.stack[len(s.stack)-1]
	if !top.body {
		s.inside(t)
		return
	}
	switch t.Type {
	case hclsyntax.TokenNewline:
		top.state = between
	case hclsyntax.TokenComment:
		if n := len(t.Bytes); n > 0 && t.Bytes[n-1] == '\n' {
			top.state = between
		}
	case hclsyntax.TokenComma:
		if top.verify && (top.state == value || top.state == done) {
			s.edits = append(s.edits, edit{t.Range.Start.Byte, true})
			top.state = between
		}
	case hclsyntax.TokenIdent:
		if top.state == between {
			top.state, top.word = header, string(t.Bytes)
		}
	case hclsyntax.TokenEqual:
		if top.state == header {
			top.state = value
		}
	case hclsyntax.TokenCBrace:
		if top.verify && (top.state == value || top.state == done) {
			s.edits = append(s.edits, edit{t.Range.Start.Byte, false})
		}
		s.pop()
	case hclsyntax.TokenOBrace:
		if top.state == header {
			s.block(top, t, rest)
			return
		}
		s.stack = append(s.stack, frame{})
	default:
		s.inside(t)
	}
}

// block enters the body of a block.
func (s *separator) block(parent *frame, open hclsyntax.Token, rest hclsyntax.Tokens) {
	parent.state = done
	f := frame{body: true, name: parent.word}
	f.verify = parent.verify || parent.word == "verify" && parent.name == "build" && len(s.stack) == 2
	s.stack = append(s.stack, f)
	if !f.verify || len(rest) == 0 {
		return
	}
	switch rest[0].Type {
	case hclsyntax.TokenNewline, hclsyntax.TokenCBrace, hclsyntax.TokenEOF, hclsyntax.TokenComment:
	default:
		s.edits = append(s.edits, edit{open.Range.End.Byte, false})
	}
}

// inside follows brackets within expressions and labels.
func (s *separator) inside(t hclsyntax.Token) {
	switch t.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
		hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		s.stack = append(s.stack, frame{})
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		s.pop()
	}
}

func (s *separator) pop() {
	if len(s.stack) > 1 {
		s.stack = s.stack[:len(s.stack)-1]
	}
}
