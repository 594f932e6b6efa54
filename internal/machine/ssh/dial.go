package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/net/proxy"
)

// login makes one connection and logs in, within o.ConnectTimeout. The error is a
// *refusedError or a *hostKeyError where the machine was reached.
func (o Options) login(ctx context.Context) (*conn, error) {
	limited, cancel := context.WithTimeoutCause(ctx, o.ConnectTimeout,
		fmt.Errorf("%s does not answer within %s", o.Addr, o.ConnectTimeout))
	defer cancel()
	c, err := o.attempt(limited)
	if err != nil && limited.Err() != nil && (errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), net.ErrClosed.Error())) {
		return nil, context.Cause(limited) // it was closed by us for that reason
	}
	if err != nil && limited.Err() != nil {
		return nil, fmt.Errorf("%w (%w)", context.Cause(limited), err)
	}
	return c, err
}

func (o Options) attempt(ctx context.Context) (*conn, error) {
	transport, below, err := o.transport(ctx)
	if err != nil {
		return nil, err
	}
	w := &watched{Conn: transport}
	client, cred, err := o.handshake(ctx, w)
	if err != nil {
		transport.Close()
		if below != nil {
			below.close()
		}
		return nil, err
	}
	return newConn(client, w, below, cred.last, o), nil
}

// transport reaches the machine. below is the connection that the bytes go through,
// if they do: it ends with the one above it.
func (o Options) transport(ctx context.Context) (c net.Conn, below *conn, err error) {
	direct := &net.Dialer{KeepAlive: 15 * time.Second}
	switch {
	case o.Transport != nil:
		if c, err = o.Transport(ctx); err != nil {
			return nil, nil, fmt.Errorf("reach %s: %w", o.Addr, err)
		}
		return c, nil, nil
	case o.Via != nil:
		if below, err = o.Via.attempt(ctx); err != nil {
			return nil, nil, fmt.Errorf("jump host: %w", err)
		}
		if c, err = below.client.DialContext(ctx, "tcp", o.Addr); err != nil {
			below.close()
			return nil, nil, fmt.Errorf("connect to %s through %s: %w", o.Addr, o.Via.Addr, err)
		}
		return c, below, nil
	case o.Proxy != nil:
		var auth *proxy.Auth
		if o.Proxy.User != "" {
			auth = &proxy.Auth{User: o.Proxy.User, Password: o.Proxy.Password}
		}
		d, err := proxy.SOCKS5("tcp", o.Proxy.Addr, auth, direct)
		if err != nil {
			return nil, nil, fmt.Errorf("use proxy %s: %w", o.Proxy.Addr, err)
		}
		if c, err = d.(proxy.ContextDialer).DialContext(ctx, "tcp", o.Addr); err != nil {
			return nil, nil, fmt.Errorf("connect to %s through proxy %s: %w", o.Addr, o.Proxy.Addr, err)
		}
		return c, nil, nil
	}
	if c, err = direct.DialContext(ctx, "tcp", o.Addr); err != nil {
		return nil, nil, fmt.Errorf("connect to %s: %w", o.Addr, err)
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetNoDelay(true) // a keystroke or a small question must not wait for the answer to the last
	}
	return c, nil, nil
}

// handshake agrees on keys and logs in. A connection without deadlines, as one through
// a jump host is, ends by being closed.
func (o Options) handshake(ctx context.Context, w net.Conn) (*ssh.Client, *credentials, error) {
	stop := context.AfterFunc(ctx, func() { w.Close() })
	defer stop()
	cred := newCredentials(o.Auth)
	defer cred.close()
	algorithms, err := o.HostKeys.algorithms(o.KnownAs)
	if err != nil {
		return nil, nil, err
	}
	var wrong error // why its host key was not taken: the package hides that in a text
	config := &ssh.ClientConfig{
		User: o.User,
		Auth: cred.methods(),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			wrong = o.HostKeys.check(o.KnownAs, key)
			return wrong
		},
		HostKeyAlgorithms: algorithms,
		ClientVersion:     "SSH-2.0-Proofmark",
	}
	config.Ciphers, config.KeyExchanges = o.Ciphers, o.KeyExchanges
	cc, chans, reqs, err := ssh.NewClientConn(w, o.Addr, config)
	switch {
	case wrong != nil:
		return nil, nil, wrong
	case err == nil && !stop():
		cc.Close()
		return nil, nil, context.Cause(ctx)
	case err == nil:
		return ssh.NewClient(cc, chans, reqs), cred, nil
	case refusal(err):
		return nil, nil, cred.refused(o.User, o.Addr)
	}
	return nil, nil, fmt.Errorf("talk to %s: %w", o.Addr, explain(err))
}

// refusal tells whether the machine was reached and did not let in. The package has
// no type for it. A server that has seen enough wrong keys hangs up.
func refusal(err error) bool {
	text := err.Error()
	return strings.Contains(text, "unable to authenticate") || strings.Contains(text, "Too many authentication failures")
}

// explain adds what to do to what the package says.
func explain(err error) error {
	var none *ssh.AlgorithmNegotiationError
	if errors.As(err, &none) {
		return fmt.Errorf("%w; ssh_ciphers and ssh_key_exchange_algorithms choose what is offered", err)
	}
	return err
}
