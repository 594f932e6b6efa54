package qemu

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

var (
	_ machine.Snapshotter = (*Builder)(nil)
	_ machine.Continuous  = (*Builder)(nil)
)

// Continuous: the machine stands still while a layer is made of it, and goes on.
func (b *Builder) Continuous() bool { return !b.Machineless() }

// LayerCost is what the layer below cost, or what one of so much memory may.
func (b *Builder) LayerCost(from machine.Machine) time.Duration {
	m, ok := from.(*vm)
	if !ok {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, all := m.estimate()
	return all
}

// Snapshot makes a layer of the machine's disks, and of its memory where that is worth it.
// The next machine is the same QEMU, which writes on overlays of the disks from now on; or
// one that starts from the layer where this one is off. A machine that nobody has connected to is
// started first.
func (b *Builder) Snapshot(ctx context.Context, from machine.Machine, env machine.Env) (string, machine.Machine, error) {
	m, ok := from.(*vm)
	if !ok {
		return "", nil, fmt.Errorf("snapshot: %T is not a machine of this builder", from)
	}
	why := m.single()
	var err error
	if why == "" {
		_, err = m.Connect(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return "", nil, fmt.Errorf("snapshot: %w", m.over)
	}
	if err == nil || errors.Is(err, errOff) {
		err = context.Cause(ctx)
	}
	began := time.Now()
	if why == "" && err == nil && m.process.running() {
		why, err = m.settle(ctx)
	}
	if why != "" {
		m.withoutLayers(why)
		return "", m, nil
	}
	m.over = errConsumed
	var ref string
	var next *vm
	switch {
	case err != nil:
	case m.process.running():
		ref, next, err = m.snapshot(ctx, env, began)
	default:
		ref, next, err = m.snapshotOff(ctx, env, began)
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("snapshot: %w", err), m.drop(ctx))
	}
	return ref, next, nil
}

// withoutLayers says once why the machine has no layers.
func (m *vm) withoutLayers(why string) {
	if !m.told {
		m.out.Message("there are no layers of this machine: %s", why)
		m.told = true
	}
}

// settleTries is how often a machine that is lost meanwhile is waited for: the last step may
// have told it to restart.
const settleTries = 3

// settle has the machine's disks hold what a cut of the power may not take away, and finds out
// what QEMU knows of them, and whether the clock can be set, without which the memory would be
// of no use. why tells what prevents layers. The machine may be off afterwards.
func (m *vm) settle(ctx context.Context) (why string, err error) {
	const timeless = 3
	why, err = m.locate(ctx)
	clock := m.wantsMemory() && !m.onTime
	for try := 0; err == nil && why == ""; try++ {
		line := "sync"
		if clock {
			line = fmt.Sprintf("(%s\n); c=$?; sync || exit 1; [ $c = 0 ] || exit %d", clockLine(), timeless)
		}
		var exit int
		said := new(machine.Tail)
		exit, err = m.conn.Run(ctx, machine.Command{Line: line, Stderr: said, Passive: true})
		lost := errors.Is(err, machine.ErrDisconnected) || errors.Is(err, machine.ErrUnreachable)
		switch {
		case err == nil && clock && exit == timeless:
			m.out.Message("the memory of the machine is not saved: %v", noClock(said))
			m.started = 0 // nor in any layer above
			return "", nil
		case err == nil && exit != 0:
			return "there is no sync in it", nil
		case err == nil:
			m.onTime = m.onTime || clock
			return "", nil
		case ctx.Err() == nil && !m.process.running():
			return "", nil
		case lost && try < settleTries && ctx.Err() == nil:
			err = nil
		}
	}
	return why, err
}

// snapshot makes a layer of a running machine.
func (m *vm) snapshot(ctx context.Context, env machine.Env, began time.Time) (string, *vm, error) {
	worth := m.wantsMemory()
	stopped := time.Now()
	monitor := m.process.monitor
	if err := monitor.do(ctx, "stop", nil, nil); err != nil {
		return "", nil, err
	}
	var saved bool
	ref, err := m.res.Create(ctx, m.b.places.layerClass(), func(ctx context.Context, tag string) (string, error) {
		var err error
		saved, err = m.freeze(ctx, tag, worth, began)
		return tag, err
	})
	if err != nil {
		return "", nil, err
	}
	if err := monitor.do(ctx, "cont", nil, nil); err != nil {
		return "", nil, errors.Join(err, m.res.Destroy(ctx, ref))
	}
	l := m.b.places.layers()
	go func() { _ = l.sync(ref) }() // not synced, it is not trusted after a crash
	stood := time.Since(stopped)
	if saved {
		env.Out.Message("saved the disks and the memory of the machine, which stood still for %s", stood.Round(10*time.Millisecond))
	}
	if m.behind += stood; m.behind >= time.Second {
		if m.setClock(ctx, false) == nil { // else it is as late as it would be on a busy host
			m.behind = 0
		}
	}
	return ref, m.handOver(ref, env), nil
}

// handOver gives all that m has to a machine that goes on from the layer.
func (m *vm) handOver(ref string, env machine.Env) *vm {
	next := &vm{
		b: m.b, out: env.Out, res: m.res, run: m.run, build: m.build, name: m.name, extra: m.extra, files: m.files, network: m.network,
		id: m.id, dir: m.dir, below: ref, format: overlayFormat, nodes: m.nodes, medium: m.medium, disks: m.disks, cds: m.cds,
		floppy: m.floppy, vars: m.vars, key: m.key, server: m.server, process: m.process, port: m.port, host: m.host,
		accelerator: m.accelerator, cpu: m.cpu, started: m.started, behind: m.behind, onTime: m.onTime,
		secret: m.secret, console: m.console, consoleLog: m.consoleLog, typed: m.typed, text: m.text,
		conn: m.conn.handOver(m.process),
	}
	m.id, m.server, m.process, m.consoleLog, m.conn = "", nil, nil, nil, nil
	return next
}

// snapshotOff makes a layer of a machine that has powered itself off.
func (m *vm) snapshotOff(ctx context.Context, env machine.Env, began time.Time) (string, *vm, error) {
	if err := m.halt(ctx); err != nil {
		return "", nil, err
	}
	ref, err := m.res.Create(ctx, m.b.places.layerClass(), func(ctx context.Context, tag string) (string, error) {
		_, err := m.freeze(ctx, tag, false, began)
		return tag, err
	})
	if err != nil {
		return "", nil, err
	}
	l := m.b.places.layers()
	go func() { _ = l.sync(ref) }()
	if err := m.drop(ctx); err != nil {
		return "", nil, errors.Join(err, m.res.Destroy(ctx, ref))
	}
	next, err := m.b.restored(ctx, ref, env)
	return ref, next, err
}

// Restore looks whether the layer is whole, and makes nothing until somebody connects.
func (b *Builder) Restore(ctx context.Context, ref string, env machine.Env) (machine.Machine, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("restore: %w", context.Cause(ctx))
	}
	m, err := b.restored(ctx, ref, env)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return m, nil
}

