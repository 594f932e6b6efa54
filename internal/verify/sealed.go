package verify

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Sealed turns what a captured image was found to hold, before its first boot,
// into one result for each name of a rule.
func Sealed(rules []machine.SealRule, found []machine.Residue) []Result {
	byRule := map[string][]machine.Residue{}
	for _, f := range found {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	var results []Result
	told := map[string]bool{}
	for _, rule := range rules {
		if told[rule.Name] {
			continue // it has several entries, with different actions
		}
		told[rule.Name] = true
		results = append(results, sealed(rule.Name, byRule[rule.Name]))
		delete(byRule, rule.Name)
	}
	// Residue of a rule that is not in the list must not be lost.
	for _, f := range found {
		if list, ok := byRule[f.Rule]; ok {
			results = append(results, sealed(f.Rule, list))
			delete(byRule, f.Rule)
		}
	}
	return results
}

func sealed(rule string, found []machine.Residue) Result {
	r := Result{Source: "seal", Subject: "Image", Description: "holds no " + rule, Verdict: Pass}
	if len(found) == 0 {
		return r
	}
	const most = 10
	var paths []string
	for i, f := range found {
		if i == most {
			paths = append(paths, fmt.Sprintf("and %d more", len(found)-most))
			break
		}
		paths = append(paths, fmt.Sprintf("%s (%s)", f.Path, f.What))
	}
	r.Verdict, r.Wanted, r.Found = Fail, "none", strings.Join(paths, ", ")
	return r
}
