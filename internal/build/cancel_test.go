package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

var errSignal = errors.New("interrupted by a signal")

// wantCancelled checks what a cancelled build leaves: nothing, or nothing but log
// and report.
func wantCancelled(t *testing.T, b *bench, r result) {
	t.Helper()
	if !errors.Is(r.err, errSignal) || strings.Count(r.err.Error(), errSignal.Error()) != 1 || !strings.Contains(r.reports[0].Error, errSignal.Error()) {
		t.Errorf("err = %v, want the cause of the end, once", r.err)
	}
	r.outcomes(build.Cancelled)
	b.wantVersions()
	if left := b.below("images"); len(left) > 0 {
		t.Errorf("left images %q", left)
	}
	report := r.reports[0]
	if _, err := os.Stat(b.path("logs")); err != nil {
		return // it had not begun
	}
	for _, f := range append(report.Files, report.Log) {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

func TestCancelAtEachPointOfTheLedger(t *testing.T) {
	t.Parallel()
	var last atomic.Int64 // point after which the build is not cancelled any more
	for n := 1; n < 500; n += stride() {
		b := newBench(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		points := 0
		b.observe = func(p ledger.Point) {
			if points = p.N; p.N == n {
				cancel(errSignal)
			}
		}
		r := b.buildIn(ctx, bare, build.Options{})
		if r.err == nil {
			r.must(build.Built) // the catalog had it before the cancel
			b.wantVersions("web:1 UNPROVEN")
		} else {
			wantCancelled(t, b, r)
			last.Store(int64(n))
		}
		b.observe = nil
		b.wantClean()
		if t.Failed() {
			t.Fatalf("cancelled at point %d", n)
		}
		if points < n {
			break
		}
	}
	if last.Load() < 30 {
		t.Errorf("the last cancel was at point %d: were they all seen?", last.Load())
	}
}

func TestCancelAtEachOperation(t *testing.T) {
	t.Parallel()
	for n := 1; ; n += stride() {
		b := newBench(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		out := filepath.Join(b.dir, "out")
		var calls atomic.Int64
		b.fault = func(_ context.Context, c fake.Call) error {
			if calls.Add(1) == int64(n) {
				cancel(errSignal)
			}
			return nil
		}
		hcl := edit(t, bare, "  provisioner", "  error-cleanup-provisioner \"shell-local\" { inline = [\"echo cleaned >> "+out+"\"] }\n  provisioner")
		r := b.buildIn(ctx, hcl, build.Options{Keep: time.Hour, OnError: build.Shell})
		cancel(nil)
		if text, err := os.ReadFile(out); err == nil && string(text) != "cleaned\n" {
			t.Errorf("clean-up wrote %q", text)
		}
		if r.err != nil {
			wantCancelled(t, b, r)
		}
		b.fault = nil
		b.wantClean()
		if t.Failed() {
			t.Fatalf("cancelled at call %d", n)
		}
		if int(calls.Load()) < n {
			r.must(build.Built)
			return
		}
	}
}

func TestErrorCleanupAfterACancel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := filepath.Join(b.dir, "out")
	hcl := edit(t, edit(t, failing, "OUT", out), "exit 7", "echo now; sleep 1000")
	ctx, cancel := context.WithCancelCause(t.Context())
	b.sees = func(e build.Event) {
		if e.Type == build.Output && e.Text == "now" {
			cancel(errSignal)
		}
	}
	r := b.buildIn(ctx, hcl, build.Options{})
	wantCancelled(t, b, r)
	if text, err := os.ReadFile(out); err != nil || string(text) != "half\n" {
		t.Errorf("clean-up got %q, %v", text, err)
	}
	if n := strings.Count(r.text(), "Running the error-cleanup provisioner"); n != 1 {
		t.Errorf("error clean-up ran %d times", n)
	}
	b.wantClean()
}

func TestCancelBeforeTheBeginning(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errSignal)
	wantCancelled(t, b, b.buildIn(ctx, three, build.Options{}))
	if _, err := os.Stat(b.home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("home: %v", err)
	}
}

func TestTimeLimitOfTheBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := edit(t, three, "echo two", "sleep 1000; echo two")
	r := b.build(hcl, build.Options{Timeout: time.Second}).fails("the time limit of the whole build is over (--timeout)", build.Cancelled)
	if errors.Is(r.err, build.ErrRefused) || !errors.Is(r.err, context.DeadlineExceeded) {
		t.Errorf("err = %v", r.err)
	}
	b.wantClean()
	b.wantVersions()
}
