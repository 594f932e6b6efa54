package tree

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"golang.org/x/sys/unix"

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
// are errors, absolute names start at dir, and links on the way to an entry are
// resolved inside it. On error dir holds a part of the tree; the caller removes
// it. Dir should lie where only its owner can enter: the tree may hold programs
// that run with their owner's rights.
func Unpack(ctx context.Context, r io.Reader, dir string, o UnpackOptions) (Unpacked, error) {
	if o.Name == "" {
		o.Name = "archive"
	}
	if entries, err := os.ReadDir(dir); err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", o.Name, err)
	} else if len(entries) > 0 {
		return Unpacked{}, fmt.Errorf("unpack %s: %s is not empty", o.Name, dir)
	}
	u, err := newUnpacker(ctx, dir, o)
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", o.Name, err)
	}
	defer u.close()
	done, err := u.archive(r, nil)
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", o.Name, err)
	}
	return done, nil
}

// UnpackFile is Unpack for an archive on disk.
func UnpackFile(ctx context.Context, archive, dir string, o UnpackOptions) (Unpacked, error) {
	f, err := os.Open(archive)
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack: %w", err)
	}
	defer f.Close()
	if o.Name == "" {
		o.Name = archive
	}
	return Unpack(ctx, f, dir, o)
}

// archive unpacks one archive. Its content after decompression is added to raw,
// if given.
func (u *unpacker) archive(r io.Reader, raw hash.Hash) (Unpacked, error) {
	in := &input{ctx: u.ctx, r: r, sum: sha256.New(), progress: u.Progress}
	written, entries := u.written, u.entries
	err := u.stream(in, raw)
	if err == nil || u.Digest != "" && u.ctx.Err() == nil {
		// What a compressed stream has after its end counts as well. After an error
		// the digest tells whether the archive was damaged on its way here.
		if _, rest := io.Copy(io.Discard, in); rest != nil {
			return Unpacked{}, rest
		}
		if got := digest(in.sum); u.Digest != "" && got != u.Digest {
			return Unpacked{}, errors.Join(fmt.Errorf("%w: the archive has %s, expected is %s", ErrMismatch, got, u.Digest), err)
		}
	}
	if err != nil {
		return Unpacked{}, err
	}
	return Unpacked{
		Digest: digest(in.sum), Read: in.n,
		Written: u.written - written, Entries: u.entries - entries,
	}, nil
}

// maxTail bounds what may follow the end of an archive: tar pads.
const maxTail = 16 << 20

func (u *unpacker) stream(in *input, raw hash.Hash) (err error) {
	z, err := decompress(in)
	if err != nil {
		return in.explain(err)
	}
	defer z.Close()
	if raw != nil {
		z = readAhead(io.TeeReader(z, raw))
		defer z.Close() // before what it reads from
	}
	b := &blocks{r: z}
	tr := tar.NewReader(b)
	for {
		b.zero = false
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("after entry %q: %w", u.last, in.explain(err))
		}
		u.last = h.Name
		if err := u.entry(h, tr); err != nil {
			return fmt.Errorf("entry %q: %w", h.Name, in.explain(err))
		}
		if err := u.failed(); err != nil {
			return err
		}
	}
	if err := u.finish(); err != nil {
		return err
	}
	if !b.zero && u.Digest == "" {
		return fmt.Errorf("after entry %q: the archive is truncated: it has no end marker", u.last)
	}
	n, err := io.CopyN(io.Discard, b, maxTail+1)
	if err != nil && err != io.EOF {
		return in.explain(err)
	}
	if n > maxTail {
		return fmt.Errorf("the archive goes on after its end")
	}
	return nil
}

// input is the archive as it is read.
type input struct {
	ctx      context.Context
	r        io.Reader
	sum      hash.Hash
	n        int64
	progress func(int64)
}

func (in *input) Read(p []byte) (int, error) {
	if in.ctx.Err() != nil {
		return 0, context.Cause(in.ctx)
	}
	n, err := in.r.Read(p)
	in.sum.Write(p[:n])
	in.n += int64(n)
	if in.progress != nil && n > 0 {
		in.progress(int64(n))
	}
	return n, err
}

// explain words the errors that readers of damaged archives meet.
func (in *input) explain(err error) error {
	switch {
	case in.ctx.Err() != nil:
		return context.Cause(in.ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the archive is truncated: %w", err)
	case errors.Is(err, tar.ErrHeader):
		return fmt.Errorf("not a tar archive, or a damaged one: %w", err)
	}
	return err
}

// blocks tells the end of an archive from the end of its bytes. The tar reader
// asks for a header in one piece of 512 bytes; an archive's end is one of zeros.
type blocks struct {
	r    io.Reader
	zero bool
}

func (b *blocks) Read(p []byte) (int, error) {
	if len(p) != 512 {
		return b.r.Read(p)
	}
	n, err := fill(b.r, p)
	b.zero = n == 512 && isZero(p)
	if n > 0 {
		return n, nil
	}
	return n, err
}

func isZero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}

// free returns the bytes and inodes that are free where fd lies; inodes are -1
// where the file system does not count them.
func free(fd int) (bytes, inodes int64, err error) {
	var s unix.Statfs_t
	if err := unix.Fstatfs(fd, &s); err != nil {
		return 0, 0, err
	}
	inodes = -1
	if s.Files > 0 {
		inodes = int64(s.Ffree)
	}
	return int64(s.Bavail) * s.Frsize, inodes, nil
}
