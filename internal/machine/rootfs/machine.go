package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// rootMachine is one machine: files first, and processes once somebody connects.
type rootMachine struct {
	b   *Builder
	out machine.Log

	boot bool // start services: run the tree's init system
	gate bool // boot as the image would, with nothing changed for provisioning

	mu       sync.Mutex
	over     error // why it cannot be used any more
	seat     *seat
	chain    []string // layers it stands on, lowest first
	changed  bool     // its own files may differ from those of the chain
	ran      bool     // they may hold what only overlayfs understands
	life     *life    // nil while it is off
	comm     *communicator
	captured tree.Captured // once it is

	aptConf bool // commands are pointed at aptConfPath

	resolving resolverMode
	planted   string // the resolver's settings, while a file with them is planted
}

var (
	_ machine.Machine   = (*rootMachine)(nil)
	_ machine.Gater     = (*rootMachine)(nil)
	_ machine.Sealer    = (*rootMachine)(nil)
	_ machine.Entering  = (*rootMachine)(nil)
	_ machine.Completer = (*rootMachine)(nil)

	_ machine.Surrounded = (*rootMachine)(nil)
)

var (
	errConsumed = errors.New("machine was consumed by a snapshot")
	errCaptured = errors.New("machine was captured")
	errClosed   = errors.New("machine is closed")
)

func (b *Builder) newMachine(env machine.Env, chain []string) *rootMachine {
	return &rootMachine{
		b: b, out: env.Out, boot: b.c.StartServices, chain: chain,
		seat: &seat{places: b.places, res: env.Res, run: newRunner(env.Res)},
	}
}

// Connect starts the machine when it is off.
func (m *rootMachine) Connect(ctx context.Context) (machine.Communicator, error) {
	c, err := m.powerOn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.life.guest(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (m *rootMachine) powerOn(ctx context.Context) (*communicator, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return nil, m.over
	}
	if m.life != nil {
		return m.comm, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := require(m.boot); err != nil {
		return nil, err
	}
	host, err := m.b.host()
	if err != nil {
		return nil, fmt.Errorf("read the host's network settings: %w", err)
	}
	// The network takes as long as all the rest.
	net := make(chan error, 1)
	go func() { net <- m.seat.run.connect(ctx, host) }()
	err = m.seat.directory(ctx, nil)
	if err = errors.Join(err, <-net); err != nil {
		return nil, err
	}
	if err := m.assemble(host); err != nil {
		return nil, errors.Join(err, m.disassemble())
	}
	start, err := m.prepare(host)
	if err != nil {
		return nil, errors.Join(err, m.disassemble())
	}
	m.changed, m.ran = true, true
	if m.life, err = begin(ctx, start); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
		defer cancel()
		return nil, errors.Join(err, m.seat.run.kill(ctx), m.disassemble())
	}
	env := proxyEnv(host, m.seat.run.gateway())
	if m.aptConf {
		env["APT_CONFIG"] = aptConfPath
	}
	m.comm = &communicator{m: m, life: m.life, env: env, count: new(atomic.Int64)}
	return m.comm, nil
}

// assemble mounts what the machine will run on.
func (m *rootMachine) assemble(host Host) error {
	if err := m.disassemble(); err != nil { // it may be mounted to be looked at
		return err
	}
	plant, err := m.plant(host)
	if err != nil {
		return err
	}
	return m.seat.mount(m.chain, plant)
}

// disassemble undoes assemble. Nothing runs.
func (m *rootMachine) disassemble() error {
	if err := m.seat.unmount(); err != nil {
		return err
	}
	return m.takeResolver()
}

// off ends all processes. With clean, an init system may shut down first. The
// tree is not mounted afterwards.
func (m *rootMachine) off(ctx context.Context, clean bool) error {
	if m.life == nil {
		return nil
	}
	slow := time.AfterFunc(slowStop, func() { m.out.Message("waiting for the machine's services to stop") })
	err := m.life.stop(ctx, clean)
	slow.Stop()
	if err != nil && ctx.Err() == nil {
		m.out.Warn("the machine did not shut down by itself and was switched off, which may have cost data: %v", err)
	}
	if err := m.seat.run.kill(ctx); err != nil {
		return err
	}
	m.life.end()
	m.life, m.comm = nil, nil
	return m.disassemble()
}

// tree is where the files of a machine that is off can be reached.
func (m *rootMachine) tree(ctx context.Context) (string, error) {
	if m.seat.dir != "" && !m.ran && len(m.chain) == 0 {
		return m.seat.upper(), nil
	}
	if err := m.seat.directory(ctx, nil); err != nil {
		return "", err
	}
	return m.seat.merged(), m.seat.mount(m.chain, "")
}

// Close destroys the machine without letting it shut down.
func (m *rootMachine) Close(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over == nil || errors.Is(m.over, errCaptured) {
		m.over = errClosed
	}
	if err := m.drop(ctx); err != nil {
		return fmt.Errorf("close machine: %w", err)
	}
	return nil
}

// slowStop is how long a machine may shut down without a word.
const slowStop = 10 * time.Second

const closeLimit = 2 * time.Minute

// drop gives everything back, whether ctx is done or not. The caller holds the lock.
func (m *rootMachine) drop(ctx context.Context) error {
	if m.seat == nil {
		return nil // the next machine has it
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	if m.life != nil {
		if err := m.life.stop(ctx, false); err != nil {
			return err
		}
		if err := m.seat.run.kill(ctx); err != nil {
			return err
		}
		m.life.end() // it holds the mounts
		m.life = nil
	}
	return m.seat.release(ctx)
}

// Surroundings implements machine.Surrounded.
func (m *rootMachine) Surroundings() machine.Surroundings {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := machine.Surroundings{HostKernel: true}
	if m.seat != nil {
		s.Ports = m.seat.run.inside()
	}
	return s
}

// EnterCommand works while the machine runs, from the same host.
func (m *rootMachine) EnterCommand() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != nil {
		if g := m.life.now(); g != nil {
			return g.enterCommand()
		}
	}
	if m.seat != nil && m.seat.mounted {
		return "chroot " + m.seat.merged() + " /bin/sh"
	}
	return "the machine is off; build with --keep to leave it running"
}

// exists tells whether a file is there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
