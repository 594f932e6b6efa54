package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/report"
)

// Checks shows what checks found out to people, with the look of RSpec. It is for one
// goroutine. Errors are the writer's: a report that nobody got is none.
type Checks struct {
	w     io.Writer
	o     ChecksOptions
	out   bytes.Buffer // of the current call
	count int          // results that do not hold so far
}

// ChecksOptions of NewChecks. The zero value gives plain documentation of one target.
type ChecksOptions struct {
	Color    bool // see UseColor
	Progress bool // a character for each check instead of its name
	Several  bool // there is more than one target
}

// NewChecks returns one that writes to w.
func NewChecks(w io.Writer, o ChecksOptions) *Checks { return &Checks{w: w, o: o} }

// Target shows all of one target.
func (c *Checks) Target(t report.Target) error {
	name := report.Line(t.Name)
	c.out.WriteByte('\n')
	switch {
	case c.o.Progress && c.o.Several:
		c.out.WriteString(name + ": ")
	case c.o.Several:
		c.line(0, bold(cyan), name)
		if t.Err == nil {
			c.out.WriteByte('\n')
		}
	}
	if c.o.Progress {
		c.dots(t)
	} else {
		c.outline(t)
	}
	if t.Err != nil {
		left := 0
		if c.o.Several {
			left = 2
		}
		c.line(left, bold(red), "The checks could not be asked: "+indent(report.Visible(t.Err.Error()), left))
	}
	prefix := ""
	if c.o.Several {
		prefix = name + ": "
	}
	c.pending(t.Results, prefix)
	c.problems(t.Results, prefix)
	return c.flush()
}

// End shows the sums.
func (c *Checks) End(r report.Report) error {
	c.out.WriteByte('\n')
	if c.o.Several {
		width := 0
		for _, t := range r.Targets {
			width = max(width, len([]rune(report.Line(t.Name))))
		}
		for _, t := range r.Targets {
			text := t.Counts().String()
			if t.Err != nil {
				text = "could not be asked"
			}
			c.line(0, ofCounts(t.Counts(), t.Err != nil), fmt.Sprintf("%-*s  %s", width, report.Line(t.Name), text))
		}
		c.out.WriteByte('\n')
	}
	c.line(0, plain, fmt.Sprintf("Finished in %s", inSeconds(r)))
	text := r.Counts().String()
	if n := r.Broken(); n == 1 {
		text += ", 1 target could not be asked"
	} else if n > 1 {
		text += fmt.Sprintf(", %d targets could not be asked", n)
	}
	c.line(0, ofCounts(r.Counts(), r.Broken() > 0), text)
	return c.flush()
}

func inSeconds(r report.Report) string {
	return fmt.Sprintf("%.2f seconds", r.Took.Seconds())
}

func (c *Checks) flush() error {
	_, err := c.w.Write(c.out.Bytes())
	c.out.Reset()
	return err
}

// outline shows results under the titles of their groups.
func (c *Checks) outline(t report.Target) {
	results := t.Results
	var open []string
	left := 0
	if c.o.Several {
		left = 2
	}
	if len(results) == 0 && t.Err == nil {
		c.line(left, plain, "No examples found.")
	}
	number := c.numbers(results)
	for i, r := range results {
		groups := report.Groups(r)
		same := 0
		for same < len(groups) && same < len(open) && groups[same] == open[same] {
			same++
		}
		if i > 0 && same == 0 {
			c.out.WriteByte('\n')
		}
		for depth, g := range groups[same:] {
			c.line(left+2*(same+depth), plain, report.Line(g))
		}
		open = groups
		text := report.Line(r.Description)
		switch r.Verdict {
		case verify.Pass:
		case verify.Skipped:
			text += " (PENDING: " + report.Line(r.Reason) + ")"
		case verify.Fail:
			text += fmt.Sprintf(" (FAILED - %d)", number[i])
		default:
			text += fmt.Sprintf(" (COULD NOT CHECK - %d)", number[i])
		}
		c.line(left+2*len(groups), ofVerdict(r.Verdict), text)
	}
}

