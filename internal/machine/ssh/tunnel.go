package ssh

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Tunnel leads connections to a port of one side to an address of the other.
type Tunnel struct {
	Port int    // where it listens, on the loopback
	Addr string // host:port where connections go
}

// ParseTunnel reads port:host:port.
func ParseTunnel(s string) (Tunnel, error) {
	listen, addr, ok := strings.Cut(s, ":")
	if !ok {
		return Tunnel{}, errors.New("is not of the form port:host:port")
	}
	port, err := parsePort(listen)
	if err != nil {
		return Tunnel{}, err
	}
	_, to, err := net.SplitHostPort(addr)
	if err != nil {
		return Tunnel{}, fmt.Errorf("%q is not of the form host:port", addr)
	}
	if _, err := parsePort(to); err != nil {
		return Tunnel{}, err
	}
	return Tunnel{port, addr}, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no port: ports are 1 to 65535", s)
	}
	return int(n), nil
}

func checkTunnels(option string, tunnels []string) error {
	for _, t := range tunnels {
		if t == "" {
			continue // not known yet
		}
		if _, err := ParseTunnel(t); err != nil {
			return template.At(option, fmt.Errorf("tunnel %q: %w", t, err))
		}
	}
	return nil
}
