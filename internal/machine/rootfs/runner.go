package rootfs

import (
	"context"
	"net/netip"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// runner runs the processes of one machine after the other on a seat. There are
// two: for root, and for an ordinary user in a user namespace.
type runner interface {
	// connect makes what can be made of the network before a start.
	connect(ctx context.Context, h Host) error
	// gateway is where the machine finds those services on the host's loopback that
	// it is let through to.
	gateway() netip.Addr
	// start starts a machine and returns when its process 1 runs.
	start(ctx context.Context, o startOptions) (*guest, error)
	// inside are the ports that this process listens on inside the machine.
	inside() []string
	// kill ends all processes of the machine.
	kill(ctx context.Context) error
	// release kills, and gives back everything that was made.
	release(ctx context.Context) error
}

// startOptions say how a machine is started from its mounted tree.
type startOptions struct {
	name     string // unique on the host
	hostname string
	tree     string
	console  string // file that takes what the machine prints
	boot     bool   // run the tree's init system
	systemd  bool   // which is systemd, and will say when it is up
	host     Host
	binds    [][2]string // files of the host and where the machine sees them
}

func newRunner(res *ledger.Scope) runner {
	if inUserNamespace() {
		return &userRunner{res: res}
	}
	return &rootRunner{res: res}
}
