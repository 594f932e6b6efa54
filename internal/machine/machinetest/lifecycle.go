package machinetest

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func testLifecycle(t *testing.T, o Options) {
	closes := []struct {
		name string
		do   func(t *testing.T, b *bench, m machine.Machine)
	}{
		{"at once", func(*testing.T, *bench, machine.Machine) {}},
		{"with a process", func(t *testing.T, _ *bench, m machine.Machine) { connect(t, m).sh("sleep 300 >/dev/null 2>&1 &") }},
		{"after a failed connect", func(t *testing.T, _ *bench, m machine.Machine) {
			if _, err := m.Connect(cancelled(t)); err == nil {
				t.Log("connects although cancelled") // a machine that is there already may
			}
		}},
		{"after a cancelled capture", func(t *testing.T, b *bench, m machine.Machine) {
			connect(t, m)
			if img, err := m.Capture(cancelled(t), b.env); err == nil {
				t.Errorf("captured %+v", img)
			}
			wantEmpty(t, b.env.Output)
		}},
		{"after a capture to nowhere", func(t *testing.T, b *bench, m machine.Machine) {
			env := b.env
			env.Output = filepath.Join(b.home, "missing")
			if img, err := m.Capture(t.Context(), env); err == nil {
				t.Errorf("captured %+v", img)
			}
		}},
		{"captured", func(t *testing.T, b *bench, m machine.Machine) {
			if _, err := m.Capture(t.Context(), b.env); err != nil {
				t.Error(err)
			}
		}},
	}
	for _, tt := range closes {
		t.Run("close/"+tt.name, func(t *testing.T) {
			o.beside(t)
			b := newBench(t, o)
			m := b.start(t)
			tt.do(t, b, m)
			if err := m.Close(cancelled(t)); err != nil {
				t.Errorf("close with a context that is done: %v", err)
			}
			if held := b.held(t); len(held) > 0 {
				t.Errorf("after Close the ledger holds %v", held)
			}
			closeMachine(t, m)
			if _, err := m.Connect(t.Context()); err == nil {
				t.Error("a closed machine can be connected to")
			}
			if _, err := m.Capture(t.Context(), b.env); err == nil {
				t.Error("a closed machine can be captured")
			}
		})
	}
	t.Run("start cancelled", func(t *testing.T) {
		b := newBench(t, o)
		m, err := b.builder.Start(cancelled(t), b.env)
		if err == nil {
			closeMachine(t, m)
			t.Error("a machine was started")
		}
		if held := b.held(t); len(held) > 0 {
			t.Errorf("the ledger holds %v", held)
		}
	})
	t.Run("close under a command", func(t *testing.T) {
		o.beside(t)
		b := newBench(t, o)
		m := b.start(t)
		c := connect(t, m)
		started, done := make(chan struct{}), make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		go func() {
			_, err := c.Run(ctx, machine.Command{Line: "echo x; sleep 300", Stdout: onceWriter(started)})
			done <- err
		}()
		<-started
		closeMachine(t, m)
		if err := <-done; err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the command ended with %v, want that the machine is lost", err)
		}
		if _, _, err := c.try(t.Context(), machine.Command{Line: "true"}); err == nil {
			t.Error("a command ran in a closed machine")
		}
		if err := c.Get(t.Context(), "/etc/passwd", &bytes.Buffer{}); err == nil {
			t.Error("a file came from a closed machine")
		}
	})
	t.Run("entering", func(t *testing.T) {
		b := newBench(t, o)
		m := b.start(t)
		if e, ok := m.(machine.Entering); ok && e.EnterCommand() == "" {
			t.Error("no command")
		}
	})
}

// onceWriter closes the channel at the first write.
func onceWriter(c chan struct{}) writerFunc {
	first := true
	return func([]byte) {
		if first {
			close(c)
		}
		first = false
	}
}

func wantEmpty(t testing.TB, dir string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	hidden, err2 := filepath.Glob(filepath.Join(dir, ".*"))
	if all := append(found, hidden...); len(all) > 0 || err != nil || err2 != nil {
		t.Errorf("%s holds %v", dir, all)
	}
}
