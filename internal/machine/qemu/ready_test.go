package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// upAfter is a machine whose condition holds after some tries, and whose init system has
// started everything after a while.
type upAfter struct {
	machine.Communicator
	tries int           // until the condition holds; -1: it never does
	start time.Duration // -1: for ever
	lines []string      // that were run
}

const condition = "curl -fs localhost/health"

func (m *upAfter) Run(ctx context.Context, c machine.Command) (int, error) {
	m.lines = append(m.lines, c.Line)
	switch {
	case c.Line == condition && m.tries == 0:
		return 0, nil
	case c.Line == condition:
		m.tries--
		fmt.Fprintln(c.Stderr, "connection refused")
		return 7, nil
	case c.Line == isUp && m.start < 0:
		<-ctx.Done()
		return 0, context.Cause(ctx)
	case c.Line == isUp:
		time.Sleep(m.start)
	default:
		_, _ = io.WriteString(c.Stdout, "12 slow.service start running\n")
	}
	return 0, nil
}

func (*upAfter) Put(context.Context, string, fs.FileMode, io.Reader) error {
	return errors.ErrUnsupported
}
func (*upAfter) Get(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (*upAfter) Close() error                                 { return nil }

// TestStarted: a machine is up when its init system says so, or its condition holds, and
// one that is not says what it lacks.
func TestStarted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		m         upAfter
		condition string
		want      string
		took      time.Duration
	}{
		"systemd":               {m: upAfter{start: 4 * time.Second}, took: 4 * time.Second},
		"systemd hangs":         {m: upAfter{start: -1}, want: "systemd has not started everything within 5m0s; jobs left: 12 slow.service start running", took: 5 * time.Minute},
		"condition":             {m: upAfter{tries: 3, start: 2 * time.Second}, condition: condition, took: 5 * time.Second},
		"condition, all hangs":  {m: upAfter{tries: 1, start: -1}, condition: condition, took: time.Second + settleLimit},
		"condition never holds": {m: upAfter{tries: -1}, condition: condition, want: `boot_condition does not hold within 5m0s: it ends with exit status 7 and says "connection refused"`, took: 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := usual()
				c.Condition = tt.condition
				p := &process{ended: make(chan struct{}), looping: make(chan struct{})}
				m := &trial{limit: bootLimit, vm: &vm{b: &Builder{c: c}, process: p, conn: newConnection(&tt.m, p)}}
				defer m.vm.conn.end()
				began := time.Now()
				ctx, cancel := context.WithTimeoutCause(t.Context(), m.limit, errLate)
				defer cancel()
				err := m.started(ctx)
				if errors.Is(err, errLate) {
					err = m.late(ctx)
				}
				if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
					t.Errorf("it says %s, want %q", got, tt.want)
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("after %s, want %s; %q", took, tt.took, tt.m.lines)
				}
			})
		})
	}
}
