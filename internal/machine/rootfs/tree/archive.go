package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	paxXattr = "SCHILY.xattr."
	// paxSparse marks a file that has holes. The archive has zeros for them; when
	// it is unpacked, zeros of such a file become holes again.
	paxSparse = "PROOFMARK.sparse"

	whiteout       = ".wh."
	opaqueWhiteout = ".wh..wh..opq"
)

var errWhiteout = errors.New("is an overlay's whiteout: capture the merged view, not a layer")

// archiver writes a tree as tar.
type archiver struct {
	scanner
	ctx      context.Context
	tw       *tar.Writer
	progress func(int64)
	// layer says that the tree is an overlay's upper directory.
	layer bool
	// oci says that names beginning with .wh. cannot be represented.
	oci bool

	// cut, if set, is called before entries with which chunks begin.
	cut func()

	buf              []byte
	entries, content int64
}

// run writes the tree and the end of the archive.
func (a *archiver) run(ctx context.Context, dir string, w io.Writer) error {
	r, err := openRoot(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	a.ctx, a.tw, a.buf = ctx, tar.NewWriter(w), make([]byte, 256<<10)
	a.scanner = scanner{root: r, emit: a.write, keep: keepXattr}
	if a.layer {
		a.keep = func(n string) bool { return keepXattr(n) || overlayXattr(n) }
	}
	if err := a.scanner.run(ctx); err != nil {
		return err
	}
	return a.tw.Close()
}

func (a *archiver) write(e *entry) error {
	a.entries++
	if a.cut != nil && beginsChunk(e) {
		if err := a.tw.Flush(); err != nil {
			return err
		}
		a.cut()
	}
	dir, base := split(e.name)
	if a.oci && strings.HasPrefix(base, whiteout) {
		return a.fail("capture", e, errors.New("an OCI layer cannot hold a file of this name: it would remove another"))
	}
	h := &tar.Header{
		Name:    e.name,
		Mode:    int64(e.st.Mode & 0o7777),
		Uid:     int(e.st.Uid),
		Gid:     int(e.st.Gid),
		ModTime: time.Unix(e.st.Mtim.Unix()),
		Format:  tar.FormatPAX,
	}
	if e.first != "" {
		h.Typeflag, h.Linkname = tar.TypeLink, e.first
		return a.header(e, h)
	}
	switch e.kind() {
	case unix.S_IFREG:
		return a.regular(e, h)
	case unix.S_IFDIR:
		h.Typeflag, h.Name = tar.TypeDir, e.name+"/"
	case unix.S_IFLNK:
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.target
	case unix.S_IFIFO:
		h.Typeflag = tar.TypeFifo
	case unix.S_IFCHR, unix.S_IFBLK:
		if e.kind() == unix.S_IFCHR && e.st.Rdev == 0 {
			return a.whiteout(e, dir, base)
		}
		h.Typeflag = tar.TypeBlock
		if e.kind() == unix.S_IFCHR {
			h.Typeflag = tar.TypeChar
		}
		h.Devmajor, h.Devminor = int64(unix.Major(e.st.Rdev)), int64(unix.Minor(e.st.Rdev))
	default:
		return a.fail("capture", e, fmt.Errorf("unknown file type %#o", e.kind()))
	}
	opaque, err := a.overlay(e)
	if err != nil {
		return err
	}
	if err := a.header(e, h); err != nil || !opaque {
		return err
	}
	return a.mark(e.name, opaqueWhiteout)
}

func (a *archiver) regular(e *entry, h *tar.Header) error {
	h.Typeflag, h.Size = tar.TypeReg, e.st.Size
	if e.data != nil || e.st.Size == 0 {
		if a.layer && e.st.Size == 0 && hasOverlay(e.xattrs, "whiteout") {
			dir, base := split(e.name)
			return a.whiteout(e, dir, base)
		}
		if _, err := a.overlay(e); err != nil {
			return err
		}
		if err := a.header(e, h); err != nil {
			return err
		}
		_, err := a.tw.Write(e.data)
		a.count(int64(len(e.data)))
		return err
	}
	f, err := a.open(e)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := a.overlay(e); err != nil {
		return err
	}
	if f.hasHoles() {
		h.PAXRecords = map[string]string{paxSparse: "1"}
	}
	if err := a.header(e, h); err != nil {
		return err
	}
	for {
		n, err := f.Read(a.buf)
		if err == io.EOF {
			return f.unchanged()
		}
		if err != nil {
			return err
		}
		if _, err := a.tw.Write(a.buf[:n]); err != nil {
			return err
		}
		a.count(int64(n))
		if a.ctx.Err() != nil {
			return context.Cause(a.ctx)
		}
	}
}

func (a *archiver) count(n int64) {
	a.content += n
	if a.progress != nil {
		a.progress(n)
	}
}

func (a *archiver) header(e *entry, h *tar.Header) error {
	for _, x := range e.xattrs {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[paxXattr+x.name] = x.value
	}
	if err := a.tw.WriteHeader(h); err != nil {
		return a.fail("capture", e, err)
	}
	return nil
}

// overlay takes the overlay's own attributes away and says whether they make a
// directory opaque.
func (a *archiver) overlay(e *entry) (opaque bool, err error) {
	if !a.layer {
		return false, nil
	}
	rest := e.xattrs[:0]
	for _, x := range e.xattrs {
		if !overlayXattr(x.name) {
			rest = append(rest, x)
			continue
		}
		switch x.name[strings.LastIndexByte(x.name, '.')+1:] {
		case "opaque":
			opaque = opaque || x.value == "y"
		case "redirect", "metacopy":
			return false, a.fail("capture", e, fmt.Errorf(
				"cannot make a layer of its own from an overlay that was mounted with redirect_dir or metacopy (%s)", x.name))
		}
	}
	e.xattrs = rest
	return opaque, nil
}

func hasOverlay(xattrs []xattr, what string) bool {
	for _, x := range xattrs {
		if overlayXattr(x.name) && strings.HasSuffix(x.name, "."+what) {
			return true
		}
	}
	return false
}

func (a *archiver) whiteout(e *entry, dir, base string) error {
	if !a.layer {
		return a.fail("capture", e, errWhiteout)
	}
	return a.mark(dir, whiteout+base)
}

// mark writes an empty file that tells readers of the layer what to remove.
func (a *archiver) mark(dir, base string) error {
	name := base
	if dir != "." {
		name = dir + "/" + base
	}
	return a.tw.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX,
	})
}

// hasHoles says whether a file takes less room than its size and not by chance.
func (f *source) hasHoles() bool {
	if f.e.st.Size < 1<<20 || f.e.st.Blocks*512 >= f.e.st.Size {
		return false
	}
	hole, err := unix.Seek(f.fd, 0, unix.SEEK_HOLE)
	if err != nil {
		return false
	}
	_, err = unix.Seek(f.fd, 0, unix.SEEK_SET)
	return err == nil && hole < f.e.st.Size
}
