// Package report says what checks found out in the forms that other programs read:
// JSON as RSpec writes it, JUnit XML, TAP. What people read at a terminal is package
// term's.
package report

import (
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// Report of one run: the same checks asked of some targets.
type Report struct {
	Tool    string // version of Proofmark
	Started time.Time
	Took    time.Duration
	Targets []Target
}

// Target is one system, and what was found out about it.
type Target struct {
	Name    string // as the user named it, without secrets
	Started time.Time
	Took    time.Duration
	Results []verify.Result
	Err     error // why its checks could not be asked at all
}

// Counts of results by their verdicts.
type Counts struct{ Passed, Failed, Unknown, Skipped int }

// Counts of one target.
func (t Target) Counts() (c Counts) {
	for _, r := range t.Results {
		switch r.Verdict {
		case verify.Pass:
			c.Passed++
		case verify.Fail:
			c.Failed++
		case verify.Skipped:
			c.Skipped++
		default:
			c.Unknown++
		}
	}
	return c
}

// Counts of all targets.
func (r Report) Counts() (sum Counts) {
	for _, t := range r.Targets {
		c := t.Counts()
		sum.Passed += c.Passed
		sum.Failed += c.Failed
		sum.Unknown += c.Unknown
		sum.Skipped += c.Skipped
	}
	return sum
}

// Refused is the number of targets of which some checks do not hold, or could not be
// checked.
func (r Report) Refused() (n int) {
	for _, t := range r.Targets {
		if c := t.Counts(); c.Failed+c.Unknown > 0 {
			n++
		}
	}
	return n
}

// Broken is the number of targets that could not be asked at all.
func (r Report) Broken() (n int) {
	for _, t := range r.Targets {
		if t.Err != nil {
			n++
		}
	}
	return n
}

// Total is the number of checks.
func (c Counts) Total() int { return c.Passed + c.Failed + c.Unknown + c.Skipped }

// String says it as RSpec does: "12 examples, 1 failure, 2 could not be checked, 1 pending".
func (c Counts) String() string {
	s := fmt.Sprintf("%s, %s", plural(c.Total(), "example"), plural(c.Failed, "failure"))
	if c.Unknown > 0 {
		s += fmt.Sprintf(", %d could not be checked", c.Unknown)
	}
	if c.Skipped > 0 {
		s += fmt.Sprintf(", %d pending", c.Skipped)
	}
	return s
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Several tells whether names must say which target they are about.
func (r Report) Several() bool { return len(r.Targets) > 1 }
