package rootfs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// life keeps a machine running: it starts the guest again after a reboot that
// came from inside. It is safe for concurrent use.
type life struct {
	start func(ctx context.Context) (*guest, error)

	mu       sync.Mutex
	g        *guest // nil while it is down
	err      error  // why it does not come back
	stopping bool
	changed  chan struct{} // closed and replaced when g or err changes
	asked    bool          // no command has ended since the guest was seen not to be going down
}

// Limits of waiting for an init system. systemd gives each unit 90 s to stop before
// it kills it, and units that come after each other add up; three of them in a row
// are a machine that is slow, not one that hangs.
const (
	stopLimit     = 90 * time.Second
	bootLimit     = 90 * time.Second
	powerOffLimit = 3*stopLimit + 30*time.Second
	rebootLimit   = powerOffLimit
)

// begin starts the guest for the first time.
func begin(ctx context.Context, start func(ctx context.Context) (*guest, error)) (*life, error) {
	g, err := start(ctx)
	if err != nil {
		return nil, err
	}
	l := &life{start: start, g: g, changed: make(chan struct{})}
	go l.watch(g)
	return l, nil
}

// watch waits for the end of a guest, and starts another when it asked for that.
func (l *life) watch(g *guest) {
	<-g.end.exited
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.g != g || l.stopping {
		return
	}
	g.letGo()
	l.set(nil, nil)
	if !g.end.reboot {
		l.set(nil, fmt.Errorf("%w: it went down", machine.ErrDisconnected))
		return
	}
	go l.again()
}

// again starts the guest after a reboot.
func (l *life) again() {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopping {
		return
	}
	g, err := l.start(ctx)
	if err != nil {
		l.set(nil, fmt.Errorf("%w: it did not come up again: %w", machine.ErrDisconnected, err))
		return
	}
	l.set(g, nil)
	go l.watch(g)
}

func (l *life) set(g *guest, err error) {
	l.g, l.err, l.asked = g, err, false
	close(l.changed)
	l.changed = make(chan struct{})
}

// guest returns the running guest, waiting while it boots.
func (l *life) guest(ctx context.Context) (*guest, error) {
	for {
		l.mu.Lock()
		g, err, changed := l.g, l.err, l.changed
		l.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if g == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
		// An init system that never says it is up may still be of use, and is waited
		// for once.
		limit := time.NewTimer(time.Until(g.began.Add(bootLimit)))
		select {
		case <-g.ready:
			limit.Stop()
			return g, nil
		case <-limit.C:
			return g, nil
		case <-g.end.exited:
			limit.Stop()
			select {
			case <-changed:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		case <-ctx.Done():
			limit.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// settled returns the running guest when it is not about to go down: a command
// that asked for a reboot has returned before anything is to be seen of it.
func (l *life) settled(ctx context.Context, leaving func(context.Context, *guest) bool) (*guest, error) {
	for {
		g, err := l.guest(ctx)
		if err != nil || !g.booted {
			return g, err
		}
		l.mu.Lock()
		asked := l.asked
		l.mu.Unlock()
		if asked || !leaving(ctx, g) {
			l.mu.Lock()
			if l.g == g {
				l.asked = true
			}
			l.mu.Unlock()
			return g, nil
		}
		if err := l.gone(ctx, g); err != nil {
			return nil, err
		}
	}
}

// ask makes the next settled look again: a command has ended.
func (l *life) ask() {
	l.mu.Lock()
	l.asked = false
	l.mu.Unlock()
}

// gone waits until a guest that is going down has gone.
func (l *life) gone(ctx context.Context, g *guest) error {
	ctx, cancel := context.WithTimeoutCause(ctx, rebootLimit,
		fmt.Errorf("%w: it is going down and has not gone after %s", machine.ErrDisconnected, rebootLimit))
	defer cancel()
	for {
		l.mu.Lock()
		now, changed := l.g, l.changed
		l.mu.Unlock()
		if now != g {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// stop keeps the guest from being started again, and lets its init system shut
// down first if clean is set. The caller kills what is left; an error says that
// this is more than nothing, and the files are as a power cut leaves them.
func (l *life) stop(ctx context.Context, clean bool) error {
	l.mu.Lock()
	l.stopping = true
	g := l.g
	l.mu.Unlock()
	if g == nil || !clean || !g.booted {
		return nil
	}
	return g.powerOff(ctx, powerOffLimit)
}

// now returns the guest if it runs.
func (l *life) now() *guest {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.g
}

// end tells everybody who waits that the machine is off. Its processes are gone.
func (l *life) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.g != nil {
		l.g.letGo()
	}
	l.set(nil, fmt.Errorf("%w: it is off", machine.ErrDisconnected))
}
