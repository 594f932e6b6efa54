package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// connection is the one that all communicators of a machine share. It ends with the
// machine, which would else be awaited as after a restart.
type connection struct {
	machine.Communicator
	ctx  context.Context // done when the machine is off
	off  context.CancelCauseFunc
	done chan struct{}

	probe string // what ProbeLine gives
}

var _ machine.Attended = (*connection)(nil)

func newConnection(c machine.Communicator, ended <-chan struct{}) *connection {
	ctx, off := context.WithCancelCause(context.Background())
	k := &connection{Communicator: c, ctx: ctx, off: off, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		select {
		case <-ended:
			off(fmt.Errorf("%w: the machine is off", machine.ErrDisconnected))
		case <-ctx.Done():
		}
	}()
	return k
}

// handOver gives the connection to the machine that goes on from this one; nobody who has
// it from this one can use it any more.
func (k *connection) handOver(ended <-chan struct{}) *connection {
	k.off(errConsumed)
	<-k.done
	return newConnection(k.Communicator, ended)
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

// because names the machine's end where that is why something failed.
func (k *connection) because(err error) error {
	if err != nil && k.ctx.Err() != nil && !errors.Is(err, machine.ErrDisconnected) {
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
	return exit, k.because(err)
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
