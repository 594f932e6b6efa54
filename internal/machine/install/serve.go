package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Server offers files to a machine that is installed.
type Server struct {
	Port int
	stop func() error
}

// Given tells whether there is anything to offer.
func (c HTTP) Given() bool { return c.Directory != "" || len(c.Content) > 0 }

// Serve starts the server on a free port of the range. Where the template names no
// address it listens on fallback.
func (c HTTP) Serve(ctx context.Context, fallback string) (*Server, error) {
	network := c.Protocol
	switch network {
	case "":
		network = "tcp"
	case "unix", "unixpacket":
		return nil, fmt.Errorf("offer files by HTTP: a machine does not reach a socket of this host: http_network_protocol = %q cannot be used", network)
	}
	address := c.BindAddress
	if address == "" {
		address = fallback
	}
	l, err := listenWithin(ctx, network, address, c.PortMin, c.PortMax)
	if err != nil {
		return nil, fmt.Errorf("offer files by HTTP: %w", err)
	}
	s := &http.Server{Handler: c.handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	port := l.Addr().(*net.TCPAddr).Port
	return &Server{Port: port, stop: func() error { err := s.Close(); <-done; return err }}, nil
}

// Close ends the server, what it is sending included. It may be called on nil.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	return s.stop()
}

func (c HTTP) handler() http.Handler {
	if c.Directory != "" {
		return http.FileServer(http.Dir(c.Directory))
	}
	content := map[string]string{}
	for name, text := range c.Content {
		content[path.Clean("/"+name)] = text
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := content[path.Clean("/"+r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, r.URL.Path, time.Time{}, strings.NewReader(text))
	})
}

// listenWithin listens on a free port, tried from a random one on, so that builds that
// begin together do not all want the same.
func listenWithin(ctx context.Context, network, address string, lowest, highest int) (net.Listener, error) {
	n := highest - lowest + 1
	if n < 1 {
		return nil, fmt.Errorf("there is no port from %d to %d", lowest, highest)
	}
	first := rand.IntN(n)
	var lc net.ListenConfig
	for i := range n {
		port := lowest + (first+i)%n
		l, err := lc.Listen(ctx, network, net.JoinHostPort(address, strconv.Itoa(port)))
		if err == nil {
			return l, nil
		}
		if !errors.Is(err, unix.EADDRINUSE) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("every port from %d to %d is in use: give a wider range", lowest, highest)
}

// FreePorts lists the ports of a range that nobody listens on at the address, from a
// random one on. Somebody else may take one before it is used.
func FreePorts(ctx context.Context, address string, lowest, highest int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		n := highest - lowest + 1
		if n < 1 {
			return
		}
		first := rand.IntN(n)
		var lc net.ListenConfig
		for i := range n {
			port := lowest + (first+i)%n
			l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
			if err != nil {
				continue
			}
			_ = l.Close()
			if !yield(port) {
				return
			}
		}
	}
}

var _ io.Closer = (*Server)(nil)
