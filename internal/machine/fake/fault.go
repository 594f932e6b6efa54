package fake

import (
	"context"
	"fmt"
)

// Operations that a Fault is asked about. OpMade comes after a machine's files
// were written and before its id is known; OpRunDone after a command has run and
// before its status is returned: what fails there has happened nevertheless.
const (
	OpFingerprint = "fingerprint"
	OpStart       = "start"
	OpMade        = "made"
	OpConnect     = "connect"
	OpRun         = "run"
	OpRunDone     = "run-done"
	OpPut         = "put"
	OpGet         = "get"
	OpSnapshot    = "snapshot"
	OpRestore     = "restore"
	OpDiscard     = "discard"
	OpGate        = "gate"
	OpSeal        = "seal"
	OpCapture     = "capture"
	OpComplete    = "complete"
	OpBoot        = "boot"
	OpBootDisk    = "boot-disk"
	OpPublish     = "publish"
	OpClose       = "close"
)

// Call is one thing that the builder is about to do.
type Call struct {
	Op   string
	N    int    // counts from 1 for each Op, over all machines of the builder
	Line string // OpRun, OpRunDone: the command line
	// OpPut, OpGet: the file; OpRestore, OpDiscard: the layer; OpBoot, OpBootDisk, OpComplete,
	// OpPublish: the image; OpCapture: its version before
	Path string
}

// FailNth returns a Fault that fails the nth call of an operation; n == 0: every one.
func FailNth(op string, n int, err error) func(context.Context, Call) error {
	return func(_ context.Context, c Call) error {
		if c.Op == op && (n == 0 || c.N == n) {
			return err
		}
		return nil
	}
}

// fault counts the call and asks Config.Fault. A ctx that is done is a fault.
func (b *Builder) fault(ctx context.Context, c Call) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", c.Op, err)
	}
	b.mu.Lock()
	b.calls[c.Op]++
	c.N = b.calls[c.Op]
	b.mu.Unlock()
	if b.config.Fault == nil {
		return nil
	}
	if err := b.config.Fault(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", c.Op, err)
	}
	return nil
}

// Calls returns how often an operation was begun.
func (b *Builder) Calls(op string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[op]
}
