package verify

import (
	"context"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Sanity is the built-in set that every gate holds. booted says whether an init
// system was started. If not, because the image has none or the template says so,
// only what can be told of files is checked, and a line says so.
func Sanity(booted bool) Spec { return sanity{booted} }

type sanity struct{ booted bool }

// Evaluate implements Spec.
func (c sanity) Evaluate(_ context.Context, s *Session) []Result {
	sys, known, err := Fact[probe.System](s, probe.Question{Kind: probe.KindSystem})
	results := c.results(sys)
	for i := range results {
		r := &results[i]
		r.Source = "sanity"
		switch {
		case !known:
			r.Verdict, r.Wanted, r.Found = Open, "", ""
		case err != nil:
			r.Verdict, r.Reason, r.Wanted, r.Found = Unknown, err.Error(), "", ""
		}
	}
	return results
}

// results has the same checks in the same order whatever the facts are.
func (c sanity) results(sys probe.System) []Result {
	packages := none("Packages", "are all whole", sys.BadDpkg, "dpkg --audit")
	if !c.booted {
		return []Result{
			{Subject: "System", Description: "was not booted, so no service was started", Verdict: Pass},
			packages,
		}
	}
	return []Result{
		bootReached(sys),
		none("System", "has no failed unit", sys.FailedUnits, "systemctl --failed"),
		none("System", "runs every enabled service", sys.InactiveUnits, "systemctl list-units --all --type=service"),
		none("System", "has no job left in the queue", sys.Jobs, "systemctl list-jobs"),
		packages,
	}
}

// bootReached holds when the boot came to its end. A system that is "degraded"
// did, and the units that failed are a result of their own.
func bootReached(sys probe.System) Result {
	r := Result{Subject: "System", Description: "has booted", Command: "systemctl is-system-running"}
	switch {
	case sys.Init == "":
		r.Verdict, r.Wanted, r.Found = Fail, "an init system as process 1", "none"
	case sys.Init != "systemd", // others keep no record of how the boot went
		sys.State == "running",
		sys.State == "degraded" && len(sys.FailedUnits) > 0:
		r.Verdict = Pass
	default:
		r.Verdict, r.Wanted, r.Found = Fail, "running", sys.State
	}
	return r
}

// none wants a list to be empty.
func none(subject, description string, found []string, command string) Result {
	r := Result{Subject: subject, Description: description, Verdict: Pass, Command: command}
	if len(found) > 0 {
		r.Verdict, r.Wanted, r.Found = Fail, "none", strings.Join(found, ", ")
	}
	return r
}
