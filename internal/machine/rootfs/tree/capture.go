package tree

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/proofmark-build/proofmark/internal/image"
)

// CaptureOptions says how a tree is captured. The zero value is right for most.
type CaptureOptions struct {
	// Level of compression: 0 is fast (about zstd -1), 1 is smaller (about
	// zstd -3), 2 smaller still.
	Level int
	// Before is an archive of an earlier state of the tree, as CaptureTar made it: what has
	// not changed is copied from there instead of being compressed once more. The outcome
	// is the same. "", or a file that is none, serves nothing.
	Before string
	// BeforeFrames is what was Captured.Frames of it. An archive that somebody else has written
	// would bring its content into this one.
	BeforeFrames string
	// Progress, if set, is told of bytes of file content as they are captured.
	Progress func(n int64)
}

// Captured says what was captured.
type Captured struct {
	Digest  image.Digest // tar.zst: of the file; dir: DirDigest; oci: of the manifest
	Size    int64        // bytes at rest
	Content int64        // bytes of file content before compression
	Entries int64
	Frames  string // tar.zst: digest of the list of its frames, for CaptureOptions
}

// CaptureTar writes the tree below root to the archive out: tar with PAX headers,
// entries sorted by name, compressed with zstd. The same tree gives the same
// bytes. Owners are numbers; hard links, device nodes and extended attributes are
// kept, sockets are left out. An existing out is replaced at the very end; on error
// and when ctx ends nothing is left of it. Nothing is synced: see image.Image.Sync.
//
// A file that changes while it is read is an error (ErrChanged), and so is
// something mounted inside the tree. Root may be an overlay's merged view.
func CaptureTar(ctx context.Context, root, out string, o CaptureOptions) (_ Captured, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("capture %s: %w", out, err)
		}
	}()
	p, err := createPart(out)
	if err != nil {
		return Captured{}, err
	}
	defer p.abort()
	f := openFrames(o.Before, o.BeforeFrames, o.Level)
	defer f.close()
	c := newZstd(p, o.Level, nil, sha256.New(), f)
	a := archiver{progress: o.Progress, cut: c.cut}
	if err := cmp.Or(a.run(ctx, root, c), c.Close()); err != nil {
		return Captured{}, err
	}
	if err := p.commit(out); err != nil {
		return Captured{}, err
	}
	return Captured{Digest: digest(c.out), Size: c.size, Content: a.content, Entries: a.entries, Frames: listDigest(f.notes)}, nil
}

func digest(h hash.Hash) image.Digest {
	return image.Digest("sha256:" + hex.EncodeToString(h.Sum(nil)))
}

// WriteTar writes the tree below root as CaptureTar does, not compressed.
func WriteTar(ctx context.Context, root string, w io.Writer, o CaptureOptions) error {
	a := archiver{progress: o.Progress}
	if err := a.run(ctx, root, w); err != nil {
		return fmt.Errorf("read %s: %w", root, err)
	}
	return nil
}
