package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// fetch copies one source out of the machine.
func (f *file) fetch(ctx context.Context, run Run, c machine.Communicator, src string) error {
	dst := f.Destination
	run.Out.Say("Downloading %s => %s", src, dst)
	src, err := expandHome(ctx, c, src)
	if err != nil {
		return err
	}
	if strings.HasSuffix(src, "/") || machine.HasWildcard(src) {
		t, end := transfer(run.Out, src)
		defer end()
		name, forget, err := incoming(run.Tag, dst)
		if err != nil {
			return err
		}
		t.Incoming = filepath.Base(name)
		return errors.Join(machine.GetTree(ctx, c, src, dst, t), forget())
	}
	if strings.HasSuffix(dst, "/") {
		dst = filepath.Join(dst, path.Base(src))
	}
	if info, err := os.Stat(dst); err == nil && info.IsDir() {
		return fmt.Errorf("download %s: %s is a directory; end the destination with / to put the file into it", src, dst)
	}
	moved := run.Out.Progress(path.Base(src), 0)
	defer moved(0, true)
	err = replaceFile(run.Tag, dst, func(w io.Writer) error {
		return c.Get(ctx, src, counted{w, moved})
	})
	if err != nil {
		return explainGet(ctx, c, src, fmt.Errorf("download %s to %s: %w", src, dst, err))
	}
	return nil
}

// replaceFile writes a file of the host in one step or not at all. Missing parent
// directories are made.
func replaceFile(tag, name string, write func(io.Writer) error) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	// Not os.CreateTemp: the user's umask decides who may read the file.
	tmp, forget, err := incoming(tag, dir)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return errors.Join(err, forget())
	}
	err = errors.Join(write(out), out.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(tmp))
	}
	return errors.Join(err, forget())
}

// explainGet says why err came from reading src, where the machine tells.
func explainGet(ctx context.Context, c machine.Communicator, src string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("download %s: there is no such file in the machine: %w", src, fs.ErrNotExist)
	}
	if ctx.Err() != nil {
		return err
	}
	exit, rerr := c.Run(ctx, machine.Command{Line: "[ -d " + machine.Quote(src) + " ]", Passive: true})
	if rerr == nil && exit == 0 {
		return fmt.Errorf("%w: this is a directory in the machine; end the source with / to copy what it holds", err)
	}
	return err
}

// counted reports what was written to it.
type counted struct {
	w     io.Writer
	moved func(n int64, done bool)
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.moved(int64(n), false)
	return n, err
}
