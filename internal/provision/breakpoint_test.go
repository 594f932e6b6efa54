package provision

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/template"
)

func TestBreakpoint(t *testing.T) {
	t.Parallel()
	nobody := errors.New("nobody there")
	for _, tt := range []struct {
		name   string
		config breakpointConfig
		enter  error
		asked  int
		says   string
	}{
		{"pressed", breakpointConfig{}, nil, 1, "Pausing at breakpoint. Press enter"},
		{"note", breakpointConfig{Note: "look"}, nil, 1, `Pausing at breakpoint with note "look". Press enter`},
		{"nobody", breakpointConfig{}, nobody, 1, "Pausing"},
		{"disabled", breakpointConfig{Disable: true, Note: "look"}, nobody, 0, `Breakpoint with note "look" is disabled: going on`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			p := &breakpoint{tt.config, func(context.Context) error { asked++; return tt.enter }}
			run, log := run(t)
			err := p.Provision(t.Context(), run, nil)
			if wrong := tt.enter != nil && tt.asked > 0; !errors.Is(err, tt.enter) && wrong || err != nil && !wrong {
				t.Errorf("error %v", err)
			}
			if asked != tt.asked {
				t.Errorf("asked %d times, want %d", asked, tt.asked)
			}
			if !strings.Contains(log.said(), tt.says) {
				t.Errorf("said %q", log.said())
			}
			if err := p.Fingerprint(t.Context(), nil); !errors.Is(err, cache.ErrOutside) {
				t.Error(err)
			}
		})
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	set := template.NewSet(Sleep())
	p, err := set.Open(hcl(t, "provisioner \"sleep\" {\n  duration = \"1h\"\n}").Block, nil)
	if err != nil {
		t.Fatal(err)
	}
	run, log := run(t)
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := p.Provision(ctx, run, nil); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(log.said(), "Waiting 1h0m0s") {
		t.Errorf("said %q", log.said())
	}
	if err := (sleepConfig{time.Nanosecond}).Provision(t.Context(), run, nil); err != nil {
		t.Error(err)
	}
}
