package build_test

import (
	"context"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestBeforeAndAfterARun: they are parts of the run, and its time limit is theirs too.
func TestBeforeAndAfterARun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var order []build.EventType
	b.sees = func(e build.Event) { order = append(order, e.Type) }
	begun := false
	r := b.build(three, build.Options{Parallel: 1, Timeout: time.Millisecond,
		Before: func(ctx context.Context) {
			begun = len(order) == 1 && order[0] == build.RunStarted
			<-ctx.Done()
		},
		After: func(_ context.Context, reports []build.Report) {
			if len(reports) != 1 || order[len(order)-1] == build.RunFinished {
				t.Errorf("after the last event %q, %d reports", order[len(order)-1], len(reports))
			}
		},
	})
	r.fails("the time limit of the whole build is over", build.Cancelled)
	if !begun || len(r.steps("fake.web")) != 0 || order[len(order)-1] != build.RunFinished {
		t.Errorf("events %q", order)
	}
}
