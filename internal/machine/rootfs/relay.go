package rootfs

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// relays let one machine through to single services on the host's loopback. They
// live in this process: a machine that is kept after it has lost them.
type relays struct {
	machine netip.Addr
	closers []io.Closer
	ports   []string // that it listens on, as machine.Surroundings has them
	wg      sync.WaitGroup
}

// relay listens on the gateway for each forward, and serves the machine alone: the
// gateway is an address of the host, which its neighbours may reach too. A port
// that is taken there is served by the host on all its addresses: the machine
// reaches it without help.
func relay(gateway, machine netip.Addr, list []forward) (*relays, error) {
	r := &relays{machine: machine}
	for _, f := range list {
		at := netip.AddrPortFrom(gateway, f.port)
		err := r.tcp(at, f.to)
		if err == nil && f.port == dnsPort {
			err = r.udp(at, f.to)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("relay %s: %w", f.to, err), r.Close())
		}
	}
	return r, nil
}

func (r *relays) tcp(at, to netip.AddrPort) error {
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil
	}
	if err != nil {
		return err
	}
	r.closers = append(r.closers, l)
	r.ports = append(r.ports, "tcp:"+at.String())
	r.wg.Go(func() { r.serveTCP(l, to) })
	return nil
}

func (r *relays) udp(at, to netip.AddrPort) error {
	l, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil
	}
	if err != nil {
		return err
	}
	r.closers = append(r.closers, l)
	r.ports = append(r.ports, "udp:"+at.String())
	r.wg.Go(func() { r.serveUDP(l, to) })
	return nil
}

// serves tells whether an address is the machine's.
func (r *relays) serves(from netip.AddrPort) bool { return from.Addr().Unmap() == r.machine }

// Close stops listening. Connections that are open end with their peers.
func (r *relays) Close() error {
	var errs []error
	for _, c := range r.closers {
		errs = append(errs, c.Close())
	}
	r.wg.Wait()
	return errors.Join(errs...)
}

func (r *relays) serveTCP(l *net.TCPListener, to netip.AddrPort) {
	for {
		in, err := l.AcceptTCP()
		if err != nil {
			return // closed
		}
		go func() {
			defer in.Close()
			if from, ok := in.RemoteAddr().(*net.TCPAddr); !ok || !r.serves(from.AddrPort()) {
				return
			}
			out, err := net.DialTimeout("tcp", to.String(), 10*time.Second)
			if err != nil {
				return
			}
			defer out.Close()
			done := make(chan struct{}, 2)
			pipe := func(dst, src net.Conn) {
				_, _ = io.Copy(dst, src) // either side may go away at any time
				if c, ok := dst.(*net.TCPConn); ok {
					_ = c.CloseWrite()
				}
				done <- struct{}{}
			}
			go pipe(out, in)
			go pipe(in, out)
			<-done
			<-done
		}()
	}
}

// serveUDP relays name queries: one answer to each.
func (r *relays) serveUDP(l *net.UDPConn, to netip.AddrPort) {
	const maxMessage = 64 << 10
	buf := make([]byte, maxMessage)
	for {
		n, from, err := l.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || !r.serves(from) {
			continue // an ICMP error of an earlier answer, or somebody else
		}
		query := append([]byte(nil), buf[:n]...)
		go func() {
			out, err := net.Dial("udp", to.String())
			if err != nil {
				return
			}
			defer out.Close()
			_ = out.SetDeadline(time.Now().Add(10 * time.Second))
			answer := make([]byte, maxMessage)
			if _, err := out.Write(query); err != nil {
				return
			}
			if n, err := out.Read(answer); err == nil {
				_, _ = l.WriteToUDPAddrPort(answer[:n], from) // lost answers are asked for again
			}
		}()
	}
}
