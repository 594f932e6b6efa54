package rootfs

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
)

// rootRunner runs machines in systemd-nspawn, each with a control group and a
// network namespace behind the host's address translation.
type rootRunner struct {
	res *ledger.Scope

	group   cgroup.Group
	groupID string
	starts  int

	net   *network.Network
	netID string
	relay *relays
}

func (r *rootRunner) connect(ctx context.Context, h Host) error {
	if r.net == nil {
		id, err := r.res.Create(ctx, networkClass(), func(ctx context.Context, tag string) (string, error) {
			n, err := network.Create(ctx, tag, network.Options{Allow: allowed(h)})
			r.net = n
			return tag, err
		})
		if err != nil {
			r.net = nil
			return err
		}
		r.netID = id
	}
	if r.relay != nil {
		return nil
	}
	var err error
	r.relay, err = relay(r.net.Host, r.net.Guest, forwards(h))
	return err
}

func (r *rootRunner) gateway() netip.Addr { return r.net.Host }

// inside is nothing: relays listen on the host's end of the link.
func (r *rootRunner) inside() []string { return nil }

// start gives each start a control group of its own inside the machine's: an init
// system leaves its group in a state that takes no new process.
func (r *rootRunner) start(ctx context.Context, o startOptions) (*guest, error) {
	if r.groupID == "" {
		id, err := r.res.Create(ctx, groupClass(), func(_ context.Context, tag string) (string, error) {
			g, err := cgroup.Create(tag)
			r.group = g
			return g.String(), err
		})
		if err != nil {
			return nil, err
		}
		r.groupID = id
	}
	r.starts++
	group, err := r.group.Child(fmt.Sprintf("run%d", r.starts))
	if err != nil {
		return nil, err
	}
	return nspawn(ctx, o, group, r.net.Path)
}

func (r *rootRunner) kill(ctx context.Context) error {
	if r.groupID == "" {
		return nil
	}
	return r.group.Kill(ctx)
}

func (r *rootRunner) release(ctx context.Context) error {
	if r.relay != nil {
		r.relay.Close() // listeners only; what cannot be closed goes with the network
		r.relay = nil
	}
	var errs []error
	destroy := func(id *string) {
		if *id == "" {
			return
		}
		if err := r.res.Destroy(ctx, *id); err != nil {
			errs = append(errs, err)
			return
		}
		*id = ""
	}
	destroy(&r.groupID)
	destroy(&r.netID)
	if r.netID == "" {
		r.net = nil
	}
	return errors.Join(errs...)
}
