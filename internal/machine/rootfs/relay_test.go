package rootfs

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestRelayServesTheMachine, and nobody else who reaches the gateway.
func TestRelayServesTheMachine(t *testing.T) {
	t.Parallel()
	service, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	go func() {
		for {
			c, err := service.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "served")
			c.Close()
		}
	}()
	gateway, machine := netip.MustParseAddr("127.0.0.77"), netip.MustParseAddr("127.0.0.78")
	to := netip.MustParseAddrPort(service.Addr().String())
	r, err := relay(gateway, machine, []forward{{to.Port(), to}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for from, want := range map[string]string{machine.String(): "served", "127.0.0.79": ""} {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
		c, err := d.Dial("tcp", netip.AddrPortFrom(gateway, to.Port()).String())
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(c)
		c.Close()
		if string(text) != want {
			t.Errorf("%s gets %q, want %q", from, text, want)
		}
	}
}

// TestRelayOfTakenPorts leaves to the host what it serves there itself.
func TestRelayOfTakenPorts(t *testing.T) {
	t.Parallel()
	taken, err := net.ListenPacket("udp", "127.0.0.80:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	r := &relays{machine: netip.MustParseAddr("127.0.0.81")}
	defer r.Close()
	at := netip.MustParseAddrPort(taken.LocalAddr().String())
	if err := r.udp(at, at); err != nil || len(r.closers) > 0 {
		t.Errorf("relay to a port that is taken: %v", err)
	}
	if err := r.tcp(at, at); err != nil || len(r.closers) != 1 {
		t.Errorf("relay to a port that is free: %v", err)
	}
}
