// Package rootfs builds root file systems on this host, without a hypervisor:
// from a Debian bootstrap, an archive, an OCI image or a parent image, through
// steps that run in a systemd-nspawn machine, to an archive, a directory or an
// OCI image. Layers are overlayfs upper directories.
//
// A machine is files until somebody connects. Then it gets a directory with the
// stack of layers mounted in it, a control group, a network namespace, and a
// process 1: a stub, or the tree's own init system where services are wanted.
// Each of these is in the ledger before it exists.
package rootfs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/overlay"
)

// KindName is the builder's name in templates, ledgers and images.
const KindName = "rootfs"

// Builder is one configured source.
type Builder struct {
	c      Config
	deps   Deps
	base   base
	places places
	stack  int // layers at most in a chain; one more is planted
	host   func() (Host, error)
	boots  atomic.Int32 // of disks, so far
}

var (
	_ machine.Builder = (*Builder)(nil)
	_ machine.Child   = (*Builder)(nil)
)

// New opens a builder. Errors name the option at fault, see template.At.
func New(c Config, d Deps) (*Builder, error) {
	if d.State == "" {
		return nil, errors.New("open rootfs builder: no state directory")
	}
	base, err := c.base(d)
	if err != nil {
		return nil, err
	}
	return &Builder{
		c: c, deps: d, base: base, places: places{d.State}, stack: overlay.MaxLowers - 1,
		host: sync.OnceValues(func() (Host, error) { return readHost(c, d) }),
	}, nil
}

// Start fills the machine's directory from the base; nothing runs yet.
func (b *Builder) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	if err := b.requireDisks(); err != nil { // before steps are waited for
		return nil, err
	}
	env.Out.Say("Starting from %s", b.base)
	m := b.newMachine(env, nil)
	m.changed = true
	err := m.seat.directory(ctx, func(upper string) error { return b.base.fill(ctx, upper, env) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start from %s: %w", b.base, err), m.drop(ctx))
	}
	return m, nil
}

func (b *Builder) Resources(where ledger.Where) []ledger.Class { return Classes(b.deps, where) }

// Parent returns the template's reference to the parent image, "" without one.
func (b *Builder) Parent() string { return b.c.ParentImage }

// readHost reads the host's settings; a proxy of the template's own comes first.
func readHost(c Config, d Deps) (Host, error) {
	read := d.Host
	if read == nil {
		read = ReadHost
	}
	h, err := read()
	if c.Proxy != "" {
		h.HTTPProxy, h.HTTPSProxy, h.AptProxy = c.Proxy, c.Proxy, ""
	}
	return h, err
}
