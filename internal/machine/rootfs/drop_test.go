package rootfs

import (
	"context"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// TestDropIsBounded: what a machine occupies is given back after a cancel too, but
// a process that cannot be killed is not waited for without end.
func TestDropIsBounded(t *testing.T) {
	t.Parallel()
	env := newEnv(t, t.TempDir())
	var left time.Duration
	class := ledger.Class{
		Name: "stubborn",
		Find: func(context.Context, string) ([]string, error) { return nil, nil },
		Destroy: func(ctx context.Context, _ string) error {
			if until, ok := ctx.Deadline(); ok && ctx.Err() == nil {
				left = time.Until(until)
			}
			return nil
		},
	}
	id, err := env.Res.Create(t.Context(), class, func(_ context.Context, tag string) (string, error) { return tag, nil })
	if err != nil {
		t.Fatal(err)
	}
	m := &rootMachine{seat: &seat{res: env.Res, run: &rootRunner{res: env.Res, groupID: id}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if left <= 0 || left > closeLimit {
		t.Errorf("%v are left to give things back", left)
	}
}
