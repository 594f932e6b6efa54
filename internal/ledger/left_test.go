package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// What is given up is told once, and holds up nothing.
func TestLeft(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, by := range []string{"scope", "reaper"} {
		dir := t.TempDir()
		l, err := ledger.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var destroyed []string
		answers := map[string]error{"gone": nil, "given": fmt.Errorf("%w: somebody has it", ledger.ErrLeft)}
		class := func(name string) ledger.Class {
			return ledger.Class{
				Name: name, Last: name == "last",
				Find: func(_ context.Context, tag string) ([]string, error) { return nil, nil },
				Destroy: func(_ context.Context, id string) error {
					destroyed = append(destroyed, id)
					return answers[name]
				},
			}
		}
		s := l.Scope("run", "test", nil)
		for _, name := range []string{"last", "gone", "given"} {
			if _, err := s.Create(t.Context(), class(name), func(context.Context, string) (string, error) { return "a " + name, nil }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Amend("a given", "b given"); err != nil {
			t.Fatal(err)
		}
		if err := s.Amend("a given", "c"); err == nil {
			t.Error("what was not made has another id")
		}
		end := func() error { return s.Close(t.Context()) }
		if by == "reaper" {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if l, err = ledger.Open(dir); err != nil {
				t.Fatal(err)
			}
			kinds := func(string, ledger.Where) []ledger.Class {
				return []ledger.Class{class("last"), class("gone"), class("given")}
			}
			end = func() error { return l.Reap(t.Context(), kinds, nil, nil) }
		}
		answers["gone"] = boom
		if err := end(); !errors.Is(err, ledger.ErrLeft) || !errors.Is(err, boom) {
			t.Errorf("%s: %v", by, err)
		}
		answers["gone"] = nil
		if err := end(); err != nil {
			t.Errorf("%s: %v", by, err)
		}
		if got, want := fmt.Sprint(destroyed), "[b given a gone a gone a last]"; got != want {
			t.Errorf("%s: destroyed %s, want %s", by, got, want)
		}
		if records, err := l.Records(); len(records) > 0 || err != nil {
			t.Errorf("%s: left %v, %v", by, records, err)
		}
	}
}
