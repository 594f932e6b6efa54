package template

import "strings"

// Diagnostic is one thing wrong with a template, and where.
type Diagnostic struct {
	Warning bool
	Pos     Pos
	Summary string // what is wrong, one line
	Detail  string // what to do, e.g. the nearest known name
	Source  string // the source line, without its newline
}

// Diagnostics is a list of them. It is an error when it holds one that is not a
// warning; use Err to hand it on.
type Diagnostics []Diagnostic

// Err returns d as an error, or nil when there is no error among them.
func (d Diagnostics) Err() error {
	for _, x := range d {
		if !x.Warning {
			return d
		}
	}
	return nil
}

// Error renders all diagnostics, each with place, line and a caret under the column.
func (d Diagnostics) Error() string {
	var b strings.Builder
	for i, x := range d {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.Pos.String() + ": " + x.Summary)
	}
	return b.String()
}
