package machinetest

import (
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

func testResources(t *testing.T, o Options) {
	b := newBench(t, o)
	classes := map[string]ledger.Class{}
	for _, c := range b.builder.Resources(o.Where) {
		if _, twice := classes[c.Name]; twice || c.Name == "" || c.Find == nil || c.Destroy == nil {
			t.Fatalf("class %q is not complete, or there twice", c.Name)
		}
		classes[c.Name] = c
		if ids, err := c.Find(t.Context(), "pmneverneve2"); err != nil || len(ids) > 0 {
			t.Errorf("find %s that was never made: %v, %v", c.Name, ids, err)
		}
	}
	m := b.start(t)
	c := connect(t, m)
	c.sh("sleep 300 >/dev/null 2>&1 &")
	machines := []machine.Machine{m}
	if snap, ok := b.builder.(machine.Snapshotter); ok {
		_, next, err := snap.Snapshot(t.Context(), m, b.env) // not kept: the scope still holds it
		if err != nil {
			t.Fatal(err)
		}
		connect(t, next)
		machines = append(machines, next)
	}
	records, err := b.ledger.Records()
	if err != nil || len(records) == 0 {
		t.Fatalf("a running machine is recorded as %v, %v", records, err)
	}
	for _, r := range slices.Backward(records) {
		class, ok := classes[r.Class]
		if !ok {
			t.Errorf("a %s was made, and Resources does not know the class", r.Class)
			continue
		}
		if r.State != ledger.Made {
			t.Errorf("%s %q is %s", r.Class, r.ID, r.State)
			continue
		}
		if ids, err := class.Find(t.Context(), r.Tag); err != nil || !slices.Equal(ids, []string{r.ID}) {
			t.Errorf("find %s %s: %v, %v, want %q", r.Class, r.Tag, ids, err, r.ID)
		}
		for range 2 {
			if err := class.Destroy(t.Context(), r.ID); err != nil {
				t.Errorf("destroy %s %q: %v", r.Class, r.ID, err)
			}
		}
		if ids, err := class.Find(t.Context(), r.Tag); err != nil || len(ids) > 0 {
			t.Errorf("find %s %s that was destroyed: %v, %v", r.Class, r.Tag, ids, err)
		}
	}
	// All was destroyed behind their backs.
	for _, m := range machines {
		closeMachine(t, m)
	}
}
