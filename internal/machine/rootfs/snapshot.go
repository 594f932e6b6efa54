package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/machine"
)

var _ machine.Snapshotter = (*Builder)(nil)

// Snapshot turns the machine's own files into a layer by a rename. The next
// machine takes over its place and network, and is off.
func (b *Builder) Snapshot(ctx context.Context, from machine.Machine, env machine.Env) (string, machine.Machine, error) {
	m, ok := from.(*rootMachine)
	if !ok {
		return "", nil, fmt.Errorf("snapshot: %T is not a machine of this builder", from)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return "", nil, fmt.Errorf("snapshot: %w", m.over)
	}
	m.over = errConsumed
	ref, chain, err := m.layer(ctx, env)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("snapshot: %w", err), m.drop(ctx))
	}
	next := b.newMachine(env, chain)
	next.seat, m.seat = m.seat, nil
	return ref, next, nil
}

// layer makes a layer of the machine's own files.
func (m *rootMachine) layer(ctx context.Context, env machine.Env) (ref string, chain []string, err error) {
	if ctx.Err() != nil {
		return "", nil, context.Cause(ctx)
	}
	if err := m.off(ctx, true); err != nil {
		return "", nil, err
	}
	l := m.b.places.layers()
	below, fill := m.chain, m.give
	if len(m.chain) >= m.b.stack {
		below, fill = nil, m.flatten // the stack would grow too deep
	}
	ref, err = env.Res.Create(ctx, m.b.places.layerClass(), func(ctx context.Context, tag string) (string, error) {
		return tag, l.make(tag, below, func(tree string) (bool, error) { return fill(ctx, tree) })
	})
	if err != nil {
		return "", nil, err
	}
	go func() { _ = l.sync(ref) }() // not synced, it is not trusted after a crash
	chain, err = l.chain(ref)
	return ref, chain, err
}

// give makes the machine's own directory the layer's.
func (m *rootMachine) give(_ context.Context, tree string) (bool, error) {
	if err := m.seat.unmount(); err != nil {
		return false, err
	}
	if !m.changed || m.seat.dir == "" || m.unchanged() {
		return false, nil
	}
	if err := os.Rename(m.seat.upper(), tree); err != nil {
		return false, err
	}
	return true, m.seat.fresh()
}

// flatten copies all that the machine sees into one layer.
func (m *rootMachine) flatten(ctx context.Context, tree string) (bool, error) {
	from, err := m.tree(ctx)
	if err != nil {
		return false, err
	}
	if err := os.Mkdir(tree, 0o755); err != nil {
		return false, err
	}
	if err := copyTree(ctx, from, tree); err != nil {
		return false, err
	}
	if err := m.seat.unmount(); err != nil {
		return false, err
	}
	if err := os.RemoveAll(m.seat.upper()); err != nil {
		return false, err
	}
	return true, m.seat.fresh()
}

// unchanged tells whether nothing at all was changed on top of the chain.
func (m *rootMachine) unchanged() bool {
	if len(m.chain) == 0 {
		return false
	}
	entries, err := os.ReadDir(m.seat.upper())
	if err != nil || len(entries) > 0 {
		return false
	}
	top, err := os.Lstat(m.b.places.layers().tree(m.chain[len(m.chain)-1]))
	if err != nil {
		return false
	}
	own, err := os.Lstat(m.seat.upper())
	if err != nil || own.Mode() != top.Mode() {
		return false
	}
	a, ok1 := own.Sys().(*syscall.Stat_t)
	b, ok2 := top.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && a.Uid == b.Uid && a.Gid == b.Gid
}

// Restore costs nothing until somebody connects.
func (b *Builder) Restore(ctx context.Context, ref string, env machine.Env) (machine.Machine, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("restore: %w", context.Cause(ctx))
	}
	chain, err := b.places.layers().chain(ref)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return b.newMachine(env, chain), nil
}

func (b *Builder) Discard(_ context.Context, ref string, _ machine.Env) error {
	if err := b.places.layers().remove(ref); err != nil {
		return fmt.Errorf("discard layer %s: %w", ref, err)
	}
	return nil
}

func (b *Builder) LayerSize(ref string) (int64, error) {
	if _, err := b.places.layers().read(ref); err != nil {
		return 0, err
	}
	return diskUsage(b.places.layers().path(ref))
}
