package syntax

import "math"

// textBuilder collects the parts of a string.
type textBuilder struct {
	p     *parser
	at    int // where bytes begins in the file
	bytes []byte
	parts []Node

	squiggly bool
	lines    []lineStart // of a squiggly heredoc
	indent   int         // the smallest of its lines
	carried  int         // white space of lines that have nothing else
}

// lineStart is where the text of a line begins: in the part that comes after the first
// n, at an offset.
type lineStart struct{ part, offset int }

func (b *textBuilder) add(s string) {
	if len(b.bytes) == 0 {
		b.at = b.p.pos
	}
	b.bytes = append(b.bytes, s...)
}

// node ends the text so far and adds an expression.
func (b *textBuilder) node(n Node) {
	b.flush()
	b.parts = append(b.parts, n)
}

func (b *textBuilder) flush() {
	// A line of a squiggly heredoc may begin here, so that its part is there even
	// when it is empty; finish drops it.
	if len(b.bytes) > 0 || b.squiggly {
		b.parts = append(b.parts, &Text{b.p.at(b.at), string(b.bytes)})
		b.bytes = b.bytes[:0]
	}
}

// startLine notes that a line of a heredoc begins at p.pos.
func (b *textBuilder) startLine() {
	if !b.squiggly {
		return
	}
	if len(b.lines) == 0 {
		b.indent = math.MaxInt
	}
	b.lines = append(b.lines, lineStart{len(b.parts), len(b.bytes)})
	// Ruby 3.1 adds the white space of a line that has nothing else to the next line's.
	width, off := b.carried, b.p.pos
	for ; b.p.peek(off) == ' ' || b.p.peek(off) == '\t'; off++ {
		width = indentation(width, b.p.src[off])
	}
	b.carried = 0
	if b.p.peek(off) == '\n' {
		b.carried = width
		return
	}
	b.indent = min(b.indent, width)
}

// indentation is the width of white space with one more character; a tab goes to the
// next multiple of 8.
func indentation(width int, c byte) int {
	if c == '\t' {
		return width/8*8 + 8
	}
	return width + 1
}

// finish returns the parts.
func (b *textBuilder) finish() []Node {
	b.flush()
	if !b.squiggly {
		return b.parts
	}
	for i := len(b.lines) - 1; i >= 0 && b.indent > 0; i-- {
		l := b.lines[i]
		text := b.parts[l.part].(*Text)
		width, end := 0, l.offset
		for end < len(text.Value) && (text.Value[end] == ' ' || text.Value[end] == '\t') {
			w := indentation(width, text.Value[end])
			if w > b.indent {
				break
			}
			width = w
			end++
		}
		text.Value = text.Value[:l.offset] + text.Value[end:]
	}
	parts := b.parts[:0]
	for _, n := range b.parts {
		if t, ok := n.(*Text); !ok || t.Value != "" {
			parts = append(parts, n)
		}
	}
	return parts
}
