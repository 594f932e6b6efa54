package ssh

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// link keeps one connection to a machine. When that is lost the next caller makes
// another, but only to a machine that has come up anew, or to one that tells it is not
// about to go down: what runs on in a machine that shuts down is lost.
type link struct {
	o      Options
	ctx    context.Context // ends with Close
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	conn   *conn
	dial   *dialing // under way
	boot   string   // which boot the machine was in last; "" when not known
	ask    bool     // a command has ended that may have asked for a reboot
	onConn func(*conn) error
}

// dialing is an attempt to reach the machine again, which all who need it wait for.
type dialing struct {
	done chan struct{}
	err  error // valid after done
}

// begin makes the first connection.
func begin(ctx context.Context, o Options, onConn func(*conn) error) (*link, error) {
	l := &link{o: o, onConn: onConn}
	l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	c, err := l.connect(ctx, false)
	if err == nil {
		if err = onConn(c); err != nil {
			c.close()
		}
	}
	if err != nil {
		l.cancel(err)
		return nil, err
	}
	l.conn = c
	return l, nil
}

// get returns a living connection. The error is machine.ErrUnreachable, or the cause of
// ctx's end.
func (l *link) get(ctx context.Context) (*conn, error) {
	for {
		l.mu.Lock()
		if l.ctx.Err() != nil {
			l.mu.Unlock()
			return nil, context.Cause(l.ctx)
		}
		if l.conn.alive() {
			defer l.mu.Unlock()
			return l.conn, nil
		}
		d := l.dial
		if d == nil {
			d = &dialing{done: make(chan struct{})}
			l.dial = d
			go l.again(d)
		}
		l.mu.Unlock()
		select {
		case <-d.done:
			if d.err != nil {
				return nil, d.err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// again connects to the machine once more, as long as Options.Wait allows.
func (l *link) again(d *dialing) {
	c, err := l.connect(l.ctx, true)
	if err == nil {
		if err = l.onConn(c); err != nil {
			c.close()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dial = nil
	switch {
	case err != nil:
		d.err = fmt.Errorf("%w: %w", machine.ErrUnreachable, err)
	case l.ctx.Err() != nil:
		c.close()
		d.err = context.Cause(l.ctx)
	default:
		l.conn, l.ask = c, false
	}
	close(d.done)
}

const (
	firstPause = 250 * time.Millisecond
	maxPause   = 2 * time.Second
)

// connect tries until it succeeds, until Wait is over, or until trying again does not
// help. again says that the machine was there before.
func (l *link) connect(ctx context.Context, again bool) (*conn, error) {
	began, refusals, said := time.Now(), 0, ""
	for wait := firstPause; ; wait = min(2*wait, maxPause) {
		c, err := l.o.login(ctx)
		if err == nil && again {
			if err = l.returned(ctx, c); err != nil {
				c.close()
			}
		}
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var other *hostKeyError
		if l.o.Wait == 0 || errors.As(err, &other) {
			return nil, err
		}
		var refused *refusedError
		if errors.As(err, &refused) {
			if refusals++; l.o.Refusals > 0 && refusals >= l.o.Refusals && !again {
				return nil, fmt.Errorf("%w; gave up after %d refused logins", err, refusals)
			}
		}
		if l.o.Wait > 0 && time.Since(began)+wait > l.o.Wait {
			return nil, fmt.Errorf("%w; gave up after %s", err, time.Since(began).Round(time.Second))
		}
		if err.Error() != said {
			said = err.Error()
			l.o.Say("Waiting for SSH on %s: %v", l.o.Addr, err)
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// close ends the connection and all that goes on over it.
func (l *link) close() {
	l.cancel(errClosed)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn.close()
}

// ran notes what is known after a command: which boot it ran in, and whether it may
// have asked for a reboot.
func (l *link) ran(boot string, passive bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if boot != "" {
		l.boot = boot
	}
	l.ask = l.ask || !passive
}

// looks tells whether the next command has to look whether the machine goes down, and
// looked that one has, and that it does not.
func (l *link) looks() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ask
}

func (l *link) looked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ask = false
}

// returned asks a machine that was there before whether it has restarted since.
func (l *link) returned(ctx context.Context, c *conn) error {
	l.mu.Lock()
	before := l.boot
	l.mu.Unlock()
	boot, state, err := l.state(ctx, c)
	switch {
	case err != nil:
		return err
	case before == "" || boot == "" || boot != before:
		l.ran(boot, true)
		return nil
	case state == "stopping":
		return errors.New("it is going down")
	case state == "unknown" || state == "":
		return errors.New("it has not restarted yet")
	}
	return nil // the network was away, not the machine
}

// stateLimit bounds one question about the machine's state.
const stateLimit = 15 * time.Second

// state asks over a connection which boot this is, and what the init system says.
func (l *link) state(ctx context.Context, c *conn) (boot, state string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, stateLimit, fmt.Errorf("%s does not tell its state within %s", l.o.Addr, stateLimit))
	defer cancel()
	out, o, err := output(ctx, c, l.o, stateLine, "")
	return o.boot, out, err
}
