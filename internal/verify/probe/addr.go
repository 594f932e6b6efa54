package probe

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

func addr(ctx context.Context, q Question) (*Addr, error) {
	limit, err := timeoutOf(q, 500*time.Millisecond)
	if err != nil {
		return nil, err
	}
	network, address, ok := strings.Cut(q.Name, "://")
	if !ok {
		network, address = "tcp", q.Name
	}
	d := net.Dialer{Timeout: limit}
	local := q.Args["local-address"]
	switch {
	case strings.HasPrefix(network, "tcp"):
		if local != "" {
			d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(local)}
		}
	case strings.HasPrefix(network, "udp"):
		if local != "" {
			d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(local)}
		}
	default:
		return nil, fmt.Errorf("read address %q: unknown protocol %q, want tcp or udp", q.Name, network)
	}
	if local != "" && net.ParseIP(local) == nil {
		return nil, fmt.Errorf("read local address %q: not an IP address", local)
	}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return &Addr{Err: err.Error()}, nil
	}
	c.Close()
	return &Addr{Reachable: true}, nil
}
