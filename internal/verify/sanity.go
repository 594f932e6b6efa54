package verify

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// SanityVersion changes when the built-in checks ask or judge otherwise: images that
// older ones have proven are then proven again.
const SanityVersion = "2"

// SanityOptions adjust the built-in set. The zero value asks once, without exceptions.
type SanityOptions struct {
	// Exceptions are units that may be failed, inactive or still starting: names as
	// systemd writes them, in which * ? and [ ] stand for parts.
	Exceptions []string
	// Wait is how long a system that is still starting is waited for.
	Wait time.Duration
}

// Sanity is the built-in set that every gate holds. booted says whether an init
// system was started. If not, because the image has none or the template says so,
// only what can be told of files is checked, and a line says so.
func Sanity(booted bool, o SanityOptions) Spec { return sanity{booted, o} }

type sanity struct {
	booted bool
	o      SanityOptions
}

// Evaluate implements Spec.
func (c sanity) Evaluate(_ context.Context, s *Session) []Result {
	sys, known, err := Fact[probe.System](s, probe.Question{Kind: probe.KindSystem})
	if !known || err != nil {
		sys.Init = "systemd" // the longest list
	}
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
	all := []Result{
		bootReached(sys),
		none("System", "has no failed unit", c.but(sys.FailedUnits), "systemctl --failed"),
		none("System", "runs every enabled service", c.but(sys.InactiveUnits), "systemctl list-units --all --type=service"),
		none("System", "has no job left in the queue", c.but(sys.Jobs), "systemctl list-jobs"),
	}
	for i := range all {
		if all[i].Wait = c.o.Wait; sys.Init != "systemd" && i > 0 {
			all[i] = Result{Subject: all[i].Subject, Description: all[i].Description, Verdict: Skipped,
				Reason: "only systemd tells, and it is not process 1"}
		}
	}
	all[1].Wait = 0 // what has failed stays failed
	return append(all, packages)
}

// but leaves out the exceptions. Each entry begins with the name of a unit.
func (c sanity) but(units []string) []string {
	return slices.DeleteFunc(slices.Clone(units), func(u string) bool {
		name, _, _ := strings.Cut(u, " ")
		return slices.ContainsFunc(c.o.Exceptions, func(pattern string) bool { return matches(pattern, name) })
	})
}

// bootReached holds when the boot came to its end. A system that is "degraded"
// did, and the units that failed are a result of their own. Of other init systems
// than systemd nothing is known but that the machine could be reached.
func bootReached(sys probe.System) Result {
	r := Result{Subject: "System", Description: "has booted", Verdict: Pass}
	if sys.Init != "systemd" {
		return r
	}
	r.Command = "systemctl is-system-running"
	switch {
	case sys.State == "running", sys.State == "degraded" && len(sys.FailedUnits) > 0:
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
