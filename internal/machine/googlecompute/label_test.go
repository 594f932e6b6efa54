package googlecompute

import (
	"strings"
	"testing"
)

func TestIsLabel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{ // as a key, as a value
		"": {false, true}, "a": {true, true}, "é-1_b": {true, true}, "1": {false, true}, "A": {false, false}, "a b": {false, false}, "a\n": {false, false},
		strings.Repeat("é", 63): {true, true}, strings.Repeat("a", 64): {false, false},
	} {
		if got := [2]bool{isLabelKey(text), isLabelValue(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
