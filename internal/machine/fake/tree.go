package fake

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/proofmark-build/proofmark/internal/image"
)

// openTree is a view of a directory of the host that no machine uses.
func openTree(dir string) (*Files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Files{root: root, alive: &group{}}, nil
}

// packTree writes a tree as an archive whose bytes depend on nothing but names,
// modes, link targets and contents.
func packTree(f *Files, w io.Writer) error {
	t := tar.NewWriter(w)
	return errors.Join(tarAdd(f, t, "/", ".", false), t.Close())
}

// treeDigest is the digest of packTree's archive.
func treeDigest(dir string) (image.Digest, error) {
	f, err := openTree(dir)
	if err != nil {
		return "", err
	}
	defer f.root.Close()
	h := sha256.New()
	if err := packTree(f, h); err != nil {
		return "", err
	}
	return digestOf(h), nil
}

func digestOf(h hash.Hash) image.Digest { return image.Digest(fmt.Sprintf("sha256:%x", h.Sum(nil))) }

// copyTree copies a tree into an existing directory and returns its digest.
func copyTree(from, to string) (image.Digest, error) {
	src, err := openTree(from)
	if err != nil {
		return "", err
	}
	defer src.root.Close()
	r, w := io.Pipe()
	h := sha256.New()
	go func() { w.CloseWithError(packTree(src, io.MultiWriter(w, h))) }()
	err = unpackTree(to, r)
	r.CloseWithError(err)
	return digestOf(h), err
}

// unpackTree extracts an archive and reads it to its end.
func unpackTree(dir string, r io.Reader) error {
	f, err := openTree(dir)
	if err != nil {
		return err
	}
	defer f.root.Close()
	if err := extract(f, "/", r); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return err
}

// treeSize is the number of bytes in a tree's files.
func treeSize(dir string) (int64, error) {
	f, err := openTree(dir)
	if err != nil {
		return 0, err
	}
	defer f.root.Close()
	var n countWriter
	err = packTree(f, &n)
	return int64(n), err
}

type countWriter int64

func (c *countWriter) Write(p []byte) (int, error) {
	*c += countWriter(len(p))
	return len(p), nil
}
