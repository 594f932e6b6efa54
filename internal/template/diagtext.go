package template

import (
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// Error renders all diagnostics, each with place, line and a caret under the column.
func (d Diagnostics) Error() string {
	var b strings.Builder
	for i, x := range d {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.String())
	}
	return b.String()
}

// String renders one diagnostic, without a newline at its end:
//
//	web.pkr.hcl:3:5: unknown option "sute"
//	  3 |     sute = "bookworm"
//	    |     ^
//	  did you mean "suite"?
func (x Diagnostic) String() string {
	var b strings.Builder
	if p := x.Pos.String(); p != "" {
		b.WriteString(p + ": ")
	}
	if x.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(x.Summary)
	if x.Pos.Line > 0 && strings.TrimSpace(x.Source) != "" {
		n := strconv.Itoa(x.Pos.Line)
		src, caret := excerpt(x.Source, x.Pos.Col)
		b.WriteString("\n  " + n + " | " + src)
		if caret >= 0 {
			b.WriteString("\n  " + strings.Repeat(" ", len(n)) + " | " + strings.Repeat(" ", caret) + "^")
		}
	}
	for _, l := range strings.Split(x.Detail, "\n") {
		if l != "" {
			b.WriteString("\n  " + l)
		}
	}
	return b.String()
}

// maxShown is how many characters of a source line are shown around the column.
const maxShown = 120

// excerpt prepares a line for a terminal: tabs become spaces, control characters
// are made visible, a long line is cut around the column. The second result is the
// number of terminal cells before the column, or -1 when it is not in the line.
func excerpt(line string, col int) (string, int) {
	runes := []rune(line)
	from, cut := 0, ""
	if len(runes) > maxShown && col > maxShown*2/3 {
		from, cut = min(col-maxShown/2, len(runes)), "…"
	}
	var b strings.Builder
	b.WriteString(cut)
	cells, caret := len([]rune(cut)), -1
	for i := from; i < len(runes) && i < from+maxShown; i++ {
		if i == col-1 {
			caret = cells
		}
		s, w := cell(runes[i], cells)
		b.WriteString(s)
		cells += w
	}
	if from+maxShown < len(runes) {
		b.WriteString("…")
	}
	if caret < 0 && col == len(runes)+1 {
		caret = cells
	}
	return b.String(), caret
}

const tabWidth = 4

// cell returns how a character is shown and how many terminal cells it takes.
func cell(r rune, at int) (string, int) {
	switch {
	case r == '\t':
		n := tabWidth - at%tabWidth
		return strings.Repeat(" ", n), n
	case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
		return "\ufffd", 1
	case r >= 0x300 && r <= 0x36f, r == 0x200b, r == 0x200d, r >= 0xfe00 && r <= 0xfe0f:
		return string(r), 0 // combining marks, joiners, variation selectors
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return "\ufffd", 1 // they would reorder the line on a terminal
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return string(r), 2
	}
	return string(r), 1
}
