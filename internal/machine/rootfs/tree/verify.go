package tree

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/proofmark-build/proofmark/internal/image"
)

// Verify reads the captured image at path back and compares it with want. A
// difference wraps ErrMismatch; an OCI image is verified down to its layers.
func Verify(ctx context.Context, path, format string, want image.Digest) error {
	var got image.Digest
	var err error
	switch format {
	case TarZst:
		got, err = fileDigest(ctx, path)
	case Dir:
		got, err = DirDigest(ctx, path)
	case OCI:
		got, err = verifyOCI(ctx, path, want)
	default:
		err = fmt.Errorf("unknown format %q", format)
	}
	if err == nil && got != want {
		err = fmt.Errorf("%w: it has %s, recorded is %s", ErrMismatch, got, want)
	}
	if err != nil {
		return fmt.Errorf("verify %s: %w", path, err)
	}
	return nil
}

func fileDigest(ctx context.Context, path string) (image.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	in := &input{ctx: ctx, r: f, sum: sha256.New()}
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, in, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return digest(in.sum), nil
}

// verifyOCI looks for the image with the wanted digest in the layout and
// verifies all its blobs.
func verifyOCI(ctx context.Context, dir string, want image.Digest) (image.Digest, error) {
	index, err := readIndex(dir)
	if err != nil {
		return "", err
	}
	got := image.Digest("no such image")
	for _, d := range index.Manifests {
		if got = image.Digest(d.Digest.String()); got != want {
			continue
		}
		var m v1.Manifest
		var c v1.ConfigFile
		if err := readBlob(dir, d, &m); err != nil {
			return "", err
		}
		if err := readBlob(dir, m.Config, &c); err != nil {
			return "", err
		}
		for _, l := range m.Layers {
			p, err := blobPath(dir, l.Digest)
			if err != nil {
				return "", err
			}
			sum, err := fileDigest(ctx, p)
			if err != nil {
				return "", err
			}
			if sum != image.Digest(l.Digest.String()) {
				return "", fmt.Errorf("%w: blob %s is damaged", ErrMismatch, l.Digest)
			}
		}
		return got, nil
	}
	return got, nil
}
