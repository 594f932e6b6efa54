package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// forest commits base → a → a1, base → b and, a day apart each, uses them in
// that order; b belongs to another build.
func forest(t *testing.T, s *Store, c *clock) {
	t.Helper()
	chain(t, s, "base", "a", "a1")
	commit(t, s, Entry{Key: key("b"), Parent: key("base"), Ref: "b", Index: 1, Size: 100, Build: "fake.other"})
	for _, word := range []string{"base", "a", "a1", "b"} {
		c.advance(24 * time.Hour)
		s.Touch(key(word))
	}
}

func TestPrunePlans(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, test := range map[string]struct {
		later time.Duration
		plan  PrunePlan
		want  []string
	}{
		"nothing to do":                 {plan: PrunePlan{}},
		"all":                           {plan: PrunePlan{All: true}, want: []string{"a1", "a", "b", "base"}},
		"over the age limit":            {later: 4 * day, want: []string{"a1", "a", "b", "base"}},
		"all of one build":              {plan: PrunePlan{All: true, Build: "fake.other"}, want: []string{"b"}},
		"all of a build, but shared":    {plan: PrunePlan{All: true, Build: "fake.web"}, want: []string{"a1", "a"}},
		"unused":                        {plan: PrunePlan{Unused: day}, want: []string{"a1", "a"}},
		"unused, none":                  {plan: PrunePlan{Unused: 2 * day}},
		"fits":                          {plan: PrunePlan{Budget: 400}},
		"one too many":                  {plan: PrunePlan{Budget: 399}, want: []string{"a1"}},
		"two too many":                  {plan: PrunePlan{Budget: 200}, want: []string{"a1", "a"}},
		"budget, and lately used":       {plan: PrunePlan{Budget: 1, Spare: day}, want: []string{"a1", "a"}},
		"budget of one build":           {plan: PrunePlan{Budget: 100, Build: "fake.other"}, want: []string{"b"}},
		"over the age limit of a build": {later: 4 * day, plan: PrunePlan{Build: "fake.other"}, want: []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := open(t, t.TempDir(), Options{Now: c.now})
			forest(t, s, c)
			c.advance(test.later)
			dry := test.plan
			dry.DryRun = true
			equal(t, "dry run", prune(t, s, dry), test.want)
			equal(t, "pruned", prune(t, s, test.plan), test.want)
			list, err := s.List()
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 4-len(test.want) {
				t.Errorf("left: %v", refs(list))
			}
			equal(t, "pruned again", prune(t, s, test.plan), []string(nil))
		})
	}
}

func TestPruneLeavesWhatIsKept(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	s := open(t, dir, Options{Now: c.now})
	forest(t, s, c)
	none := func(string) bool { return false }
	if err := s.LetGo(none); err != nil { // nothing is kept
		t.Error(err)
	}
	for _, run := range []string{"one", "two"} {
		if err := s.KeepUntil(key("a"), run, c.now().Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, dir, Options{Now: c.now}) // whoever kept it is gone
	equal(t, "dry run", prune(t, s, PrunePlan{All: true, DryRun: true}), []string{"a1", "b"})
	equal(t, "pruned", prune(t, s, PrunePlan{All: true}), []string{"a1", "b"})

	if err := s.LetGo(func(run string) bool { return run == "two" }); err != nil {
		t.Error(err)
	}
	equal(t, "one has let go", prune(t, s, PrunePlan{All: true}), []string(nil))
	c.advance(23 * time.Hour)
	equal(t, "an hour before its time", prune(t, s, PrunePlan{All: true}), []string(nil))
	c.advance(time.Hour)
	equal(t, "its time is over", prune(t, s, PrunePlan{All: true}), []string{"a", "base"})
	if err := s.LetGo(func(string) bool { return true }); err != nil {
		t.Error(err)
	}
	for range 2 { // the second time in its place, at once with its time
		if err := s.KeepUntil(key("a"), "one", c.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		marks, err := s.keptMarks()
		if err != nil || len(marks) != 1 || !marks[0].until.Equal(c.now().Add(time.Hour)) {
			t.Errorf("marks %v, %v", marks, err)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
			t.Errorf("left in tmp: %v", left)
		}
		c.advance(time.Minute)
	}
	if err := s.LetGo(none); err != nil {
		t.Error(err)
	}
	if marks, err := s.keptMarks(); len(marks) != 0 || err != nil {
		t.Errorf("left %v, %v", marks, err)
	}
	for _, run := range []string{"", "a/b"} {
		if err := s.KeepUntil(key("a"), run, c.now()); err == nil {
			t.Errorf("kept for the run %q", run)
		}
	}
}

func TestPruneLostParent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a", "b")
	if err := s.forget(recordName{digits: strings.TrimPrefix(string(key("a")), keyPrefix)}); err != nil {
		t.Fatal(err)
	}
	equal(t, "pruned", prune(t, s, PrunePlan{}), []string{"b"})
}

// What stood on a layer and went first counts as a use of it, also for a later prune.
func TestPruneRemembersUse(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, t.TempDir(), Options{Now: c.now})
	chain(t, s, "busy", "child")
	c.advance(24 * time.Hour)
	chain(t, s, "idle")
	c.advance(24 * time.Hour)
	s.Touch(key("child"))
	equal(t, "first", prune(t, s, PrunePlan{Budget: 200}), []string{"idle"})
	chain(t, s, "new")
	c.advance(24 * time.Hour)
	s.Touch(key("new"))
	equal(t, "second", prune(t, s, PrunePlan{Budget: 200}), []string{"child"})
	e, _, _ := s.current(key("busy"))
	if want := c.now().Add(-24 * time.Hour); !e.Used.Equal(want) {
		t.Errorf("used %v, want %v", e.Used, want)
	}
}

