package probe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRepeatedPassiveCommandRunsOnce counts how often a command runs by what it writes,
// which a passive one must not do.
func TestRepeatedPassiveCommandRunsOnce(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	passive := func(after string) Question {
		return Question{Kind: KindCommand, Name: "echo ran | tee -a " + log, Args: map[string]string{"passive": "1", "after": after}}
	}
	other := passive("")
	other.Args["env"] = "A=B"
	facts, errs := answers(t, "/", passive(""), passive("a"), other, passive("b"),
		Question{Kind: KindCommand, Name: "true"}, passive("c"), passive("d"))
	for i, f := range facts {
		if c, ok := f.(*Command); !ok || errs[i] != nil || i != 4 && string(c.Stdout) != "ran\n" {
			t.Errorf("answer %d: %+v, %v", i, f, errs[i])
		}
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	// One and one of another environment before the command in the middle, one after it.
	if n := strings.Count(string(text), "ran\n"); n != 3 {
		t.Errorf("ran %d times, want 3", n)
	}
}
