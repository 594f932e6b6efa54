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

// latest answers like a mirror that gets a new index with every question.
type latest struct {
	asked atomic.Int32
	err   error
}

func (l *latest) ask() (string, error) {
	n := l.asked.Add(1)
	return "index " + string(rune('0'+n)), l.err
}

func resolved(t *testing.T, s *Store, l *latest) string {
	t.Helper()
	v, err := s.Hash("", "rootfs 1").Resolve("mirror", l.ask)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	var l latest
	var w warnings
	s := open(t, dir, Options{Now: c.now, Warn: w.warn})
	if v := resolved(t, s, &l); v != "index 1" {
		t.Errorf("first: %s", v)
	}
	c.advance(7*24*time.Hour - time.Second)
	if v := resolved(t, open(t, dir, Options{Now: c.now}), &l); v != "index 1" {
		t.Errorf("within the age limit: %s", v)
	}
	c.advance(time.Second)
	if v := resolved(t, s, &l); v != "index 2" {
		t.Errorf("over the age limit: %s", v)
	}
	c.advance(time.Minute)
	refresh := open(t, dir, Options{Now: c.now, Refresh: true})
	if v := resolved(t, refresh, &l); v != "index 3" {
		t.Errorf("refreshed: %s", v)
	}
	if v := resolved(t, refresh, &l); v != "index 3" {
		t.Errorf("refreshed twice in one run: %s", v)
	}
	c.advance(8 * 24 * time.Hour)
	offline := latest{err: errors.New("no route to host")}
	if v := resolved(t, s, &offline); v != "index 3" {
		t.Errorf("offline: %s", v)
	}
	if len(w.text) != 1 || !strings.Contains(w.text[0], "192h") || !strings.Contains(w.text[0], "no route to host") {
		t.Errorf("warnings %q", w.text)
	}
	offline.err = context.Canceled
	if _, err := s.Hash("", "rootfs 1").Resolve("mirror", offline.ask); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	offline.err = errors.New("no route to host")
	if _, err := s.Hash("", "rootfs 1").Resolve("another", offline.ask); err == nil || !strings.Contains(err.Error(), "another") {
		t.Errorf("never resolved: %v", err)
	}
}

func TestResolveIsAnInput(t *testing.T) {
	t.Parallel()
	h := NewHash("", "rootfs 1", nil)
	if v, err := h.Resolve("mirror", func() (string, error) { return "index 1", nil }); v != "index 1" || err != nil {
		t.Error(v, err)
	}
	equal(t, "inputs", h.Inputs(), []Input{{"kind", "rootfs 1"}, {"mirror", "index 1"}})
}

func TestResolveKindsAreApart(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	var l latest
	resolved(t, s, &l)
	if v, _ := s.Hash("", "qemu 1").Resolve("mirror", l.ask); v != "index 2" {
		t.Errorf("another kind got %s", v)
	}
}

func TestResolveOnceAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var l latest
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			s, err := Open(dir, Options{Refresh: true})
			if err != nil {
				t.Error(err)
				return
			}
			s.opened = s.opened.Add(-time.Minute) // all of them are one run
			if v := resolved(t, s, &l); v != "index 1" {
				t.Errorf("got %s", v)
			}
		})
	}
	wg.Wait()
	if n := l.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// Whoever hangs while asking keeps others waiting for a while, not for ever.
func TestResolveBesideOneThatHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, Options{})
		asking, hang := make(chan bool), make(chan bool)
		go s.Hash("", "rootfs 1").Resolve("mirror", func() (string, error) {
			close(asking)
			<-hang
			return "late", nil
		})
		<-asking
		began := time.Now()
		var l latest
		if v := resolved(t, s, &l); v != "index 1" {
			t.Errorf("got %s", v)
		}
		if d := time.Since(began); d < patience || d > 2*patience {
			t.Errorf("waited %v", d)
		}
		close(hang)
		synctest.Wait()
	})
}

func TestDamagedResolution(t *testing.T) {
	t.Parallel()
	var w warnings
	s := open(t, t.TempDir(), Options{Warn: w.warn})
	var l latest
	resolved(t, s, &l)
	files, _ := filepath.Glob(filepath.Join(s.dir, "resolved", "*"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	os.WriteFile(files[0], nil, 0o600)
	if v := resolved(t, s, &l); v != "index 2" {
		t.Errorf("got %s", v)
	}
	if len(w.text) == 0 {
		t.Error("no warning")
	}
}
