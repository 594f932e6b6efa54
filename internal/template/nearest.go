package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Bounds of the search: its cost grows with the lengths of both names.
const (
	maxName  = 64
	maxKnown = 1000
)

// nearest returns the known name that is most like the given one, or "" when none
// is near enough to be what was meant.
func nearest(name string, known []string) string {
	if len(name) > maxName {
		return ""
	}
	best, dist := "", len(name)/3+2
	for _, k := range known[:min(len(known), maxKnown)] {
		if len(k) > maxName {
			continue
		}
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil)
		if d < dist || d == dist && best != "" && k < best {
			best, dist = k, d
		}
	}
	return best
}

// didYouMean advises on an unknown name: the nearest one, or all of a short list.
func didYouMean(name string, known []string) string {
	if n := nearest(name, known); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	if len(known) == 0 || len(known) > 25 {
		return ""
	}
	known = slices.Sorted(slices.Values(known))
	return "known: " + strings.Join(known, ", ")
}
