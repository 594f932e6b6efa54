package machinetest

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Points chooses at which points of a ledger a test lets a process die, from their
// names in order. It returns indexes, in order.
//
// With PROOFMARK_SOAK all of them are chosen. Otherwise, for each class of resource,
// one point before the resource is there, one while it is, and one at its end; and
// more others. Which ones changes from run to run: the log tells the seed, and
// PROOFMARK_SEED repeats a choice.
func Points(t testing.TB, names []string, more int) (chosen []int) {
	t.Helper()
	return choosePoints(t, names, more, max(1, len(names)))
}

// choosePoints is Points where one of the first points, as many as early, is taken for a class
// and a stage that has one there.
func choosePoints(t testing.TB, names []string, more, early int) (chosen []int) {
	t.Helper()
	if os.Getenv("PROOFMARK_SOAK") != "" {
		for i := range names {
			chosen = append(chosen, i)
		}
		return chosen
	}
	seed, err := strconv.ParseUint(os.Getenv("PROOFMARK_SEED"), 10, 32)
	if err != nil {
		seed = uint64(rand.Uint32())
	}
	t.Logf("PROOFMARK_SEED=%d chooses among %d points", seed, len(names))
	seen := map[string]bool{}
	order := rand.New(rand.NewPCG(seed, 0)).Perm(len(names))
	late := func(i int) int { return min(1, i/early) }
	slices.SortStableFunc(order, func(i, j int) int { return late(i) - late(j) })
	for _, i := range order {
		verb, class, _ := strings.Cut(names[i], " ")
		stage := stageOf(verb) + " " + class
		if !seen[stage] {
			seen[stage] = true
		} else if more--; more < 0 {
			continue
		}
		chosen = append(chosen, i)
	}
	slices.Sort(chosen)
	return chosen
}

// stageOf tells what there is of a resource at a point.
func stageOf(verb string) string {
	switch verb {
	case "before-intent", "after-intent":
		return "nothing"
	case "after-create", "after-id":
		return "all"
	default:
		return "its end"
	}
}
