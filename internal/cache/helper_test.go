package cache

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// warnings collects what a store warns about.
type warnings struct {
	mu   sync.Mutex
	text []string
}

func (w *warnings) warn(format string, a ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, fmt.Sprintf(format, a...))
}

func open(t *testing.T, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// key makes a key from a word.
func key(word string) Key { return NewHash("", word, nil).Key() }

func commit(t *testing.T, s *Store, e Entry) Entry {
	t.Helper()
	ok, err := s.Commit(complete(e))
	if err != nil || !ok {
		t.Fatalf("commit %s: ok=%v err=%v", e.Ref, ok, err)
	}
	e, ok, err = s.current(e.Key)
	if err != nil || !ok {
		t.Fatalf("committed entry is not there: ok=%v err=%v", ok, err)
	}
	return e
}

func complete(e Entry) Entry {
	if e.Kind == "" {
		e.Kind = "fake"
	}
	if e.Build == "" {
		e.Build = "fake.web"
	}
	return e
}

// chain commits layers that stand on each other, named by words; refs are the words.
func chain(t *testing.T, s *Store, words ...string) {
	t.Helper()
	var parent Key
	for i, w := range words {
		if _, ok, _ := s.Lookup(key(w)); !ok {
			commit(t, s, Entry{Key: key(w), Parent: parent, Ref: w, Index: i, Size: 100})
		}
		parent = key(w)
	}
}

func found(t *testing.T, s *Store, word string) bool {
	t.Helper()
	_, ok, err := s.Lookup(key(word))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func refs(list []Entry) []string {
	var r []string
	for _, e := range list {
		r = append(r, e.Ref)
	}
	return r
}

// prune prunes and returns the refs in the order in which they were discarded.
func prune(t *testing.T, s *Store, p PrunePlan) []string {
	t.Helper()
	var gone []string
	pruned, err := s.Prune(t.Context(), p, func(_ context.Context, e Entry) error {
		gone = append(gone, e.Ref)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !p.DryRun && !slices.Equal(gone, refs(pruned)) {
		t.Errorf("discarded %v, told %v", gone, refs(pruned))
	}
	return refs(pruned)
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
