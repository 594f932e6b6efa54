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
	closers []io.Closer
	wg      sync.WaitGroup
}

// relay listens for each forward, on an address that the machine knows as its
// gateway. A port that is taken there is served by the host on all its addresses:
// the machine reaches it without help.
func relay(gateway netip.Addr, list []forward) (*relays, error) {
	r := &relays{}
	for _, f := range list {
		at := netip.AddrPortFrom(gateway, f.port)
		l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("relay %s: %w", f.to, err), r.Close())
		}
		r.closers = append(r.closers, l)
		r.wg.Go(func() { r.serveTCP(l, f.to) })
		if f.port != dnsPort {
			continue
		}
		u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("relay %s: %w", f.to, err), r.Close())
		}
		r.closers = append(r.closers, u)
		r.wg.Go(func() { serveUDP(u, f.to) })
	}
	return r, nil
}

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
func serveUDP(l *net.UDPConn, to netip.AddrPort) {
	const maxMessage = 64 << 10
	buf := make([]byte, maxMessage)
	for {
		n, from, err := l.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier answer
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
