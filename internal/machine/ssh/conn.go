package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// conn is one connection that is logged in. It ends once, for one reason, and never
// comes back.
type conn struct {
	client *ssh.Client
	below  *conn // the jump host's
	key    ssh.Signer
	slots  slots

	once sync.Once
	gone chan struct{} // closed when it has ended
	why  error         // valid after gone
}

// watched notes when the last byte came.
type watched struct {
	net.Conn
	last atomic.Int64 // Unix nanoseconds
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.last.Store(time.Now().UnixNano())
	}
	return n, err
}

func newConn(client *ssh.Client, w *watched, below *conn, key ssh.Signer, o Options) *conn {
	c := &conn{client: client, below: below, key: key, gone: make(chan struct{})}
	go func() {
		err := client.Wait()
		if err == nil {
			err = errors.New("the machine closed the connection")
		}
		c.end(err)
	}()
	if o.KeepAlive > 0 {
		go c.keepAlive(w, o)
	}
	return c
}

// keepAlive asks the machine whether it is there, and ends the connection when it is
// silent. Any byte counts, since an answer may wait behind much output.
func (c *conn) keepAlive(w *watched, o Options) {
	answered := make(chan struct{}, 1)
	ask := func() {
		if _, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
			answered <- struct{}{}
		}
	}
	tick := time.NewTicker(o.KeepAlive)
	defer tick.Stop()
	asked := time.Now()
	go ask()
	waiting := true
	for {
		select {
		case <-c.gone:
			return
		case <-answered:
			waiting = false
		case now := <-tick.C:
			since := asked
			if last := time.Unix(0, w.last.Load()); last.After(since) {
				since = last
			}
			if waiting && now.Sub(since) > o.deadAfter() {
				c.end(fmt.Errorf("nothing came from %s for %s", o.Addr, now.Sub(since).Round(time.Second)))
				return
			}
			if !waiting {
				asked, waiting = now, true
				go ask()
			}
		}
	}
}

// end closes the connection for a reason; only the first counts.
func (c *conn) end(why error) {
	c.once.Do(func() {
		c.why = why
		close(c.gone)
		c.client.Close() // what is blocked in it returns
		if c.below != nil {
			c.below.close()
		}
	})
}

var errClosed = errors.New("closed")

func (c *conn) close() { c.end(errClosed) }

func (c *conn) alive() bool {
	select {
	case <-c.gone:
		return false
	default:
		return true
	}
}

// lost is the error of what was under way when the connection ended.
func (c *conn) lost() error {
	<-c.gone
	return fmt.Errorf("%w: %w", machine.ErrDisconnected, c.why)
}

// open opens a channel. While the server takes no more of them it waits until one of
// ours is closed. The error is errNoChannel when nothing has reached the machine
// because the connection has ended.
func (c *conn) open(ctx context.Context) (*channel, error) {
	deadline := time.Now().Add(slotPatience)
	for {
		held, err := c.slots.take(ctx, c.gone)
		if err != nil {
			return nil, c.noChannel(ctx, err)
		}
		ch, reqs, err := c.openChannel(ctx)
		if err == nil {
			return newChannel(c, ch, reqs), nil
		}
		var refused *ssh.OpenChannelError
		full := errors.As(err, &refused)
		c.slots.give(full)
		switch {
		case !full:
			return nil, c.noChannel(ctx, err)
		case held > 1:
			// One of the others will end.
		case time.Now().After(deadline):
			return nil, fmt.Errorf("the machine takes no session: %w", err)
		default:
			// It has not noticed the end of our last one, or somebody else is served.
			if err := pause(ctx, slotPause); err != nil {
				return nil, err
			}
		}
	}
}

func (c *conn) openChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		ch, reqs, err := c.client.OpenChannel("session", nil)
		done <- opened{ch, reqs, err}
	}()
	select {
	case o := <-done:
		return o.ch, o.reqs, o.err
	case <-ctx.Done():
		go func() { // close it when it comes after all
			if o := <-done; o.err == nil {
				go ssh.DiscardRequests(o.reqs)
				o.ch.Close()
			}
		}()
		return nil, nil, context.Cause(ctx)
	}
}

// errNoChannel says that a connection had ended before anything was sent.
var errNoChannel = errors.New("connection has ended")

// noChannel says why there is none. The package may tell of a broken connection here
// before Wait does.
func (c *conn) noChannel(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.end(err)
	return fmt.Errorf("%w: %w", errNoChannel, c.why)
}

// pause returns the cause of ctx's end when that comes first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
