package ssh

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire leads to a server and can be cut or frozen, now or after a number of bytes from
// the server.
type wire struct {
	addr string

	mu     sync.Mutex
	frozen bool
	thaw   chan struct{}
	conns  []net.Conn
}

// startWire: with after >= 0 every connection freezes once so many bytes have come from
// the server, or is cut there.
func startWire(t testing.TB, to string, after int64, cut bool) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), thaw: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				from.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, from, server)
			w.mu.Unlock()
			all.Go(func() {
				w.pass(server, from)
				server.Close()
			})
			all.Go(func() {
				if after >= 0 {
					_, _ = io.CopyN(from, server, after)
					if !cut {
						<-w.thaw
					}
				} else {
					w.pass(from, server)
				}
				from.Close()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		close(w.thaw)
		w.cut()
		all.Wait()
	})
	return w
}

// pass copies until one side ends or the wire freezes.
func (w *wire) pass(to, from net.Conn) {
	buf := make([]byte, 4<<10)
	for {
		n, err := from.Read(buf)
		w.mu.Lock()
		frozen := w.frozen
		w.mu.Unlock()
		if frozen {
			<-w.thaw
			return
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// freeze lets nothing through any more, and closes nothing: a network that is gone.
func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen = true
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}
