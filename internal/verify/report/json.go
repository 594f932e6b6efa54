package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// RSpec's statuses and classes of exceptions.
const (
	rspecPassed  = "passed"
	rspecFailed  = "failed"
	rspecPending = "pending"

	rspecNotMet  = "RSpec::Expectations::ExpectationNotMetError"
	notCheckable = "Proofmark::CouldNotCheck"
)

// document has RSpec's keys, and below them ours.
type document struct {
	Version     string    `json:"version"`
	Messages    []string  `json:"messages,omitempty"` // why targets could not be asked
	Examples    []example `json:"examples"`
	Summary     summary   `json:"summary"`
	SummaryLine string    `json:"summary_line"`

	Targets []targetLine `json:"targets"`
}

type example struct {
	ID              string     `json:"id"`
	Description     string     `json:"description"`
	FullDescription string     `json:"full_description"`
	Status          string     `json:"status"`
	FilePath        string     `json:"file_path"`
	LineNumber      int        `json:"line_number"`
	RunTime         float64    `json:"run_time"` // seconds
	PendingMessage  *string    `json:"pending_message"`
	Exception       *exception `json:"exception,omitempty"`

	Target  string         `json:"target"`
	Verdict verify.Verdict `json:"verdict"`
	Source  string         `json:"source,omitempty"`
	Column  int            `json:"column_number,omitempty"`
	Wanted  string         `json:"wanted,omitempty"`
	Found   string         `json:"found,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Command string         `json:"command,omitempty"`
}

type exception struct {
	Class     string   `json:"class"`
	Message   string   `json:"message"`
	Backtrace []string `json:"backtrace"`
}

type summary struct {
	Duration float64 `json:"duration"` // seconds
	Examples int     `json:"example_count"`
	Failures int     `json:"failure_count"` // of status failed: with those that could not be checked
	Pending  int     `json:"pending_count"`
	Outside  int     `json:"errors_outside_of_examples_count"` // targets that could not be asked

	Unknown int `json:"could_not_check_count"`
}

type targetLine struct {
	Target      string         `json:"target"`
	Verdict     verify.Verdict `json:"verdict"`
	Error       string         `json:"error,omitempty"`
	Duration    float64        `json:"duration"` // seconds
	SummaryLine string         `json:"summary_line"`
}

// JSON is one document as RSpec's JSON formatter writes it, with some keys of ours.
// A check that could not be asked has RSpec's status "failed".
func JSON(r Report) ([]byte, error) {
	c := r.Counts()
	d := document{
		Version:     r.Tool,
		Examples:    []example{},
		Targets:     []targetLine{},
		SummaryLine: c.String(),
		Summary: summary{Duration: r.Took.Seconds(), Examples: c.Total(), Failures: c.Failed + c.Unknown, Pending: c.Skipped,
			Outside: r.Broken(), Unknown: c.Unknown},
	}
	if n := d.Summary.Outside; n > 0 {
		d.SummaryLine += fmt.Sprintf(", %s occurred outside of examples", plural(n, "error"))
	}
	for i, t := range r.Targets {
		line := targetLine{Target: Line(t.Name), Verdict: t.verdict(), Duration: t.Took.Seconds(), SummaryLine: t.Counts().String()}
		if t.Err != nil {
			line.Error = Visible(t.Err.Error())
			d.Messages = append(d.Messages, line.Target+": "+line.Error)
		}
		d.Targets = append(d.Targets, line)
		prefix, outer := "", ""
		if r.Several() {
			prefix, outer = line.Target+" ", fmt.Sprintf("%d:", i+1)
		}
		var at numbering
		for _, res := range t.Results {
			d.Examples = append(d.Examples, exampleOf(res, line.Target, prefix, outer, &at))
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(d)
	return b.Bytes(), err
}

func exampleOf(r verify.Result, target, prefix, outer string, at *numbering) example {
	file, line := Place(r.Pos)
	e := example{
		ID:              fmt.Sprintf("%s[%s%s]", file, outer, at.next(file, Groups(r))),
		Description:     Visible(r.Description),
		FullDescription: prefix + Visible(r.Name()),
		Status:          rspecPassed,
		FilePath:        file, LineNumber: line, RunTime: r.Took.Seconds(),
		Target: target, Verdict: r.Verdict, Source: r.Source, Column: r.Pos.Col,
		Wanted: Visible(r.Wanted), Found: Visible(r.Found), Reason: Visible(r.Reason), Command: Visible(r.Command),
	}
	backtrace := []string{}
	if place := r.Pos.String(); place != "" {
		backtrace = append(backtrace, fmt.Sprintf("%s:%d", file, line))
	}
	switch r.Verdict {
	case verify.Pass:
	case verify.Skipped:
		e.Status, e.PendingMessage = rspecPending, &e.Reason
	case verify.Fail:
		e.Status = rspecFailed
		e.Exception = &exception{rspecNotMet, "expected: " + e.Wanted + "\n     got: " + e.Found, backtrace}
	default:
		e.Status = rspecFailed
		e.Exception = &exception{notCheckable, "could not check: " + e.Reason, backtrace}
	}
	return e
}

// numbering gives examples the numbers that their ids end with: those of the groups
// that they stand in, and their own, each from 1 within its file.
type numbering struct {
	counts map[string]int // by file and numbers of the groups so far
	file   string
	groups []string
	path   []int // of groups
}

func (n *numbering) next(file string, groups []string) string {
	if n.counts == nil {
		n.counts = map[string]int{}
	}
	same := 0
	if file == n.file {
		for same < len(groups) && same < len(n.groups) && groups[same] == n.groups[same] {
			same++
		}
	}
	n.path = n.path[:min(same, len(n.path))]
	n.file, n.groups = file, groups
	for len(n.path) < len(groups) {
		n.path = append(n.path, n.count())
	}
	return dotted(append(n.path[:len(n.path):len(n.path)], n.count()))
}

// count numbers the next thing within the current groups.
func (n *numbering) count() int {
	key := n.file + "\x00" + dotted(n.path)
	n.counts[key]++
	return n.counts[key]
}

func dotted(path []int) string {
	words := make([]string, len(path))
	for i, p := range path {
		words[i] = fmt.Sprint(p)
	}
	return strings.Join(words, ":")
}
