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
// image holds: the line begins here and ends with what portUnit starts in the machine.
const (
	portBus   = "proofmark-ports"
	portName  = "proofmark"
	knockName = "proofmark-knock"
)

// knockPause is the time between two knocks.
const knockPause = time.Second

// portState is what QEMU tells of a port: whether somebody in the machine has it open.
type portState struct {
	begin, end     sync.Once
	opened, closed chan struct{} // closed in that order
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
// that QEMU has not known before.
func (p *process) plugPort(ctx context.Context, name string) (_ net.Conn, err error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("make a line into the machine: %w", err)
	}
	defer theirs.Close()
	s := &portState{opened: make(chan struct{}), closed: make(chan struct{})}
	p.ports.Store(name, s)
	done := make(chan struct{})
	c := &portConn{Conn: ours, unplug: func() {
		close(done)
		p.ports.Delete(name)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unplugLimit)
		defer cancel()
		for _, command := range []string{"device_del", "chardev-remove"} {
			_ = p.monitor.do(ctx, command, map[string]string{"id": name}, nil) // the machine may be off
		}
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
	if err := p.knock(ctx, name, s.opened); err != nil {
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

func (p *process) addPort(ctx context.Context, id string, options map[string]string) error {
	options["driver"], options["bus"], options["id"] = "virtserialport", portBus+".0", id
	return p.monitor.do(ctx, "device_add", options, nil)
}

// knock plugs ports that are there for their coming alone, until the one that counts is
// opened: the first that comes after the rules for them does it, and nothing here tells when
// a machine has those.
func (p *process) knock(ctx context.Context, name string, opened <-chan struct{}) (err error) {
	tick := time.NewTicker(knockPause)
	defer tick.Stop()
	last := ""
	defer func() {
		if last != "" {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unplugLimit)
			defer cancel()
			_ = p.monitor.do(ctx, "device_del", map[string]string{"id": last}, nil) // the machine may be off
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
		before := last
		last = fmt.Sprintf("%s-knock-%d", name, i)
		if err := p.addPort(ctx, last, map[string]string{"name": knockName}); err != nil {
			return err
		}
		if before != "" {
			if err := p.monitor.do(ctx, "device_del", map[string]string{"id": before}, nil); err != nil {
				return err
			}
		}
	}
}
