package term

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/verify"
)

func gateTitle(n int) string {
	switch n {
	case 1:
		return "Gate 1: checking the machine before it is captured"
	case 2:
		return "Gate 2: checking the captured image, started fresh"
	}
	return fmt.Sprintf("Gate %d", n)
}

// check shows a check that does not hold, with all that helps to find out why, and
// one that the spec left out.
func (p *people) check(e build.Event, b *buildState) {
	r := e.Check
	if r == nil {
		return
	}
	what := checkName(r)
	switch r.Verdict {
	case verify.Pass:
		if p.o.Verbose {
			p.detail(e, paint{color: b.color}, "ok: "+what)
		}
		return
	case verify.Skipped:
		if r.Reason != "" {
			what += ": " + r.Reason
		}
		p.detail(e, paint{color: b.color}, "left out: "+what)
		return
	case verify.Fail:
		p.detail(e, bold(red), "FAILED: "+what)
	default:
		p.detail(e, bold(red), "COULD NOT CHECK: "+what)
	}
	for _, f := range []struct{ name, text string }{
		{"wanted", r.Wanted},
		{"found", r.Found},
		{"reason", r.Reason},
		{"at", r.Pos.String()},
		{"by hand", r.Command},
	} {
		if f.text == "" {
			continue
		}
		text := strings.ReplaceAll(strings.TrimRight(f.text, "\n"), "\n", "\n"+strings.Repeat(" ", 11))
		p.detail(e, paint{color: red}, fmt.Sprintf("  %-8s %s", f.name+":", text))
	}
}

func checkName(r *verify.Result) string { return strings.TrimSpace(r.Subject + " " + r.Description) }

func (p *people) gate(e build.Event, b *buildState) {
	if e.Failed == 0 && e.Unknown == 0 {
		p.detail(e, paint{color: b.color}, gatePassed(e))
		return
	}
	p.say(e, bold(red), gateRefuses(e))
}

func gatePassed(e build.Event) string {
	text := count(e.Passed) + " passed"
	if e.Skipped > 0 {
		text += fmt.Sprintf(", %d left out", e.Skipped)
	}
	return text
}

func gateRefuses(e build.Event) string {
	var parts []string
	if e.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", e.Failed))
	}
	if e.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be checked", e.Unknown))
	}
	parts = append(parts, fmt.Sprintf("%d passed", e.Passed))
	return fmt.Sprintf("Gate %d refuses: of %s %s", e.Gate, count(e.Passed+e.Failed+e.Unknown), strings.Join(parts, ", "))
}

func count(n int) string {
	if n == 1 {
		return "1 check"
	}
	return fmt.Sprintf("%d checks", n)
}
