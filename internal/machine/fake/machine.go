package fake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Machine is a directory with processes. It is safe for concurrent use.
type Machine struct {
	builder *Builder
	res     *ledger.Scope
	dir     string // also its id in the ledger
	root    *os.Root

	mu    sync.Mutex
	state state
	life  *life // nil while it is off
	boots bool  // power-on runs /sbin/init
	begun bool  // it was powered on before
}

// state of a machine.
type state int

const (
	usable   state = iota
	halted         // powered off by itself or by a capture; only Close is left
	consumed       // became a layer
	closed
)

func (s state) String() string {
	return [...]string{"usable", "powered off", "consumed by a snapshot", "closed"}[s]
}

var (
	_ machine.Machine = (*Machine)(nil)
	_ machine.Gater   = (*Machine)(nil)
	_ machine.Sealer  = (*Machine)(nil)
)

// Dir is the machine's directory on the host, for tests that look into it.
func (m *Machine) Dir() string { return m.dir }

// Connect powers the machine on where it is off.
func (m *Machine) Connect(ctx context.Context) (machine.Communicator, error) {
	if err := m.builder.fault(ctx, Call{Op: OpConnect}); err != nil {
		return nil, fmt.Errorf("connect to fake machine: %w", err)
	}
	if _, err := m.on(ctx); err != nil {
		return nil, fmt.Errorf("connect to fake machine: %w", err)
	}
	return &communicator{machine: m}, nil
}

// on returns the present life and begins one where there is none.
func (m *Machine) on(ctx context.Context) (*life, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != usable {
		return nil, fmt.Errorf("machine is %v: %w", m.state, machine.ErrDisconnected)
	}
	if m.life != nil && !m.life.over() {
		return m.life, nil
	}
	m.life, m.begun = newLife(), true
	if err := m.clearRun(); err != nil {
		return nil, err
	}
	if m.boots {
		if err := m.init(ctx, m.life); err != nil {
			m.life.end()
			return nil, err
		}
	}
	return m.life, nil
}

// clearRun empties /run, which lives in memory on other machines.
func (m *Machine) clearRun() error {
	entries, err := fs.ReadDir(m.root.FS(), "run")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, m.root.RemoveAll("run/"+e.Name()))
	}
	return err
}

// hasInit tells whether there is an init to boot.
func (m *Machine) hasInit() bool {
	fi, err := m.root.Stat("sbin/init")
	return err == nil && fi.Mode().IsRegular()
}

func (m *Machine) init(ctx context.Context, l *life) error {
	if !m.hasInit() {
		return nil
	}
	exit, err := m.run(ctx, l, machine.Command{Line: "/sbin/init"})
	if err == nil && exit != 0 {
		err = fmt.Errorf("/sbin/init ended with status %d", exit)
	}
	if err != nil {
		return fmt.Errorf("boot: %w", err)
	}
	return nil
}

// BootForGate ends all processes and boots the machine as its image will be.
func (m *Machine) BootForGate(ctx context.Context) (bool, error) {
	if err := m.builder.fault(ctx, Call{Op: OpGate}); err != nil {
		return false, fmt.Errorf("boot fake machine for the gate: %w", err)
	}
	m.off(usable)
	m.mu.Lock()
	m.boots = true
	m.mu.Unlock()
	if _, err := m.on(ctx); err != nil {
		return false, fmt.Errorf("boot fake machine for the gate: %w", err)
	}
	return m.hasInit(), nil
}

// off ends all processes; then is the state from now on unless the machine has
// left usable already. It returns the state before.
func (m *Machine) off(then state) state {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != nil {
		m.life.end()
	}
	before := m.state
	m.state = max(m.state, then)
	return before
}

// Capture powers the machine off and captures it into an image.
func (m *Machine) Capture(ctx context.Context, env machine.Env) (image.Image, error) {
	if s := m.off(halted); s > halted {
		return image.Image{}, fmt.Errorf("capture fake machine: it is %v", s)
	}
	if err := m.builder.fault(ctx, Call{Op: OpCapture, Path: env.Before.ID}); err != nil {
		return image.Image{}, fmt.Errorf("capture fake machine: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != halted {
		return image.Image{}, fmt.Errorf("capture fake machine: it is %v", m.state)
	}
	img, err := m.pack(ctx, env)
	if err != nil {
		return image.Image{}, fmt.Errorf("capture fake machine: %w", err)
	}
	return img, nil
}

// Close destroys the machine. A Fault delays or fails it; the machine is then
// still recorded.
func (m *Machine) Close(ctx context.Context) error {
	m.off(closed)
	if err := m.builder.fault(context.WithoutCancel(ctx), Call{Op: OpClose}); err != nil {
		return fmt.Errorf("close fake machine: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.root.Close(), m.res.Destroy(ctx, m.dir)); err != nil {
		return fmt.Errorf("close fake machine: %w", err)
	}
	return nil
}

// power is what "reboot" and "poweroff" do. The machine comes up again at the
// next use.
func (m *Machine) power(l *life, then state) {
	l.end()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == l {
		m.state = max(m.state, then)
	}
}
