package tree

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/image"
)

// ListOptions says what a listing leaves out.
type ListOptions struct {
	NoTimes bool // modification times, for comparing two builds of the same thing
}

// List writes the canonical listing of the tree below root: one line for each
// entry, sorted by path element, with type, mode, owner, modification time, what
// depends on the type (size and digest of a file's content, target of a link,
// number of a device), extended attributes, and the quoted path. Later names of a
// hard-linked file refer to its first one.
func List(ctx context.Context, root string, w io.Writer, o ListOptions) error {
	r, err := openRoot(root)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	defer r.Close()
	s := &scanner{root: r, keep: keepXattr}
	out := bufio.NewWriterSize(w, 64<<10)
	bufs := copyBuffers()
	s.work = func(e *entry) error {
		if !e.isRegular() {
			return nil
		}
		f, err := s.open(e)
		if err != nil {
			return err
		}
		defer f.Close()
		return f.sumTo(ctx, -1, bufs)
	}
	var line []byte
	s.emit = func(e *entry) error {
		line = appendLine(line[:0], e, o)
		_, err := out.Write(line)
		return err
	}
	if err := s.run(ctx); err != nil {
		return fmt.Errorf("list: %w", err)
	}
	return out.Flush()
}

// DirDigest is the digest over the canonical listing of the tree below root.
func DirDigest(ctx context.Context, root string) (image.Digest, error) {
	h := sha256.New()
	if err := List(ctx, root, h, ListOptions{}); err != nil {
		return "", err
	}
	return digest(h), nil
}

func appendLine(b []byte, e *entry, o ListOptions) []byte {
	if e.first != "" {
		b = append(b, "hardlink "...)
		b = strconv.AppendQuote(b, e.first)
		b = append(b, ' ')
		b = strconv.AppendQuote(b, e.name)
		return append(b, '\n')
	}
	var kind string
	switch e.kind() {
	case unix.S_IFREG:
		kind = "file"
	case unix.S_IFDIR:
		kind = "dir"
	case unix.S_IFLNK:
		kind = "link"
	case unix.S_IFCHR:
		kind = "char"
	case unix.S_IFBLK:
		kind = "block"
	case unix.S_IFIFO:
		kind = "fifo"
	}
	b = fmt.Appendf(b, "%s %04o %d:%d", kind, e.st.Mode&0o7777, e.st.Uid, e.st.Gid)
	if !o.NoTimes {
		b = fmt.Appendf(b, " %d.%09d", e.st.Mtim.Sec, e.st.Mtim.Nsec)
	}
	switch kind {
	case "file":
		b = fmt.Appendf(b, " %d ", e.st.Size)
		b = hex.AppendEncode(b, e.sum[:])
	case "link":
		b = append(b, ' ')
		b = strconv.AppendQuote(b, e.target)
	case "char", "block":
		b = fmt.Appendf(b, " %d:%d", unix.Major(e.st.Rdev), unix.Minor(e.st.Rdev))
	}
	for _, x := range e.xattrs {
		b = append(b, ' ')
		b = strconv.AppendQuote(b, x.name)
		b = append(b, '=')
		b = hex.AppendEncode(b, []byte(x.value))
	}
	b = append(b, ' ')
	b = strconv.AppendQuote(b, e.name)
	return append(b, '\n')
}

func copyBuffers() *sync.Pool {
	return &sync.Pool{New: func() any { return new([256 << 10]byte) }}
}

// sumTo reads the whole content, takes its sum into the entry, and writes it to
// the descriptor to unless that is negative. Holes stay holes.
func (f *source) sumTo(ctx context.Context, to int, bufs *sync.Pool) error {
	buf := bufs.Get().(*[256 << 10]byte)
	defer bufs.Put(buf)
	holes := to >= 0 && f.hasHoles()
	if holes {
		if err := unix.Ftruncate(to, f.e.st.Size); err != nil {
			return explain(err)
		}
	}
	h := sha256.New()
	for {
		n, err := f.Read(buf[:])
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		h.Write(buf[:n])
		if holes && isZero(buf[:n]) {
			_, err = unix.Seek(to, int64(n), unix.SEEK_CUR)
		} else if to >= 0 {
			err = writeAll(to, buf[:n])
		}
		if err != nil {
			return explain(err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	h.Sum(f.e.sum[:0])
	return f.unchanged()
}
