// Package probebin holds the probe programs that this proofmark was built with.
package probebin

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

//go:embed bin
var files embed.FS

// ErrMissing says that no probe was built for an architecture.
var ErrMissing = errors.New("this proofmark holds no probe for it: run \"make build\"")

// Open returns the probe program for Linux on an architecture, by its GOARCH name.
func Open(arch string) (io.ReadCloser, error) {
	return open(files, arch)
}

func open(from fs.FS, arch string) (io.ReadCloser, error) {
	f, err := from.Open("bin/proofmark-probe-linux-" + arch + ".gz")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, ErrMissing)
	}
	if err != nil {
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, err)
	}
	r, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, err)
	}
	return &program{r, f}, nil
}

type program struct {
	*gzip.Reader
	file fs.File
}

func (p *program) Close() error { return errors.Join(p.Reader.Close(), p.file.Close()) }
