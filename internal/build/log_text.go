package build

import (
	"fmt"
	"github.com/proofmark-build/proofmark/internal/verify"
	"strings"
)

// logLine is how an event stands in the log file; "" for what is left out there.
func logLine(e Event) string {
	switch e.Type {
	case Say:
		return "==> " + e.Text
	case Message, Output:
		return "    " + e.Text
	case Warning:
		return "warning: " + e.Text
	case StepStarted, StepFinished:
		return stepLine(e)
	case GateStarted:
		return fmt.Sprintf("==> gate %d", e.Gate)
	case GateFinished:
		return fmt.Sprintf("    gate %d: %d hold, %d failed, %d could not be checked, %d left out", e.Gate, e.Passed, e.Failed, e.Unknown, e.Skipped)
	case CheckDone:
		c := e.Check
		line := fmt.Sprintf("    gate %d: %s: %s %s", e.Gate, c.Verdict, c.Subject, c.Description)
		if c.Verdict == verify.Fail {
			line += fmt.Sprintf(" (wanted %s, found %s) %s", c.Wanted, c.Found, c.Pos)
		} else if c.Verdict == verify.Unknown || c.Verdict == verify.Skipped {
			line += fmt.Sprintf(" (%s) %s", c.Reason, c.Pos)
		}
		return strings.TrimRight(line, " ")
	case ArtifactMade:
		return "--> " + e.Artifact.Text
	case BuildDone:
		if e.Error != "" {
			return "failed: " + e.Error
		}
		return "done"
	}
	return ""
}

// stepLine tells that a step begins, or how it ended.
func stepLine(e Event) string {
	switch {
	case e.Type == StepStarted:
		return fmt.Sprintf("==> step %d: %s", e.Step, e.Name)
	case e.Cached:
		return fmt.Sprintf("==> step %d: %s: from a layer, %s old", e.Step, e.Name, Took(e.Age))
	}
	verb := "took"
	if e.Error != "" {
		verb = "failed after"
	}
	return fmt.Sprintf("    step %d %s %s", e.Step, verb, Took(e.Took))
}
