package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

func TestNothingIsWrittenBeforeTheFirstCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "ledger")
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run", "toy", nil)
	if err := errors.Join(s.Close(t.Context()), l.Reap(t.Context(), y.kinds(), nil, nil), l.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory was made: %v", err)
	}
}

func TestIntentIsOnDiskBeforeTheResource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run-1", "toy", ledger.Where{"region": "here"})
	id, err := s.Create(t.Context(), y.class("a"), func(ctx context.Context, tag string) (string, error) {
		if !regexp.MustCompile(`^[a-z][a-z0-9]{11}$`).MatchString(tag) {
			t.Errorf("tag %q does not fit where a tag must fit", tag)
		}
		recs, err := open(t, dir).Records()
		if err != nil || len(recs) != 1 {
			t.Fatalf("records = %v, %v", recs, err)
		}
		r := recs[0]
		if r.State != ledger.Intended || r.Tag != tag || r.Run != "run-1" || r.Kind != "toy" || r.Class != "a" ||
			r.Where["region"] != "here" || r.ID != "" || r.Seq != 1 || r.Created.IsZero() {
			t.Errorf("record = %+v", r)
		}
		return y.create("a")(ctx, tag)
	})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := l.Records()
	if err != nil || len(recs) != 1 || recs[0].State != ledger.Made || recs[0].ID != id {
		t.Errorf("records = %+v, %v; want %q made", recs, err, id)
	}
}

func TestFileGoesWhenAllIsSettled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, "a", "b", "c")
	if err := errors.Join(s.Destroy(t.Context(), ids[0]), s.Destroy(t.Context(), ids[0]), s.Keep(ids[1]), s.Keep(ids[1])); err != nil {
		t.Fatal(err)
	}
	if err := s.Destroy(t.Context(), ids[1]); err == nil {
		t.Error("what was given away was destroyed")
	}
	if err := s.Keep(ids[0]); err == nil {
		t.Error("what is destroyed was kept")
	}
	if err := errors.Join(s.Close(t.Context()), l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"b"}) {
		t.Errorf("left = %v, want what was kept", got)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("ledger holds %v", got)
	}
}

func TestCloseDestroysNewestFirst(t *testing.T) {
	t.Parallel()
	y := newToys(t)
	l := open(t, t.TempDir())
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, "a", "b", "c")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(ids)
	if !slices.Equal(y.destroyed, ids) {
		t.Errorf("destroyed %v, want %v", y.destroyed, ids)
	}
	if _, err := s.Create(t.Context(), y.class("a"), y.create("a")); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("create in a closed scope: %v", err)
	}
}

func TestCloseTriesAllAndAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, "a", "b", "c")
	y.broken[ids[0]], y.broken[ids[2]] = true, true
	err := s.Close(t.Context())
	if err == nil || !strings.Contains(err.Error(), ids[0]) || !strings.Contains(err.Error(), ids[2]) {
		t.Errorf("err = %v, want both stuck ones named", err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("left = %v", got)
	}
	clear(y.broken)
	if err := errors.Join(s.Close(t.Context()), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
		t.Errorf("left = %v", got)
	}
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := map[string]func(y *toys) func(context.Context, string) (string, error){
		"nothing was made": func(*toys) func(context.Context, string) (string, error) {
			return func(context.Context, string) (string, error) { return "", boom }
		},
		"half made": func(y *toys) func(context.Context, string) (string, error) {
			return func(ctx context.Context, tag string) (string, error) {
				y.create("a")(ctx, tag)
				return "", boom
			}
		},
		"id and error, not to be found by tag": func(y *toys) func(context.Context, string) (string, error) {
			return func(ctx context.Context, tag string) (string, error) {
				id, _ := y.create("other")(ctx, tag)
				return id, boom
			}
		},
	}
	for name, create := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			y := newToys(t)
			l := open(t, dir)
			ctx, cancel := context.WithCancel(t.Context())
			_, err := l.Scope("run", "toy", nil).Create(ctx, y.class("a"), func(ctx context.Context, tag string) (string, error) {
				defer cancel()
				return create(y)(ctx, tag)
			})
			if !errors.Is(err, boom) {
				t.Errorf("err = %v", err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
				t.Errorf("left = %v", got)
			}
		})
	}
}

func TestCreateNeedsDifferentIDs(t *testing.T) {
	t.Parallel()
	y := newToys(t)
	s := open(t, t.TempDir()).Scope("run", "toy", nil)
	ids := y.make(t, s, "a")
	for _, id := range []string{"", ids[0]} {
		_, err := s.Create(t.Context(), y.class("b"), func(context.Context, string) (string, error) { return id, nil })
		if err == nil {
			t.Errorf("id %q was accepted", id)
		}
	}
	if _, err := s.Create(t.Context(), ledger.Class{Name: "x"}, y.create("x")); err == nil {
		t.Error("a class that cannot be reaped was accepted")
	}
}

func TestCreateTakesAnIDThatIsFreeAgain(t *testing.T) {
	t.Parallel()
	y := newToys(t)
	s := open(t, t.TempDir()).Scope("run", "toy", nil)
	same := func(context.Context, string) (string, error) {
		return "a-same", os.WriteFile(filepath.Join(y.dir, "a-same"), nil, 0o600)
	}
	for range 2 {
		if _, err := s.Create(t.Context(), y.class("a"), same); err != nil {
			t.Fatal(err)
		}
		if err := s.Destroy(t.Context(), "a-same"); err != nil {
			t.Fatal(err)
		}
		if got := y.left(t); len(got) != 0 {
			t.Fatalf("left = %v", got)
		}
	}
}

func TestScopeLooksAgainForWhatIsListedLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		y := newToys(t)
		l := open(t, t.TempDir())
		s := l.Scope("run", "toy", nil)
		c := y.class("a")
		c.Settle = time.Minute
		began := time.Now()
		find := c.Find
		c.Find = func(ctx context.Context, tag string) ([]string, error) {
			if time.Since(began) < 30*time.Second {
				return nil, nil
			}
			return find(ctx, tag)
		}
		_, err := s.Create(t.Context(), c, func(ctx context.Context, tag string) (string, error) {
			y.create("a")(ctx, tag)
			return "", errors.New("timed out")
		})
		if err == nil || time.Since(began) != 0 {
			t.Errorf("err = %v after %v, want one at once", err, time.Since(began))
		}
		if got := y.left(t); len(got) != 1 {
			t.Fatalf("left = %v before Close", got)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := y.left(t); len(got) != 0 {
			t.Errorf("left = %v", got)
		}
		if took := time.Since(began); took > 35*time.Second {
			t.Errorf("went on looking for %v", took)
		}
	})
}

func TestFileStaysForAnIntentThatIsNotSettled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	l := open(t, dir)
	c := y.class("a")
	c.Settle = time.Minute
	_, err := l.Scope("run", "toy", nil).Create(t.Context(), c, func(context.Context, string) (string, error) { return "", errors.New("timed out") })
	if err == nil {
		t.Fatal("no error")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("ledger holds %v, want the intent", got)
	}
}

func TestScopeIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run", "toy", nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id, err := s.Create(t.Context(), y.class("a"), y.create("a"))
			if errors.Is(err, ledger.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
			}
			switch i % 3 {
			case 0:
				err = s.Destroy(t.Context(), id)
			case 1:
				_, err = l.Records()
			case 2:
				err = s.Close(t.Context())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(s.Close(t.Context()), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
		t.Errorf("left = %v", got)
	}
}
