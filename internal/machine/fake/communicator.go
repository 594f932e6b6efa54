package fake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// communicator is a connection to a machine. A machine that was rebooted comes up
// at the next call.
type communicator struct {
	machine *Machine
	closed  atomic.Bool
}

// enter returns the machine's present life.
func (c *communicator) enter(ctx context.Context, call Call) (*life, error) {
	if c.closed.Load() {
		return nil, errors.New("communicator is closed")
	}
	if err := c.machine.builder.fault(ctx, call); err != nil {
		return nil, err
	}
	return c.machine.on(ctx)
}

func (c *communicator) Run(ctx context.Context, cmd machine.Command) (int, error) {
	l, err := c.enter(ctx, Call{Op: OpRun, Line: cmd.Line})
	if err != nil {
		return -1, fmt.Errorf("run command: %w", err)
	}
	exit, err := c.machine.run(ctx, l, cmd)
	if err == nil {
		err = c.machine.builder.fault(ctx, Call{Op: OpRunDone, Line: cmd.Line})
	}
	if err != nil {
		return -1, fmt.Errorf("run command: %w", err)
	}
	return exit, nil
}

// Put writes the file beside its place and moves it there.
func (c *communicator) Put(ctx context.Context, name string, mode fs.FileMode, r io.Reader) error {
	files, err := c.files(ctx, Call{Op: OpPut, Path: name})
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	if fi, err := files.Stat(name); err == nil && !fi.Mode().IsRegular() {
		return fmt.Errorf("put %s: it is not a file", name)
	}
	part := path.Join(path.Dir(name), ".put-"+rand.Text())
	if err := put(ctx, files, part, mode, r); err != nil {
		return fmt.Errorf("put %s: %w", name, errors.Join(err, ignoreMissing(files.Remove(part))))
	}
	if err := files.Rename(part, name); err != nil {
		return fmt.Errorf("put %s: %w", name, errors.Join(err, files.Remove(part)))
	}
	return nil
}

func put(ctx context.Context, files *Files, name string, mode fs.FileMode, r io.Reader) error {
	w, err := files.Open(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, contextReader{ctx, r})
	return errors.Join(err, w.Close())
}

// Get reads a file.
func (c *communicator) Get(ctx context.Context, name string, w io.Writer) error {
	files, err := c.files(ctx, Call{Op: OpGet, Path: name})
	if err != nil {
		return fmt.Errorf("get %s: %w", name, err)
	}
	fi, err := files.Stat(name)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	if !fi.Mode().IsRegular() {
		return fmt.Errorf("get %s: it is not a file", name)
	}
	r, err := files.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	defer r.Close()
	if _, err := io.Copy(w, contextReader{ctx, r}); err != nil {
		return fmt.Errorf("get %s: %w", name, err)
	}
	return nil
}

// files is the view of a process that lives as long as the machine is on.
func (c *communicator) files(ctx context.Context, call Call) (*Files, error) {
	l, err := c.enter(ctx, call)
	if err != nil {
		return nil, err
	}
	g := l.group()
	if g == nil {
		return nil, machine.ErrDisconnected
	}
	return &Files{root: c.machine.root, alive: g}, nil
}

func (c *communicator) Close() error {
	c.closed.Store(true)
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// contextReader ends with ctx.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return n, err
}

// detachable passes writes on until it is detached: a background process may go
// on writing when nobody reads any more.
type detachable struct {
	mu sync.Mutex
	w  io.Writer
}

func (d *detachable) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.w == nil {
		return len(p), nil
	}
	return d.w.Write(p)
}

func (d *detachable) detach() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.w = nil
}

// newDetachable may get nil for a writer.
func newDetachable(w io.Writer) *detachable { return &detachable{w: w} }
