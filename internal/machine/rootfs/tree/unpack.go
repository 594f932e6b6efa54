package tree

import (
	"context"
	"errors"
	"io"

	"github.com/proofmark-build/proofmark/internal/image"
)

// UnpackOptions says how an archive becomes a tree. The zero value is right for
// an archive of unknown origin.
type UnpackOptions struct {
	// Name stands for the archive in errors.
	Name string
	// Digest, if set, is what the archive's bytes as read (compressed) must have.
	Digest image.Digest
	// AllDevices makes every device node that the archive has. Without it only the
	// harmless ones that every system has (null, zero, full, random, urandom, tty,
	// console, ptmx) are made, others below /dev are left out, and one elsewhere is
	// an error. Set it for archives that Proofmark captured itself.
	AllDevices bool
	// Limit bounds the size of the tree in bytes; 0 stands for what is free on the
	// file system of the target.
	Limit int64
	// Progress, if set, is told of compressed bytes as they are read, from one
	// goroutine.
	Progress func(n int64)
}

// Unpacked says what was unpacked.
type Unpacked struct {
	Digest  image.Digest // of the archive's bytes as read
	Read    int64        // bytes of the archive
	Written int64        // bytes of file content
	Entries int64
}

// Unpack makes the tree that a tar archive holds in the existing, empty
// directory dir. The archive may be compressed with gzip, xz, zstd or bzip2,
// which its first bytes tell. It is read as a stream and to its end.
//
// Nothing is written outside of dir, whatever the archive says: names with ".."
// and hard links to outside are errors; links below dir are resolved inside it.
// On error dir holds a part of the tree; the caller removes it.
func Unpack(ctx context.Context, r io.Reader, dir string, o UnpackOptions) (Unpacked, error) {
	return Unpacked{}, errors.New("unpack is not built yet")
}

// UnpackFile is Unpack for an archive on disk.
func UnpackFile(ctx context.Context, archive, dir string, o UnpackOptions) (Unpacked, error) {
	return Unpacked{}, errors.New("unpack is not built yet")
}
