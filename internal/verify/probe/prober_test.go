package probe

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answers runs one round and returns facts and errors by index.
func answers(t *testing.T, root string, qs ...Question) ([]any, []error) {
	t.Helper()
	var facts []any
	var errs []error
	err := NewProber(root).Round(t.Context(), qs, func(fact any, why error) error {
		facts, errs = append(facts, fact), append(errs, why)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(facts) != len(qs) {
		t.Fatalf("%d answers to %d questions", len(facts), len(qs))
	}
	return facts, errs
}

// one asks one question and wants a fact.
func one[T any](t *testing.T, root string, q Question) *T {
	t.Helper()
	facts, errs := answers(t, root, q)
	if errs[0] != nil {
		t.Fatalf("%s %s: %v", q.Kind, q.Name, errs[0])
	}
	return facts[0].(*T)
}

// tree makes files below a new root; a name that ends with / is a directory, a
// text that begins with "-> " a link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			err = os.Symlink(target, path)
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestRoundReadsInOrder(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "made")
	facts, _ := answers(t, "/",
		Question{Kind: KindFile, Name: name},
		Question{Kind: KindCommand, Name: "echo text > " + name},
		Question{Kind: KindFile, Name: name, Args: map[string]string{"content": "1"}},
		Question{Kind: KindCommand, Name: "rm " + name},
		Question{Kind: KindFile, Name: name},
	)
	if before := facts[0].(*File); before.Exists {
		t.Error("a file exists before the command that makes it")
	}
	if made := facts[2].(*File); string(made.Content) != "text\n" {
		t.Errorf("content %q after the command that writes it", made.Content)
	}
	if after := facts[4].(*File); after.Exists {
		t.Error("a file exists after the command that removes it")
	}
}

func TestRoundReadsDatabasesAnewAfterCommand(t *testing.T) {
	t.Parallel()
	// A copy of sleep has a name of its own.
	sleep := filepath.Join(t.TempDir(), "pm-order-test")
	facts, _ := answers(t, "/",
		Question{Kind: KindProcess, Name: "pm-order-test"},
		Question{Kind: KindCommand, Name: "cp $(command -v sleep) " + sleep + " && { " + sleep + " 60 >/dev/null 2>&1 & }; " +
			"until grep -q pm-order /proc/$!/comm; do sleep 0.01; done; echo $!"},
		Question{Kind: KindProcess, Name: "pm-order-test"},
	)
	pid := strings.TrimSpace(string(facts[1].(*Command).Stdout))
	answers(t, "/", Question{Kind: KindCommand, Name: "kill " + pid})
	if facts[0].(*Process).Running {
		t.Error("the process runs before the command that starts it")
	}
	if p := facts[2].(*Process); len(p.PIDs) != 1 || strconv.Itoa(p.PIDs[0]) != pid {
		t.Errorf("pids %v, want %s", p.PIDs, pid)
	}
}

func TestAnswerPanic(t *testing.T) {
	t.Parallel()
	v := newView(NewProber("/"), nil)
	v.packages = func() (*packages, error) { panic("odd database") }
	o := v.answer(t.Context(), Question{Kind: KindPackage, Name: "x"})
	if o.err == nil || !strings.Contains(o.err.Error(), "odd database") {
		t.Errorf("got %v, want the panic as an error", o.err)
	}
}

func TestAnswerTimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		v := newView(NewProber("/"), nil)
		v.packages = func() (*packages, error) { <-hang; return nil, errors.New("late") }
		begin := time.Now()
		o := v.answer(t.Context(), Question{Kind: KindPackage, Name: "x"})
		close(hang)
		if o.err == nil || !strings.Contains(o.err.Error(), "no answer within 30s") {
			t.Errorf("got %v", o.err)
		}
		if d := time.Since(begin); d != 30*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

func TestRoundUnknownKind(t *testing.T) {
	t.Parallel()
	_, errs := answers(t, "/", Question{Kind: "colour"}, Question{Kind: KindFile, Name: "relative"})
	for _, err := range errs {
		if err == nil {
			t.Error("no error")
		}
	}
}

func TestRoundEmitError(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	err := NewProber("/").Round(t.Context(), make([]Question, 3), func(any, error) error { return boom })
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

func TestRoundCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := NewProber("/").Round(ctx, make([]Question, 1), func(any, error) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTreeRefusesWhatNeedsRunning(t *testing.T) {
	t.Parallel()
	_, errs := answers(t, t.TempDir(), Question{Kind: KindCommand, Name: "true"}, Question{Kind: KindPort, Name: "80"})
	for _, err := range errs {
		if !errors.Is(err, errTree) {
			t.Errorf("got %v", err)
		}
	}
}