// dots shows one character for each result; E is for none.
func (c *Checks) dots(t report.Target) {
	if t.Err != nil {
		c.painted(bold(red), "E")
	}
	for _, r := range t.Results {
		mark := "U"
		switch r.Verdict {
		case verify.Pass:
			mark = "."
		case verify.Fail:
			mark = "F"
		case verify.Skipped:
			mark = "*"
		}
		c.painted(ofVerdict(r.Verdict), mark)
	}
	c.out.WriteByte('\n')
}

// pending says why checks were left out.
func (c *Checks) pending(results []verify.Result, prefix string) {
	first := true
	for _, r := range results {
		if r.Verdict != verify.Skipped {
			continue
		}
		if first {
			c.title("Pending:")
			first = false
		}
		c.line(2, plain, prefix+report.FullName(r))
		c.line(5, paint{color: cyan}, "# "+report.Line(r.Reason))
		if at := r.Pos.String(); at != "" {
			c.line(5, paint{color: cyan}, "# "+report.Line(at))
		}
	}
}

// numbers gives each result that does not hold the number under which it is explained:
// first what failed, then what could not be checked.
func (c *Checks) numbers(results []verify.Result) []int {
	numbers, n := make([]int, len(results)), c.count
	for _, failed := range []bool{true, false} {
		for i, r := range results {
			if refuses(r) && (r.Verdict == verify.Fail) == failed {
				n++
				numbers[i] = n
			}
		}
	}
	return numbers
}

func refuses(r verify.Result) bool { return r.Verdict != verify.Pass && r.Verdict != verify.Skipped }

// problems says of each check that does not hold all that helps to find out why.
func (c *Checks) problems(results []verify.Result, prefix string) {
	number := c.numbers(results)
	for _, part := range []struct {
		title  string
		failed bool
	}{{"Failures:", true}, {"Could not be checked:", false}} {
		first := true
		for i, r := range results {
			if !refuses(r) || (r.Verdict == verify.Fail) != part.failed {
				continue
			}
			if first {
				c.title(part.title)
			} else {
				c.out.WriteByte('\n')
			}
			first = false
			c.count++
			c.problem(number[i], prefix, r)
		}
	}
}

func (c *Checks) problem(n int, prefix string, r verify.Result) {
	number := fmt.Sprintf("%d) ", n)
	left := 2 + len(number)
	c.line(2, plain, number+prefix+report.FullName(r))
	for _, f := range []struct {
		name, text string
		paint      paint
	}{
		{"wanted", r.Wanted, ofVerdict(r.Verdict)},
		{"found", r.Found, ofVerdict(r.Verdict)},
		{"reason", r.Reason, ofVerdict(r.Verdict)},
		{"at", r.Pos.String(), paint{color: cyan}},
		{"by hand", r.Command, plain},
	} {
		if f.text != "" {
			c.line(left, f.paint, fmt.Sprintf("%-8s ", f.name+":")+indent(report.Visible(f.text), left+9))
		}
	}
}

func (c *Checks) title(text string) {
	c.out.WriteByte('\n')
	c.line(0, plain, text)
	c.out.WriteByte('\n')
}

// indent moves all lines of a text but the first to the right.
func indent(text string, n int) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+strings.Repeat(" ", n))
}

func (c *Checks) line(left int, p paint, text string) {
	for l := range strings.Lines(strings.Repeat(" ", left) + text) {
		c.painted(p, strings.TrimRight(l, " \t\n"))
		c.out.WriteByte('\n')
	}
}

func (c *Checks) painted(p paint, s string) {
	if c.o.Color && p != plain {
		s = p.start() + s + reset
	}
	c.out.WriteString(s)
}

func ofVerdict(v verify.Verdict) paint {
	switch v {
	case verify.Pass:
		return paint{color: green}
	case verify.Fail:
		return paint{color: red}
	case verify.Skipped:
		return paint{color: yellow}
	}
	return paint{color: magenta}
}

func ofCounts(c report.Counts, broken bool) paint {
	switch {
	case c.Failed > 0 || broken:
		return paint{color: red}
	case c.Unknown > 0:
		return paint{color: magenta}
	case c.Skipped > 0:
		return paint{color: yellow}
	}
	return paint{color: green}
}
