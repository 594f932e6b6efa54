package resource

import (
	"slices"
	"testing"
)

// TestCommandsAreServerSpecs holds every row on every platform against the commands of
// the real ServerSpec, and against what it makes of them when they print nothing.
func TestCommandsAreServerSpecs(t *testing.T) {
	if testing.Short() {
		t.Skip("asks ServerSpec for thousands of commands: left out by -short")
	}
	t.Parallel()
	var calls []call
	for _, p := range platforms {
		for _, x := range everyRow() {
			calls = append(calls, x.on(p, canned{}))
			if p == debian12 || p == redhat9 {
				calls = append(calls, x.on(p, canned{Exit: 1}))
			}
		}
	}
	compare(t, calls)
}

// compare holds our verdicts and commands against ServerSpec's.
func compare(t *testing.T, calls []call) {
	t.Helper()
	bad := 0
	for i, want := range oracle(t, calls) {
		c := calls[i]
		got, _ := c.ours(&Host{})
		if got.Value == want.Value && slices.Equal(slices.Compact(got.Commands), want.Commands) {
			continue
		}
		if bad++; bad < 40 {
			t.Errorf("%v after %+v\n got %s %q\nwant %s %q", c, c.canned, got.Value, got.Commands, want.Value, want.Commands)
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d calls differ", bad, len(calls))
	}
}
