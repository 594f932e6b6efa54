package build

import (
	"fmt"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Sources of checks that every image has: they prove nothing of its own.
const (
	sanity = "sanity"
	seal   = "seal"
)

// builtIn tells whether every image has the checks of a source.
func builtIn(source string) bool {
	return source == sanity || source == seal || source == verify.TwinSource
}

// gateResults tells and records the outcome of a gate, and refuses when a check
// does not hold or could not be answered.
func (r *runner) gateResults(gate int, results []verify.Result) error {
	var pass, fail, unknown, skipped int
	for _, res := range results {
		switch res.Verdict {
		case verify.Pass:
			pass++
		case verify.Fail:
			fail++
		case verify.Skipped:
			skipped++
		default:
			unknown++
		}
		res = r.log.maskResult(res)
		r.log.emit(Event{Type: CheckDone, Gate: gate, Check: &res})
		r.report.Checks = append(r.report.Checks, catalog.Check{Gate: gate, Source: res.Source, Subject: res.Subject,
			Description: res.Description, Pos: res.Pos.String(), Verdict: string(res.Verdict), Wanted: res.Wanted,
			Found: res.Found, Reason: res.Reason, Command: res.Command})
	}
	r.log.emit(Event{Type: GateFinished, Gate: gate, Passed: pass, Failed: fail, Unknown: unknown, Skipped: skipped})
	switch {
	case fail > 0 && unknown > 0:
		return fmt.Errorf("gate %d: %w: of %d, %d failed and %d could not be checked", gate, ErrRefused, len(results), fail, unknown)
	case fail > 0:
		return fmt.Errorf("gate %d: %w: %d of %d failed", gate, ErrRefused, fail, len(results))
	case unknown > 0:
		return fmt.Errorf("gate %d: %w: %d of %d could not be checked", gate, ErrRefused, unknown, len(results))
	}
	return nil
}

// status of an image whose gates held: proven when at least one check of its own
// held in the captured image.
func (r *runner) status() catalog.Status {
	for _, c := range r.report.Checks {
		if c.Gate == 2 && c.Verdict == string(verify.Pass) && !builtIn(c.Source) {
			return catalog.Proven
		}
	}
	return catalog.Unproven
}

func contentOf(inv verify.Inventory) catalog.Content {
	c := catalog.Content{OS: inv.OS, Arch: inv.Arch, Etc: inv.Etc, Services: inv.Services, Ports: inv.Ports, Users: inv.Users}
	for _, p := range inv.Packages {
		c.Packages = append(c.Packages, catalog.Package(p))
	}
	return c
}
