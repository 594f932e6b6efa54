package build

import (
	"fmt"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"strings"
	"time"
)

// page is what the templates see.
type page struct {
	Report
	Line timeline
}

var reportFuncs = map[string]any{
	"took": Took,
	"size": Size,
	"time": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"cell": func(s string) string {
		return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
	},
}

// Ref is the image's reference, or its name when it has no version.
func (p page) Ref() string {
	if p.Version == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s:%d", p.Name, p.Version)
}

// Class groups outcomes for colouring.
func (p page) Class() string {
	switch {
	case p.Outcome == Refused || p.Outcome == Failed || p.Outcome == Cancelled:
		return "bad"
	case p.Status == catalog.Unproven:
		return "warn"
	}
	return "good"
}

// Gate is the checks of one gate, failures first in Bad.
type gateView struct {
	Number    int
	Bad, Good []catalog.Check
	Skipped   []catalog.Check
}

// Gates groups the checks.
func (p page) Gates() (gates []gateView) {
	for n := 1; n <= 2; n++ {
		g := gateView{Number: n}
		for _, c := range p.Checks {
			switch {
			case c.Gate != n:
			case c.Verdict == "pass":
				g.Good = append(g.Good, c)
			case c.Verdict == "skipped":
				g.Skipped = append(g.Skipped, c)
			default:
				g.Bad = append(g.Bad, c)
			}
		}
		if len(g.Bad)+len(g.Good) > 0 {
			gates = append(gates, g)
		}
	}
	return gates
}

// section of what changed, for the templates.
type section struct {
	Title   string
	Changes []catalog.Change
}

// Sections are the kinds of changes against the previous version that there are.
func (p page) Sections() (out []section) {
	if p.Changes == nil {
		return nil
	}
	c := p.Changes
	for _, s := range []section{{"Packages", c.Packages}, {"Files in /etc", c.Etc}, {"Services", c.Services},
		{"Ports", c.Ports}, {"Users", c.Users}, {"Checks", c.Checks}, {"Labels", c.Labels}} {
		if len(s.Changes) > 0 {
			out = append(out, s)
		}
	}
	return out
}