func TestPruneSparesHeldAndLeased(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a", "a1")
	chain(t, s, "base", "b")
	chain(t, s, "c")
	hold, err := s.Hold(key("a"))
	if err != nil {
		t.Fatal(err)
	}
	lease, err := s.Lease(t.Context(), key("c"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false} {
		got := prune(t, s, PrunePlan{All: true, DryRun: dry})
		slices.Sort(got)
		equal(t, "pruned", got, []string{"a1", "b"})
	}
	hold()
	hold()
	lease()
	lease()
	got := prune(t, s, PrunePlan{All: true})
	equal(t, "pruned after release", got, []string{"a", "base", "c"})
	for _, sort := range []string{"holds", "leases", "entries", "tmp"} {
		if left, _ := os.ReadDir(filepath.Join(s.dir, sort)); len(left) > 0 {
			t.Errorf("left in %s: %v", sort, left)
		}
	}
}

// A retired layer on which a build still stands stays, and what is below it.
func TestPruneSparesHeldRetired(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a")
	hold, _ := s.Hold(key("a"))
	if err := s.Drop(key("base")); err != nil {
		t.Fatal(err)
	}
	equal(t, "pruned", prune(t, s, PrunePlan{All: true}), []string(nil))
	hold()
	equal(t, "pruned after release", prune(t, s, PrunePlan{}), []string{"a", "base"})
}

func TestPruneFailingDiscard(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a")
	chain(t, s, "base", "b")
	broken := errors.New("device busy")
	pruned, err := s.Prune(t.Context(), PrunePlan{All: true}, func(_ context.Context, e Entry) error {
		if e.Ref == "a" {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), string(key("a"))) {
		t.Errorf("err %v", err)
	}
	equal(t, "pruned", refs(pruned), []string{"b"})
	if found(t, s, "a") {
		t.Error("a layer that may be half gone is still found")
	}
	if !found(t, s, "base") {
		t.Error("a layer went from under one that is there")
	}
	equal(t, "pruned next time", prune(t, s, PrunePlan{}), []string{"a"})
}

func TestPruneCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a", "b")
	ctx, cancel := context.WithCancel(t.Context())
	pruned, err := s.Prune(ctx, PrunePlan{All: true}, func(context.Context, Entry) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
	equal(t, "pruned", refs(pruned), []string{"b"})
	if !found(t, s, "a") {
		t.Error("more was pruned")
	}
}

// While one layer is being discarded, builds go on: what they commit and hold in
// the meantime is respected.
func TestPruneBesideBuilds(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a")
	chain(t, s, "base", "b")
	first := true
	var release func()
	pruned, err := s.Prune(t.Context(), PrunePlan{All: true}, func(_ context.Context, e Entry) error {
		if first {
			first = false
			var err error
			if release, err = s.Hold(key("base")); err != nil {
				return err
			}
			chain(t, s, "base", "new")
		}
		return nil
	})
	release()
	if err != nil {
		t.Fatal(err)
	}
	got := refs(pruned)
	slices.Sort(got)
	equal(t, "pruned", got, []string{"a", "b", "new"})
	if !found(t, s, "base") {
		t.Error("a held layer was pruned")
	}
}

// Whoever was not asked to prune leaves what others want to last.
func TestPruneImplicit(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, test := range map[string]struct {
		made, used, pruning time.Duration // age limits
		want                []string      // after 30 days
	}{
		"default":              {want: []string{"a"}},
		"made for ever":        {made: NoMaxAge},
		"made for long":        {made: 31 * day},
		"made for not so long": {made: 29 * day, want: []string{"a"}},
		"made for a moment":    {made: time.Hour, want: []string{"a"}},
		"used for ever":        {used: NoMaxAge},
		"pruned for ever":      {pruning: NoMaxAge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir := newClock(), t.TempDir()
			chain(t, open(t, dir, Options{Now: c.now, MaxAge: test.made}), "a")
			c.advance(6 * day)
			short := open(t, dir, Options{Now: c.now, MaxAge: time.Hour})
			equal(t, "by a shorter limit", prune(t, short, PrunePlan{Implicit: true}), []string(nil))
			c.advance(2 * day)
			if test.used != 0 {
				open(t, dir, Options{Now: c.now, MaxAge: test.used}).Touch(key("a"))
			}
			c.advance(22 * day)
			s := open(t, dir, Options{Now: c.now, MaxAge: test.pruning})
			for _, dry := range []bool{true, false} {
				equal(t, "pruned", prune(t, s, PrunePlan{Implicit: true, DryRun: dry}), test.want)
			}
		})
	}
}
