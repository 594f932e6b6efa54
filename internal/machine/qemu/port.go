package qemu

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"
)

// A machine that boots its disk is looked into by a serial port of virtio's, whatever its
// image holds: the line begins here and ends with what portUnit starts in the machine. A knock
// is a further port, which does nothing: that it comes has udev in the machine start portUnit.
const (
	portBus   = "proofmark-ports"
	portName  = "proofmark"
	knockName = "proofmark-knock-" // and what tells one from the last, which may not be gone yet
)

const (
	// knockPause is the time between two knocks.
	knockPause = time.Second
	// knocksKept is how many of them stay: a busy machine takes its time until it hears one.
	knocksKept = 10
)

// portState is what QEMU tells of a port: whether somebody in the machine has it open, and
// that it is no more.
type portState struct {
	begin, end, leave sync.Once
	opened, closed    chan struct{} // closed in that order
	gone              chan struct{}
}

func newPortState() *portState {
	return &portState{opened: make(chan struct{}), closed: make(chan struct{}), gone: make(chan struct{})}
}

// portChanged takes QEMU's word that a port was opened or closed.
func (p *process) portChanged(data json.RawMessage) {
	var change struct {
		ID   string `json:"id"`
		Open bool   `json:"open"`
	}
	if json.Unmarshal(data, &change) != nil {
		return
	}
	found, ok := p.ports.Load(change.ID)
	if !ok {
		return
	}
	s := found.(*portState)
	if change.Open {
		s.begin.Do(func() { close(s.opened) })
		return
	}
	select {
	case <-s.opened:
		s.end.Do(func() { close(s.closed) })
	default: // it was never open
	}
}

// portGone takes QEMU's word that a device is no more.
func (p *process) portGone(data json.RawMessage) {
	var deleted struct {
		Device string `json:"device"`
	}
	if json.Unmarshal(data, &deleted) != nil {
		return
	}
	if found, ok := p.ports.Load(deleted.Device); ok {
		s := found.(*portState)
		s.leave.Do(func() { close(s.gone) })
	}
}

// portConn is this host's end of a line into a machine.
type portConn struct {
	net.Conn
	unplug func()
	once   sync.Once
}

// Close takes the port out of the machine.
func (c *portConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.unplug)
	return err
}

// unplugLimit is how long QEMU may take to take a port out.
const unplugLimit = 5 * time.Second

// plugPort gives the machine a port, and knocks until somebody in it opens that. The line
// ends when the port is closed there, as it is in a machine that restarts. name is one
// that QEMU has not known before; pause is the time between two knocks.
func (p *process) plugPort(ctx context.Context, name string, pause time.Duration) (_ net.Conn, err error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("make a line into the machine: %w", err)
	}
	defer theirs.Close()
	s, done := newPortState(), make(chan struct{})
	p.ports.Store(name, s)
	c := &portConn{Conn: ours, unplug: func() {
		close(done)
		p.unplug(context.WithoutCancel(ctx), name, s.gone)
	}}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	if err := p.monitor.give(ctx, name, theirs); err != nil {
		return nil, err
	}
	type object = map[string]any
	socket := object{"type": "socket", "data": object{"server": false, "addr": object{"type": "fd", "data": object{"str": name}}}}
	if err := p.monitor.do(ctx, "chardev-add", object{"id": name, "backend": socket}, nil); err != nil {
		return nil, err
	}
	if err := p.addPort(ctx, name, map[string]string{"name": portName, "chardev": name}); err != nil {
		return nil, err
	}
	if err := p.knock(ctx, name, pause, s.opened); err != nil {
		return nil, err
	}
	go func() {
		select {
		case <-s.closed:
			ours.Close() // its reader closes the rest
		case <-done:
		}
	}()
	return c, nil
}

// unplug takes a port out, and the socket behind it. The machine may be off.
func (p *process) unplug(ctx context.Context, name string, gone <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, unplugLimit)
	defer cancel()
	defer p.ports.Delete(name)
	if p.delPort(ctx, name) == nil {
		select { // which holds the socket until then
		case <-gone:
		case <-p.ended:
		case <-ctx.Done():
		}
	}
	_ = p.monitor.do(ctx, "chardev-remove", map[string]string{"id": name}, nil)
}

func (p *process) delPort(ctx context.Context, id string) error {
	return p.monitor.do(ctx, "device_del", map[string]string{"id": id}, nil)
}

func (p *process) addPort(ctx context.Context, id string, options map[string]string) error {
	options["driver"], options["bus"], options["id"] = "virtserialport", portBus+".0", id
	return p.monitor.do(ctx, "device_add", options, nil)
}

// knock plugs ports that are there for their coming alone, until the one that counts is
// opened: the first that comes after the rules for them does it, and nothing here tells when
// a machine has those.
func (p *process) knock(ctx context.Context, name string, pause time.Duration, opened <-chan struct{}) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var kept []string
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unplugLimit)
		defer cancel()
		for _, id := range kept {
			_ = p.delPort(ctx, id) // the machine may be off
		}
	}()
	for i := 0; ; i++ {
		select {
		case <-opened:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		id := fmt.Sprintf("%s-knock-%d", name, i)
		kept = append(kept, id) // QEMU may do what nobody waits for any more
		if err := p.addPort(ctx, id, map[string]string{"name": knockName + fmt.Sprint(i)}); err != nil {
			return err
		}
		if len(kept) > knocksKept {
			if err := p.delPort(ctx, kept[0]); err != nil {
				return err
			}
			kept = kept[1:]
		}
	}
}