func (b *Builder) restored(ctx context.Context, ref string, env machine.Env) (*vm, error) {
	if err := findPrograms(b.c.Binary, imgProgram); err != nil {
		return nil, err
	}
	n, err := b.places.layers().whole(ctx, ref)
	if err != nil {
		return nil, err
	}
	key, err := b.makeKey()
	if err != nil {
		return nil, err
	}
	if key != nil && key.public != n.Key {
		return nil, fmt.Errorf("layer %s: %w: the SSH key is not the one that it knows", ref, machine.ErrGone)
	}
	if b.c.Backing && filepath.IsAbs(n.Medium) {
		if _, err := os.Stat(n.Medium); err != nil {
			return nil, fmt.Errorf("layer %s: %w: the disk below it: %w", ref, machine.ErrGone, err)
		}
	}
	return &vm{b: b, out: env.Out, res: env.Res, run: env.Run, build: env.Build, name: b.vmName(env.Build),
		below: ref, format: overlayFormat, medium: n.Medium, key: key, typed: true}, nil
}

// Discard removes the layer's directory.
func (b *Builder) Discard(_ context.Context, ref string, _ machine.Env) error {
	return Discard(b.deps, ref)
}

// Discard removes a layer, whatever its builder's configuration was.
func Discard(d Deps, ref string) error {
	if err := (places{d.State}).layers().remove(ref); err != nil {
		return fmt.Errorf("discard layer %s: %w", ref, err)
	}
	return nil
}

// LayerSize counts the disks and the memory.
func (b *Builder) LayerSize(ref string) (int64, error) {
	if _, err := b.places.layers().read(ref); err != nil {
		return 0, err
	}
	return b.places.layers().usage(ref)
}
