package syntax

import "fmt"

// Problem is something in a file that is not Ruby, or that this package does not read.
type Problem struct {
	Pos  Pos
	Text string // what is wrong, one line
}

func (p Problem) Error() string { return p.Pos.String() + ": " + p.Text }

// stop is what fail panics with; Parse recovers it. Text that is wrong leaves nothing
// sensible to go on with, because where a Ruby expression ends depends on all before it.
type stop struct{}

// report keeps a problem and goes on.
func (p *parser) report(off int, format string, args ...any) {
	p.problems = append(p.problems, Problem{p.at(off), fmt.Sprintf(format, args...)})
}

// fail keeps a problem and ends the reading of the file.
func (p *parser) fail(off int, format string, args ...any) {
	p.report(off, format, args...)
	panic(stop{})
}

// unexpected ends the reading at the current token; wanted is empty when many things
// would do.
func (p *parser) unexpected(wanted string) {
	if wanted != "" {
		p.fail(p.tok.off, "unexpected %s, expected %s", p.tok.describe(p.src), wanted)
	}
	p.fail(p.tok.off, "unexpected %s", p.tok.describe(p.src))
}
