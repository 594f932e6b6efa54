package rootfs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

var _ machine.DiskBooter = (*Builder)(nil)

// proves tells whether gate 2 boots the disk of an output block.
func (c Config) proves(o Output) bool {
	return o.isDisk() && (o.ProveBoot == nil || *o.ProveBoot) && (c.ProveBoot == nil || *c.ProveBoot)
}

// proven is the block whose disk is booted: all of them hold the same system, so one that
// emulators read as it is comes first.
func (c Config) proven() (_ Output, ok bool) {
	disks := slices.DeleteFunc(c.disks(), func(o Output) bool { return !c.proves(o) })
	if len(disks) == 0 {
		return Output{}, false
	}
	for _, format := range []string{disk.QCOW2, disk.Raw} {
		if i := slices.IndexFunc(disks, func(o Output) bool { return o.Format == format }); i >= 0 {
			return disks[i], true
		}
	}
	return disks[0], true
}

// ProvesBoot implements machine.DiskBooter.
func (b *Builder) ProvesBoot() bool {
	_, ok := b.c.proven()
	return ok && b.deps.BootDisk != nil
}

// BootDisk boots a disk of the image. Machine after machine gets another of the kinds of
// firmware that the disk is made for, so that two machines prove both.
func (b *Builder) BootDisk(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error) {
	o, ok := b.c.proven()
	i := slices.IndexFunc(img.Disks, func(d image.Disk) bool { return d.Format == o.Format })
	if !ok || i < 0 {
		return nil, errors.New("boot disk: the image has none")
	}
	d := DiskBoot{Disk: img.Disks[i], CPUs: o.CPUs, Memory: o.Memory, Condition: o.Condition, Deadline: o.Deadline}
	kinds := d.Disk.Boot
	n := int(b.boots.Add(1) - 1)
	d.UEFI = len(kinds) > 0 && kinds[n%len(kinds)] == firmwareUEFI
	m, err := b.deps.BootDisk(ctx, d, env)
	if err != nil {
		return nil, err
	}
	return &diskMachine{Machine: m, b: b, img: img, env: env}, nil
}

// diskMachine is a machine that boots a disk. What nothing has started yet is looked at in the
// archive of the same tree.
type diskMachine struct {
	machine.Machine
	b   *Builder
	img image.Image
	env machine.Env

	mu   sync.Mutex
	tree *rootMachine // nil: not unpacked
}

var (
	_ machine.Sealer    = (*diskMachine)(nil)
	_ machine.Gater     = (*diskMachine)(nil)
	_ machine.Witness   = (*diskMachine)(nil)
	_ machine.Describer = (*diskMachine)(nil)
)

// Residue looks at the tree. An image that nobody could look into is refused before it is
// waited for.
func (m *diskMachine) Residue(ctx context.Context, rules []machine.SealRule) ([]machine.Residue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tree == nil {
		made, err := m.b.Boot(ctx, m.img, m.env)
		if err != nil {
			return nil, err
		}
		m.tree = made.(*rootMachine)
	}
	if err := m.tree.hasWayIn(ctx); err != nil {
		return nil, err
	}
	found, err := m.tree.Residue(ctx, rules)
	if err == nil {
		err = m.dropTree(ctx) // its room is free while the disk boots
	}
	return found, err
}

// dropTree removes what was unpacked.
func (m *diskMachine) dropTree(ctx context.Context) error {
	if m.tree == nil {
		return nil
	}
	if err := m.tree.Close(ctx); err != nil {
		return fmt.Errorf("remove the tree of a booted disk: %w", err)
	}
	m.tree = nil
	return nil
}

// Seal refuses: what the disk holds was captured.
func (m *diskMachine) Seal(context.Context, []machine.SealRule) error {
	return errors.New("seal: the machine boots a disk that was captured")
}

// BootForGate implements machine.Gater.
func (m *diskMachine) BootForGate(ctx context.Context) (bool, error) {
	if g, ok := m.Machine.(machine.Gater); ok {
		return g.BootForGate(ctx)
	}
	_, err := m.Connect(ctx)
	return err == nil, err
}

// Evidence implements machine.Witness.
func (m *diskMachine) Evidence(ctx context.Context) machine.Evidence {
	if w, ok := m.Machine.(machine.Witness); ok {
		return w.Evidence(ctx)
	}
	return machine.Evidence{}
}

// Vars implements machine.Describer.
func (m *diskMachine) Vars() map[string]string {
	if d, ok := m.Machine.(machine.Describer); ok {
		return d.Vars()
	}
	return nil
}

// Close ends the machine, and removes what was unpacked for it.
func (m *diskMachine) Close(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return errors.Join(m.Machine.Close(ctx), m.dropTree(ctx))
}
