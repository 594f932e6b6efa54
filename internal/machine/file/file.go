// Package file holds the builder whose image is a file.
package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// KindName is the builder's name.
const KindName = "file"

// Kind is a builder that writes one file.
func Kind() template.Kind[machine.Builder] {
	return template.Define(KindName, "write one file, to try post-processors on", func(c Config) (machine.Builder, error) {
		if c.Source != "" && c.Content != "" {
			return nil, template.At("content", errors.New("give either source or content"))
		}
		return &builder{c}, errors.Join(check("source", c.Source), check("target", c.Target))
	})
}

// Config is the builder's options.
type Config struct {
	Target  string `opt:"target,required,recorded" doc:"The file to write; what is there is replaced."`
	Source  string `opt:"source" doc:"A file to copy."`
	Content string `opt:"content" doc:"The text to write, instead of a source."`
}

// check reports what is there already and is not of use.
func check(option, path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return nil // a step may make it
	}
	return template.At(option, usable(option, path, fi.Mode()))
}

// usable tells what could block whoever opens it, or holds no text. A device is one that
// a user may mean, such as /dev/null as a source.
func usable(option, path string, mode fs.FileMode) error {
	what := ""
	switch {
	case mode.IsDir():
		what = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case !mode.IsRegular() && option == "target":
		what = "a device"
	default:
		return nil
	}
	return fmt.Errorf("%s is %s: give a file", path, what)
}

type builder struct{ c Config }

func (b *builder) Machineless() bool { return true }

func (b *builder) Fingerprint(context.Context, *cache.Hash) error { return nil }

func (b *builder) Resources(ledger.Where) []ledger.Class { return []ledger.Class{} }

// Start writes the file: steps on this host may read it.
func (b *builder) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	var from io.Reader = strings.NewReader(b.c.Content)
	perm := os.FileMode(0o600)
	if b.c.Source != "" {
		f, err := b.open(ctx)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from, perm = reader{ctx, f}, 0o644
		env.Out.Say("Copying %s to %s", b.c.Source, b.c.Target)
	}
	sum := sha256.New()
	var size int64
	err := env.Files.Write(ctx, b.c.Target, perm, func(w *os.File) (err error) {
		size, err = io.Copy(io.MultiWriter(w, sum), from)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", b.c.Target, err)
	}
	if b.c.Source != "" {
		env.Out.Say("Copied %d bytes", size)
	}
	return written{image.Image{
		Builder: KindName, ID: "File", MadeBy: "packer.file", About: "Stored file: " + b.c.Target, Format: "file",
		Files: []string{b.c.Target}, Size: size, Digest: image.Digest("sha256:" + hex.EncodeToString(sum.Sum(nil))),
	}}, nil
}

// open opens the source, which may have become something else since it was checked. It
// is closed when ctx ends, which ends the reading of a device.
func (b *builder) open(ctx context.Context) (*os.File, error) {
	f, err := os.OpenFile(b.c.Source, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		err = usable("source", b.c.Source, fi.Mode())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	context.AfterFunc(ctx, func() { f.Close() })
	return f, nil
}

// reader stops reading when ctx ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.r.Read(b)
	if err != nil && r.ctx.Err() != nil { // which has closed it
		err = context.Cause(r.ctx)
	}
	return n, err
}

// written is the file in the place of a machine.
type written struct{ img image.Image }

func (written) Connect(context.Context) (machine.Communicator, error) { return machine.None{}, nil }

func (w written) Capture(context.Context, machine.Env) (image.Image, error) { return w.img, nil }

func (written) Close(context.Context) error { return nil }
