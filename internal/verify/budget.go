package verify

import (
	"context"
	"time"
)

// budget is a context that ends, with errDeadline, when the time for a session is
// over. Time that a question takes within its own timeout is not counted: a command
// that may take ten minutes gets them. It is for one goroutine.
type budget struct {
	ctx    context.Context
	cancel context.CancelFunc
	end    time.Time
	timer  *time.Timer
}

func newBudget(ctx context.Context, d time.Duration) *budget {
	ctx, end := context.WithCancelCause(ctx)
	timer := time.AfterFunc(d, func() { end(errDeadline) })
	return &budget{ctx: ctx, end: time.Now().Add(d), timer: timer, cancel: func() { timer.Stop(); end(nil) }}
}

// without leaves up to d out of account until the returned function is called.
func (b *budget) without(d time.Duration) (done func()) {
	begin := time.Now()
	b.timer.Reset(time.Until(b.end.Add(d)))
	return func() {
		b.end = b.end.Add(min(d, time.Since(begin)))
		b.timer.Reset(time.Until(b.end))
	}
}
