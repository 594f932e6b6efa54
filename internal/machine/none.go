package machine

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// None is the communicator of what is no machine: whatever is asked of it fails.
type None struct{}

var errNone = errors.New("there is no machine (communicator none): only steps that act on this host can run")

func (None) Run(context.Context, Command) (int, error)                 { return 0, errNone }
func (None) Put(context.Context, string, fs.FileMode, io.Reader) error { return errNone }
func (None) Get(context.Context, string, io.Writer) error              { return errNone }
func (None) Close() error                                              { return nil }
