package machinetest

import (
	"slices"
	"testing"
)

func TestPoints(t *testing.T) {
	var names []string
	for range 3 {
		for _, verb := range []string{"before-intent", "after-intent", "after-create", "after-id", "before-destroy", "after-destroy", "after-release"} {
			names = append(names, verb+" mount", verb+" network")
		}
	}
	t.Setenv("PROOFMARK_SEED", "7")
	t.Setenv("PROOFMARK_SOAK", "")
	chosen := Points(t, names, 4)
	if len(chosen) != 10 || !slices.IsSorted(chosen) || len(slices.Compact(slices.Clone(chosen))) != 10 {
		t.Errorf("chosen %v, want ten different ones in order", chosen)
	}
	for _, class := range []string{"mount", "network"} {
		for _, verbs := range [][]string{{"before-intent", "after-intent"}, {"after-create", "after-id"}, {"before-destroy", "after-destroy", "after-release"}} {
			if !slices.ContainsFunc(chosen, func(i int) bool {
				return slices.ContainsFunc(verbs, func(v string) bool { return names[i] == v+" "+class })
			}) {
				t.Errorf("none of %v %s among %v", verbs, class, chosen)
			}
		}
	}
	if again := Points(t, names, 4); !slices.Equal(again, chosen) {
		t.Errorf("the same seed chose %v, then %v", chosen, again)
	}
	t.Setenv("PROOFMARK_SEED", "8")
	if other := Points(t, names, 4); slices.Equal(other, chosen) {
		t.Errorf("another seed chose %v too", other)
	}
	if first := choosePoints(t, names, 0, 14); len(first) != 6 || first[5] >= 14 {
		t.Errorf("chosen %v, want six of the first 14", first)
	}
	if most := choosePoints(t, names, 0, 6); len(most) != 6 || most[5] < 6 {
		t.Errorf("chosen %v, want what comes late alone among them", most)
	}
	if all := Points(t, names, 1000); len(all) != len(names) {
		t.Errorf("%d of %d points, although more are wanted", len(all), len(names))
	}
	t.Setenv("PROOFMARK_SOAK", "1")
	if all := Points(t, names, 0); len(all) != len(names) {
		t.Errorf("the long form takes %d of %d points", len(all), len(names))
	}
}
