package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

func TestReapDestroysWhatTheDeadLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	ids := y.abandon(t, dir, "a", "b", "c")
	living := open(t, dir)
	y.make(t, living.Scope("run", "toy", nil), "live")

	l := open(t, dir)
	var told []string
	err := l.Reap(t.Context(), y.kinds("a", "b", "c", "live"), nil, func(r ledger.Record, err error) {
		if err != nil || r.State != ledger.Released {
			t.Errorf("told of %+v, %v", r, err)
		}
		told = append(told, r.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(ids)
	if !slices.Equal(y.destroyed, ids) || !slices.Equal(told, ids) {
		t.Errorf("destroyed %v, told of %v, want %v", y.destroyed, told, ids)
	}
	if got := y.left(t); !slices.Equal(got, []string{"live"}) {
		t.Errorf("left = %v", got)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("ledger holds %v, want the living owner's file", got)
	}
}

func TestReapAsksWhetherAnOwnerLives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	y.abandon(t, dir, "a")
	l := open(t, dir)
	recs, err := l.Records()
	if err != nil || len(recs) != 1 {
		t.Fatalf("records = %v, %v", recs, err)
	}
	if l.Alive(recs[0].Owner) {
		t.Error("a dead owner is said to live")
	}
	if err := l.Reap(t.Context(), y.kinds("a"), func(o string) bool { return o == recs[0].Owner }, nil); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); len(got) != 1 {
		t.Error("what a living owner holds was destroyed")
	}
	living := open(t, dir)
	y.make(t, living.Scope("run", "toy", nil), "live")
	if err := l.Reap(t.Context(), y.kinds("a", "live"), func(string) bool { return false }, nil); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"live"}) {
		t.Errorf("left = %v, want what a lock is held for", got)
	}
	recs, err = l.Records()
	if err != nil || len(recs) != 1 || !l.Alive(recs[0].Owner) || !living.Alive(recs[0].Owner) {
		t.Errorf("records = %v, %v; want one of a living owner", recs, err)
	}
}

func TestReapGoesOnPastWhatItCannotDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	ids := y.abandon(t, dir, "a", "b", "strange")
	more := y.abandon(t, dir, "a", "b")
	other := open(t, dir)
	y.make(t, other.Scope("run", "unknown", nil), "a")
	other.Close()
	y.broken[ids[1]] = true

	l := open(t, dir)
	failed := map[string]bool{}
	err := l.Reap(t.Context(), y.kinds("a", "b"), nil, func(r ledger.Record, err error) {
		if err != nil {
			failed[r.Kind+" "+r.Class] = true
		}
	})
	for _, part := range []string{ids[1], "it is stuck", `"unknown"`, "strange", dir} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("err = %v\ndoes not name %s", err, part)
		}
	}
	if len(failed) != 3 || !failed["toy b"] || !failed["toy strange"] || !failed["unknown a"] {
		t.Errorf("told of failures %v", failed)
	}
	if got := y.left(t); !slices.Equal(got, []string{"a", "b", "strange"}) {
		t.Errorf("left = %v", got)
	}
	if !slices.Contains(y.destroyed, ids[0]) || !slices.Contains(y.destroyed, more[1]) {
		t.Errorf("destroyed = %v", y.destroyed)
	}
	clear(y.broken)
	recs, _ := l.Records()
	if len(recs) != 3 {
		t.Errorf("records = %v", recs)
	}
	if err := l.Reap(t.Context(), func(string, ledger.Where) []ledger.Class {
		return []ledger.Class{y.class("a"), y.class("b"), y.class("strange")}
	}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
		t.Errorf("left = %v", got)
	}
}

func TestReapHonoursExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		y := newToys(t)
		l := open(t, dir)
		s := l.Scope("run", "toy", nil)
		ids := y.make(t, s, "a", "b", "c")
		until := time.Now().Add(30 * time.Minute)
		if err := errors.Join(s.Keep(ids[0]), s.KeepUntil(until), s.Close(t.Context()), l.Close()); err != nil {
			t.Fatal(err)
		}
		if err := s.KeepUntil(time.Time{}); err == nil {
			t.Error("no time was accepted")
		}
		l = open(t, dir)
		recs, err := l.Records()
		if err != nil || len(recs) != 2 || recs[0].State != ledger.Kept || !recs[0].Expires.Equal(until) {
			t.Fatalf("records = %+v, %v", recs, err)
		}
		for _, want := range [][]string{{"a", "b", "c"}, {"a", "b", "c"}, {"a"}} {
			if err := l.Reap(t.Context(), y.kinds("a", "b", "c"), nil, nil); err != nil {
				t.Fatal(err)
			}
			if got := y.left(t); !slices.Equal(got, want) {
				t.Errorf("left = %v, want %v", got, want)
			}
			time.Sleep(15 * time.Minute)
		}
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("ledger holds %v", got)
		}
	})
}

func TestReapKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	dead, living := open(t, dir), open(t, dir)
	s := dead.Scope("run", "toy", nil)
	ids := y.make(t, s, "a", "b")
	other := living.Scope("run", "toy", nil)
	y.make(t, other, "c")
	until := time.Now().Add(time.Hour)
	if err := errors.Join(s.Keep(ids[0]), s.KeepUntil(until), s.Close(t.Context()), dead.Close(), other.KeepUntil(until)); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).ReapKept(t.Context(), y.kinds("a", "b", "c"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"a", "c"}) { // for good, and of who still lives
		t.Errorf("left = %v", got)
	}
}

func TestReapLooksForIntentsUntilListingsHaveSettled(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]bool{"made": true, "never made": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				y := newToys(t)
				writeLines(t, dir, intentLine(1, "a", "pmaaaaaaaaaa", ""))
				if made {
					y.create("a")(t.Context(), "pmaaaaaaaaaa")
				}
				began := time.Now()
				c := y.class("a")
				c.Settle = time.Minute
				find := c.Find
				c.Find = func(ctx context.Context, tag string) ([]string, error) {
					if time.Since(began) < 20*time.Second {
						return nil, nil
					}
					return find(ctx, tag)
				}
				kinds := func(string, ledger.Where) []ledger.Class { return []ledger.Class{c} }
				if err := open(t, dir).Reap(t.Context(), kinds, nil, nil); err != nil {
					t.Fatal(err)
				}
				if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
					t.Errorf("left = %v", got)
				}
				took := time.Since(began)
				if made && took > 25*time.Second || !made && took != time.Minute {
					t.Errorf("looked for %v", took)
				}
			})
		})
	}
}

func TestReapAfterAReboot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	writeLines(t, dir,
		intentLine(1, "dir", "pmaaaaaaaaaa", "another-boot"), `{"seq":1,"state":"made","id":"dir-1"}`,
		intentLine(2, "process", "pmbbbbbbbbbb", "another-boot"), `{"seq":2,"state":"made","id":"process-1"}`,
		intentLine(3, "mount", "pmcccccccccc", "another-boot"))
	kinds := func(string, ledger.Where) []ledger.Class {
		process, mount := y.class("process"), y.class("mount")
		process.Volatile, mount.Volatile = true, true
		return []ledger.Class{y.class("dir"), process, mount}
	}
	if err := open(t, dir).Reap(t.Context(), kinds, nil, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(y.destroyed, []string{"dir-1"}) {
		t.Errorf("destroyed = %v, want what is on the disk alone", y.destroyed)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("ledger holds %v", got)
	}
}

func TestReapReadsDamagedFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		left    []string
		wantErr string
	}{
		"torn last line": {
			text: intentLine(1, "a", "pmaaaaaaaaaa", "") + "\n" + `{"seq":1,"state":"released"`,
		},
		"torn intent": {text: `{"seq":1,"sta`, left: []string{"a", "b"}},
		"empty":       {text: "", left: []string{"a", "b"}},
		"garbage between": {
			text:    intentLine(1, "a", "pmaaaaaaaaaa", "") + "\n\x00\x00\n" + intentLine(2, "b", "pmbbbbbbbbbb", "") + "\n",
			wantErr: "line 2",
		},
		"state without intent": {text: `{"seq":7,"state":"made","id":"x"}` + "\n", left: []string{"a", "b"}, wantErr: "line 1: record 7"},
		"unknown state":        {text: `{"seq":7,"state":"melted"}` + "\n", left: []string{"a", "b"}, wantErr: `"melted"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			y := newToys(t)
			y.create("a")(t.Context(), "pmaaaaaaaaaa")
			y.create("b")(t.Context(), "pmbbbbbbbbbb")
			if err := os.WriteFile(filepath.Join(dir, "dead.jsonl"), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			l := open(t, dir)
			for range 2 { // what the first reaper appends must not join a torn line
				err := l.Reap(t.Context(), y.kinds("a", "b"), nil, nil)
				if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("err = %v, want %q", err, tt.wantErr)
				}
			}
			if name == "torn last line" {
				tt.left = []string{"b"}
			}
			if got := y.left(t); !slices.Equal(got, tt.left) {
				t.Errorf("left = %v, want %v", got, tt.left)
			}
			if got := files(t, dir); (len(got) == 0) != (tt.wantErr == "") {
				t.Errorf("ledger holds %v; a file that is not understood stays, others go", got)
			}
		})
	}
}

func TestReapersAtTheSameTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	for range 5 {
		y.abandon(t, dir, "a", "b")
	}
	var working, most atomic.Int32
	kinds := func(string, ledger.Where) []ledger.Class {
		a, b := y.class("a"), y.class("b")
		destroy := a.Destroy
		a.Destroy = func(ctx context.Context, id string) error {
			most.Store(max(most.Load(), working.Add(1)))
			defer working.Add(-1)
			return destroy(ctx, id)
		}
		return []ledger.Class{a, b}
	}
	var wg sync.WaitGroup
	for range 4 {
		l := open(t, dir)
		wg.Go(func() {
			if err := l.Reap(t.Context(), kinds, nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := append(y.left(t), files(t, dir)...); len(got) != 0 {
		t.Errorf("left = %v", got)
	}
	if len(y.destroyed) != 10 {
		t.Errorf("%d destructions of 10 resources", len(y.destroyed))
	}
}

func TestReapStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	y.abandon(t, dir, "a", "b", "c")
	ctx, cancel := context.WithCancel(t.Context())
	l := open(t, dir)
	err := l.Reap(ctx, y.kinds("a", "b", "c"), nil, func(ledger.Record, error) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("left = %v", got)
	}
	if recs, err := l.Records(); err != nil || len(recs) != 2 {
		t.Errorf("records = %v, %v", recs, err)
	}
	if err := l.Reap(t.Context(), y.kinds("a", "b", "c"), nil, nil); err != nil || len(y.left(t)) != 0 {
		t.Errorf("second reap: %v, left %v", err, y.left(t))
	}
}

func intentLine(seq int, class, tag, boot string) string {
	return `{"seq":` + string(rune('0'+seq)) + `,"state":"intended","intent":{"run":"r","kind":"toy","class":"` + class +
		`","tag":"` + tag + `","created":"2026-01-02T03:04:05Z","boot":"` + boot + `"}}`
}

func writeLines(t *testing.T, dir string, lines ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "dead.jsonl"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReaperDoesNotWriteOnATornLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := newToys(t)
	text := intentLine(1, "strange", "pmaaaaaaaaaa", "") + "\n" + intentLine(2, "a", "pmbbbbbbbbbb", "") + "\n" + `{"seq":1,"st`
	if err := os.WriteFile(filepath.Join(dir, "dead.jsonl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir)
	if err := l.Reap(t.Context(), y.kinds("a"), nil, nil); err == nil || !strings.Contains(err.Error(), "strange") {
		t.Fatalf("err = %v", err)
	}
	recs, err := l.Records()
	if err != nil || len(recs) != 1 || recs[0].Class != "strange" {
		t.Errorf("records = %v, %v, want the one that was left", recs, err)
	}
}
