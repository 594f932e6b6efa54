// Package probebin holds the probe programs that this proofmark was built with.
package probebin

import (
	"bytes"
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
	packed, err := fs.ReadFile(from, "bin/proofmark-probe-linux-"+arch+".gz")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, ErrMissing)
	}
	if err != nil {
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("open probe for linux/%s: %w", arch, err)
	}
	return &program{r, packed}, nil
}

// program implements verify.Packed.
type program struct {
	*gzip.Reader
	packed []byte
}

func (p *program) Packed() []byte { return p.packed }
