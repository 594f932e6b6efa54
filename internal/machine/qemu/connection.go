package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// connection is the one that all communicators of a machine share. It ends with the
// machine, which would else be awaited as after a restart, and when that stands still.
type connection struct {
	machine.Communicator
	ctx  context.Context // done when the machine is off, or stands still
	off  context.CancelCauseFunc
	done chan struct{}
	p    *process

	probe string // what ProbeLine gives
}

var _ machine.Attended = (*connection)(nil)

func newConnection(c machine.Communicator, p *process) *connection {
	ctx, off := context.WithCancelCause(context.Background())
	k := &connection{Communicator: c, ctx: ctx, off: off, done: make(chan struct{}), p: p}
	go func() {
		defer close(k.done)
		select {
		case <-p.ended:
			off(fmt.Errorf("%w: the machine is off", machine.ErrDisconnected))
		case <-p.stuck.is:
			off(p.stuck.why)
		case <-ctx.Done():
		}
	}()
	return k
}

// handOver gives the connection to the machine that goes on from this one; nobody who has
// it from this one can use it any more.
func (k *connection) handOver(p *process) *connection {
	k.off(errConsumed)
	<-k.done
	return newConnection(k.Communicator, p)
}

// end closes the connection for all.
func (k *connection) end() {
	k.off(errClosed)
	<-k.done
	_ = k.Communicator.Close() // what it cannot say to a machine that is gone does not matter
}

// bound gives a context that ends with the machine, too.
func (k *connection) bound(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(k.ctx, func() { cancel(context.Cause(k.ctx)) })
	return ctx, func() { stop(); cancel(nil) }
}

// offLimit is how long a machine may take from the end of its connections to its own.
const offLimit = 500 * time.Millisecond

// because names the machine's end where that is why something failed.
func (k *connection) because(err error) error {
	if errors.Is(err, machine.ErrDisconnected) || errors.Is(err, machine.ErrUnreachable) {
		select {
		case <-k.p.ended:
			err = fmt.Errorf("the machine is off: %w", err)
		case <-k.p.stuck.is:
			return fmt.Errorf("%w (%v)", k.p.stuck.why, err)
		case <-time.After(offLimit):
		}
		return err
	}
	if err != nil && k.ctx.Err() != nil && !errors.Is(err, context.Cause(k.ctx)) {
		return fmt.Errorf("%w (%w)", context.Cause(k.ctx), err)
	}
	return err
}

// ProbeLine implements machine.Attended.
func (k *connection) ProbeLine() string { return k.probe }

func (k *connection) Run(ctx context.Context, cmd machine.Command) (int, error) {
	ctx, done := k.bound(ctx)
	defer done()
	exit, err := k.Communicator.Run(ctx, cmd)
	if err = k.because(err); errors.Is(err, machine.ErrDisconnected) && !cmd.Passive {
		err = k.withConsole(err)
	}
	return exit, err
}

// withConsole adds to an error what the console of a machine says that is lost: its kernel may
// have had last words.
func (k *connection) withConsole(err error) error {
	if said := lastLines(plain(end(k.p.console, tailBytes))); said != "" {
		err = fmt.Errorf("%w\nits console (%s) ends with:\n%s", err, k.p.console, said)
	}
	return err
}

func (k *connection) Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error {
	ctx, done := k.bound(ctx)
	defer done()
	return k.because(k.Communicator.Put(ctx, path, mode, r))
}

func (k *connection) Get(ctx context.Context, path string, w io.Writer) error {
	ctx, done := k.bound(ctx)
	defer done()
	return k.because(k.Communicator.Get(ctx, path, w))
}

// shared is a connection that its machine closes.
type shared struct{ *connection }

var _ machine.Endpointer = shared{}

func (shared) Close() error { return nil }

// Endpoint is for programs that speak SSH themselves.
func (s shared) Endpoint() (addr, user string, key gossh.Signer) {
	if e, ok := s.Communicator.(machine.Endpointer); ok {
		return e.Endpoint()
	}
	return "", "", nil
}
