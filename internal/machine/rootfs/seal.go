package rootfs

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

var _ machine.Keeper = (*Builder)(nil)

// KeepResidue returns the template's keep list: nothing is promised of what it names.
func (b *Builder) KeepResidue() []string { return b.c.Keep }

// Seal powers the machine off first.
func (m *rootMachine) Seal(ctx context.Context, rules []machine.SealRule) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return fmt.Errorf("seal: %w", m.over)
	}
	if err := m.off(ctx, true); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	dir, err := m.tree(ctx)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	m.changed = true
	return tree.Seal(ctx, dir, rules)
}

func (m *rootMachine) Residue(ctx context.Context, rules []machine.SealRule) ([]machine.Residue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return nil, fmt.Errorf("look for residue: %w", m.over)
	}
	dir, err := m.tree(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for residue: %w", err)
	}
	return tree.Residue(ctx, dir, rules)
}
