package verify

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// stuck is a machine whose shells never begin.
type stuck struct {
	machine.Communicator
	lines int
}

func (s *stuck) Run(ctx context.Context, _ machine.Command) (int, error) {
	s.lines++
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

// TestNoShellBegins: it is waited for no longer than for a probe, and nothing more is
// tried there.
func TestNoShellBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, began := &stuck{}, time.Now()
		got, err := NewSession(c, Options{}).Run(t.Context(), []Spec{spec{exists("root")}})
		if err == nil || !strings.Contains(err.Error(), ".bashrc") || got != nil {
			t.Errorf("got %+v, %v", got, err)
		}
		if d := time.Since(began); d != startLimit || c.lines != 1 {
			t.Errorf("%d commands took %v", c.lines, d)
		}
	})
}
