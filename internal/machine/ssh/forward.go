package ssh

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh/agent"
)

// tunnels carry connections between ports of one side and addresses of the other. A
// local port stays open while the machine is away; connections to it then end at once.
type tunnels struct {
	o     Options
	local []net.Listener

	mu   sync.Mutex
	conn *conn
}

// listen opens the local ports.
func listen(o Options) (*tunnels, error) {
	t := &tunnels{o: o}
	for _, way := range o.Local {
		l, err := net.Listen("tcp", loopback(way.Port))
		if err != nil {
			t.close()
			return nil, fmt.Errorf("open ssh_local_tunnels port %d: %w", way.Port, err)
		}
		t.local = append(t.local, l)
		go accept(l, func(c net.Conn) {
			t.mu.Lock()
			conn := t.conn
			t.mu.Unlock()
			if conn == nil {
				c.Close()
				return
			}
			join(c, func() (net.Conn, error) { return conn.client.Dial("tcp", way.Addr) })
		})
	}
	return t, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// use leads everything over a new connection: the machine's ports are opened there.
func (t *tunnels) use(c *conn) error {
	t.mu.Lock()
	t.conn = c
	t.mu.Unlock()
	if t.o.ForwardAgent != "" {
		_ = agent.ForwardToRemote(c.client, t.o.ForwardAgent) // only a second time fails
	}
	for _, way := range t.o.Remote {
		l, err := c.client.Listen("tcp", loopback(way.Port))
		if err != nil {
			return fmt.Errorf("the machine does not open port %d (ssh_remote_tunnels): %w", way.Port, err)
		}
		go accept(l, func(from net.Conn) {
			join(from, func() (net.Conn, error) { return net.Dial("tcp", way.Addr) })
		})
	}
	return nil
}

func (t *tunnels) close() {
	for _, l := range t.local {
		l.Close()
	}
}

func accept(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go serve(c)
	}
}

// join copies between a connection and the one that dial makes, until both directions
// have ended.
func join(a net.Conn, dial func() (net.Conn, error)) {
	defer a.Close()
	b, err := dial()
	if err != nil {
		return
	}
	defer b.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		pour(b, a)
	}()
	pour(a, b)
	<-done
}

// pour copies until the end and passes that on.
func pour(to, from net.Conn) {
	_, err := io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
		_ = half.CloseWrite()
		return
	}
	to.Close()
}
