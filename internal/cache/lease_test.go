package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLeaseWaits(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	release, err := s.Lease(t.Context(), key("a"), func() { t.Error("waiting for a free lease") })
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.Lease(t.Context(), key("b"), nil)
	if err != nil {
		t.Fatal(err)
	}
	other()
	waiting, got := make(chan bool), make(chan error)
	var calls atomic.Int32
	go func() {
		release, err := s.Lease(t.Context(), key("a"), func() {
			calls.Add(1)
			close(waiting)
		})
		if err == nil {
			release()
		}
		got <- err
	}()
	<-waiting
	select {
	case <-got:
		t.Fatal("two have one lease")
	default:
	}
	release()
	if err := <-got; err != nil {
		t.Error(err)
	}
	if calls.Load() != 1 {
		t.Errorf("waiting was called %d times", calls.Load())
	}
	if left, _ := os.ReadDir(filepath.Join(s.dir, "leases")); len(left) > 0 {
		t.Errorf("lock files left: %v", left)
	}
}

func TestLeaseOfCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, Options{})
		release, err := s.Lease(t.Context(), key("a"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		why := errors.New("the user went home")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Hour, why)
		defer cancel()
		began := time.Now()
		if _, err := s.Lease(ctx, key("a"), nil); !errors.Is(err, why) {
			t.Errorf("err %v", err)
		}
		if waited := time.Since(began); waited != time.Hour {
			t.Errorf("noticed after %v", waited)
		}
		if _, err := s.Lease(ctx, key("free"), nil); err == nil {
			t.Error("a lease was given to what is over")
		}
	})
}

func TestLeaseOfBadKey(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	for _, k := range []Key{"", "sha256:x", Key("sha256:" + strings.Repeat("A", 64)), "../../../etc"} {
		if _, err := s.Lease(t.Context(), k, nil); err == nil {
			t.Errorf("lease of %q", k)
		}
		if _, err := s.Hold(k); err == nil {
			t.Errorf("hold of %q", k)
		}
	}
}

// Lock files come and go all the time; nobody may end up with a lock on one that
// was removed.
func TestLeaseUnderContention(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	var inside, runs atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				release, err := s.Lease(t.Context(), key("a"), nil)
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two are inside")
				}
				runs.Add(1)
				inside.Add(-1)
				release()
			}
		})
	}
	wg.Wait()
	if runs.Load() != 320 {
		t.Errorf("%d runs", runs.Load())
	}
}

func TestHoldsAreShared(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "a")
	first, err1 := s.Hold(key("a"))
	second, err2 := s.Hold(key("a"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	first()
	equal(t, "pruned", prune(t, s, PrunePlan{All: true}), []string(nil))
	second()
	equal(t, "pruned", prune(t, s, PrunePlan{All: true}), []string{"a"})
}

func TestPruneRemovesTheLeasesOfTheDead(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	for _, made := range []bool{false, true} {
		if made {
			commit(t, s, Entry{Key: key("a"), Ref: "a"})
		}
		dead := filepath.Join(s.dir, "leases", strings.Repeat("0", 64))
		if err := os.MkdirAll(filepath.Dir(dead), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dead, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		release, err := s.Lease(t.Context(), key("living"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Prune(t.Context(), PrunePlan{}, nil); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(filepath.Dir(dead)); len(left) != 1 || left[0].Name() == filepath.Base(dead) {
			t.Errorf("left = %v, want the lease of the living alone", left)
		}
		release()
	}
}
