package null

import (
	"context"
	"sync"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
)

// existing is a machine that is not ours: it was there before, and stays.
type existing struct {
	c      Config
	getenv func(string) string
	out    machine.Log

	mu   sync.Mutex
	conn machine.Communicator // nil before the first Connect and after Close
}

var (
	_ machine.Describer = (*existing)(nil)
	_ machine.Entering  = (*existing)(nil)
	_ machine.Gater     = (*existing)(nil)
)

// Connect makes one connection, which all communicators share.
func (m *existing) Connect(ctx context.Context) (machine.Communicator, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn == nil {
		c, err := m.c.Dial(ctx, connect.Place{}, m.out, m.getenv)
		if err != nil {
			return nil, err
		}
		m.conn = c
	}
	return shared{m.conn}, nil
}

// BootForGate starts nothing. Whether an init system runs in the machine, it tells.
func (m *existing) BootForGate(ctx context.Context) (booted bool, err error) {
	c, err := m.Connect(ctx)
	if err != nil {
		return false, err
	}
	exit, err := c.Run(ctx, machine.Command{Line: "[ -d /run/systemd/system ] || [ -d /run/openrc ]", Passive: true})
	return exit == 0, err
}

// Capture changes nothing: there is no image.
func (m *existing) Capture(context.Context, machine.Env) (image.Image, error) { return artifact(), nil }

// Close ends the connection alone.
func (m *existing) Close(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn == nil {
		return nil
	}
	err := m.conn.Close()
	m.conn = nil
	return err
}

// Vars are known before connect too.
func (m *existing) Vars() map[string]string { return m.c.Vars(connect.Place{}) }

// shared is a connection that its machine closes.
type shared struct{ machine.Communicator }

func (shared) Close() error { return nil }

// EnterCommand is how a person gets there.
func (m *existing) EnterCommand() string {
	vars := m.Vars()
	return "ssh -p " + machine.Quote(vars["Port"]) + " " + machine.Quote(vars["User"]+"@"+vars["Host"])
}
