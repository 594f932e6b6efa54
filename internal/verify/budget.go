package verify

import (
	"context"
	"time"
)

// budget is a context that ends, with errDeadline, when the time for a session is
// over. Time that a question takes within its own timeout is not counted: a command
// that may take ten minutes gets them, unless the budget is strict. It is for one
// goroutine.
type budget struct {
	strict bool
	ctx    context.Context
	cancel context.CancelFunc
	end    time.Time
	timer  *time.Timer
}

// newBudget begins one. With began it is strict, and a part of d is over already.
func newBudget(ctx context.Context, d time.Duration, began time.Time) *budget {
	b := &budget{strict: !began.IsZero(), end: time.Now().Add(d)}
	if b.strict {
		b.end = began.Add(d)
	}
	ctx, end := context.WithCancelCause(ctx)
	b.timer = time.AfterFunc(time.Until(b.end), func() { end(errDeadline) })
	b.ctx, b.cancel = ctx, func() { b.timer.Stop(); end(nil) }
	return b
}

// without leaves up to d out of account until the returned function is called.
func (b *budget) without(d time.Duration) (done func()) {
	if b.strict {
		return func() {}
	}
	begin := time.Now()
	b.timer.Reset(time.Until(b.end.Add(d)))
	return func() {
		b.end = b.end.Add(min(d, time.Since(begin)))
		b.timer.Reset(time.Until(b.end))
	}
}
