package rootfs

import (
	"context"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// Seal powers the machine off first. Rules named by keep are not applied.
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
	return tree.Seal(ctx, dir, m.applied(rules))
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
	return tree.Residue(ctx, dir, m.applied(rules))
}

// applied are the rules without those that the template keeps.
func (m *rootMachine) applied(rules []machine.SealRule) []machine.SealRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r machine.SealRule) bool {
		return slices.Contains(m.b.c.Keep, r.Name)
	})
}
