package rootfs

import (
	"context"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

var (
	_ machine.Booter   = (*Builder)(nil)
	_ machine.Verifier = (*Builder)(nil)
)

// Boot unpacks the image into a machine of its own and leaves it off, so that it
// can be looked at before its first boot: BootForGate or Connect starts it.
func (b *Builder) Boot(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error) {
	m := b.newMachine(env, nil)
	m.gate, m.changed, m.boot = true, true, false
	err := m.seat.directory(ctx, func(upper string) error { return unpackImage(ctx, img, upper, env) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("boot image: %w", err), m.drop(ctx))
	}
	return m, nil
}

// Verify reads a captured image back and compares it with its digest.
func (b *Builder) Verify(ctx context.Context, img image.Image) error {
	if err := tree.Verify(ctx, img.ID, img.Format, img.Digest); err != nil {
		return err
	}
	return verifyDisks(ctx, img)
}

// BootForGate boots the machine with its init system when it has one, unless
// prove_boot says not to.
func (m *rootMachine) BootForGate(ctx context.Context) (bool, error) {
	boot, err := m.forGate(ctx)
	if err != nil {
		return false, fmt.Errorf("boot for gate: %w", err)
	}
	if _, err := m.Connect(ctx); err != nil {
		return false, fmt.Errorf("boot for gate: %w", err)
	}
	return boot, nil
}

// forGate turns the machine off if it runs otherwise than it must.
func (m *rootMachine) forGate(ctx context.Context) (boot bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return false, m.over
	}
	dir, err := m.tree(ctx)
	if err != nil {
		return false, err
	}
	tree, err := openInside(dir)
	if err != nil {
		return false, err
	}
	boot = tree.exists("/sbin/init") || tree.exists("/lib/systemd/systemd")
	tree.Close()
	switch prove := m.b.c.ProveBoot; {
	case prove == nil:
	case *prove && !boot:
		return false, errors.New("prove_boot is set, and the image has no /sbin/init: install systemd-sysv, or another init system")
	default:
		boot = *prove
	}
	if boot && inUserNamespace() {
		if prove := m.b.c.ProveBoot; prove != nil && *prove {
			return false, errors.New("prove_boot is set, and only root can boot a machine")
		}
		m.out.Warn("the image is checked without booting it: only root can boot a machine")
		boot = false
	}
	if err := m.off(ctx, true); err != nil {
		return false, err
	}
	m.boot, m.gate = boot, true
	return boot, nil
}
