package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// unpacker makes entries below one root. The goroutine that reads the archive
// makes directories, links, nodes and large files; small files are made by
// several others. Before an entry that may depend on a file under way, wait lets
// all of them finish, so the result is that of making them one by one.
type unpacker struct {
	UnpackOptions
	ctx  context.Context
	root *root
	last string // entry read last

	limit, inodes    int64
	written, entries int64

	parent *handle
	dirs   []dirMeta // attributes wait until nothing is written into a directory any more
	dirAt  map[string]int

	jobs    chan *fileJob
	free    chan *fileJob
	workers sync.WaitGroup
	pending sync.WaitGroup
	recent  map[string]struct{} // names given to the workers since the last wait
	busy    map[string]struct{} // the directories that those lie in, at any depth
	err     atomic.Pointer[error]

	// layer says that what is unpacked is applied to what is there.
	layer bool
	seen  map[string]struct{} // names of this layer, which its whiteouts spare

	buf []byte
}

// handle is an open directory, closed when nobody uses it any more.
type handle struct {
	name string
	fd   int
	// direct says that no link lies on the way to the directory, so that equal
	// names mean equal files.
	direct bool
	refs   atomic.Int32
}

func (h *handle) release() {
	if h.refs.Add(-1) == 0 {
		unix.Close(h.fd)
	}
}

type dirMeta struct {
	name string
	meta
}

// fileJob is a small file on its way.
type fileJob struct {
	dir        *handle
	name, base string
	meta
	data []byte
	buf  [smallFile]byte
}

// maxRecent bounds the memory for names under way.
const maxRecent = 4096

func newUnpacker(ctx context.Context, dir string, o UnpackOptions) (*unpacker, error) {
	r, err := openRoot(dir)
	if err != nil {
		return nil, err
	}
	u := &unpacker{UnpackOptions: o, ctx: ctx, root: r, limit: o.Limit, dirAt: map[string]int{}, recent: map[string]struct{}{}, busy: map[string]struct{}{}}
	bytes, inodes, err := free(r.fd)
	if err != nil {
		r.Close()
		return nil, err
	}
	if u.inodes = inodes; u.limit == 0 {
		u.limit = bytes
	}
	n := min(runtime.GOMAXPROCS(0), 4)
	u.jobs = make(chan *fileJob, 8*n)
	u.free = make(chan *fileJob, 16*n)
	u.buf = make([]byte, 256<<10)
	for range n {
		u.workers.Go(func() {
			for j := range u.jobs {
				if u.err.Load() == nil {
					u.fail(u.makeSmall(j))
				}
				j.dir.release()
				u.free <- j
				u.pending.Done()
			}
		})
	}
	return u, nil
}

func (u *unpacker) close() {
	close(u.jobs)
	u.workers.Wait()
	u.setParent(nil)
	u.root.Close()
}

func (u *unpacker) fail(err error) {
	if err != nil {
		u.err.CompareAndSwap(nil, &err)
	}
}

func (u *unpacker) failed() error {
	if e := u.err.Load(); e != nil {
		return *e
	}
	return nil
}

// wait returns when all files under way are made.
func (u *unpacker) wait() {
	if len(u.recent) > 0 {
		u.pending.Wait()
		clear(u.recent)
		clear(u.busy)
	}
}

// underWay notes a file that the workers are given.
func (u *unpacker) underWay(name string) {
	u.recent[name] = struct{}{}
	for dir, _ := split(name); dir != "."; dir, _ = split(dir) {
		if _, ok := u.busy[dir]; ok {
			return
		}
		u.busy[dir] = struct{}{}
	}
}

// settle waits if name is under way, or something below it is: an entry that
// takes a directory's place removes what lies in it.
func (u *unpacker) settle(name string) {
	_, file := u.recent[name]
	_, dir := u.busy[name]
	if file || dir {
		u.wait()
	}
}

// finish ends an archive: files under way, then the directories' attributes,
// deepest first.
func (u *unpacker) finish() error {
	u.wait()
	if err := u.failed(); err != nil {
		return err
	}
	u.setParent(nil)
	for i := len(u.dirs) - 1; i >= 0; i-- {
		if u.ctx.Err() != nil {
			return context.Cause(u.ctx)
		}
		d := &u.dirs[i]
		fd, err := u.root.open(d.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, asMachine)
		if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOENT) {
			continue // a later entry replaced it
		}
		if err != nil {
			return err
		}
		err = d.apply(fd)
		unix.Close(fd)
		if err != nil {
			return fmt.Errorf("entry %q: %w", d.name, err)
		}
	}
	u.dirs = u.dirs[:0]
	clear(u.dirAt)
	return nil
}

// entry makes one entry of the archive.
func (u *unpacker) entry(h *tar.Header, content io.Reader) error {
	switch h.Typeflag {
	case tar.TypeXGlobalHeader, 'V': // a comment; a volume's label
		return nil
	}
	name, err := relative(h.Name)
	if err != nil {
		return err
	}
	if u.entries++; u.inodes >= 0 && u.entries > u.inodes {
		return fmt.Errorf("the archive has more entries than the file system of %s has free inodes (%d)", u.root.dir, u.inodes)
	}
	m, err := metaOf(h)
	if err != nil {
		return err
	}
	if name == "." {
		if h.Typeflag != tar.TypeDir {
			return errors.New("its name means the root directory, but it is none")
		}
		u.addDir(name, m)
		return nil
	}
	if u.layer {
		if done, err := u.whiteout(name); done || err != nil {
			return err
		}
		u.see(name)
	}
	return u.make(name, h, m, content)
}

func (u *unpacker) make(name string, h *tar.Header, m meta, content io.Reader) error {
	dir, base := split(name)
	p, err := u.open(dir)
	if err != nil {
		return err
	}
	u.settle(name)
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, '7': // '7' is a contiguous file
		err = u.regular(p, name, base, h, m, content)
	case tar.TypeDir:
		if err = u.makeDir(p, base); err == nil {
			u.addDir(name, m)
		}
	case tar.TypeSymlink:
		err = u.replace(p, base, func() error { return unix.Symlinkat(h.Linkname, p.fd, base) })
		if err == nil {
			err = m.applyAt(p.fd, base, true)
		}
	case tar.TypeLink:
		err = u.hardLink(p, base, h.Linkname)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		err = u.node(p, name, base, h, m)
	default:
		err = fmt.Errorf("has a type that is not supported: %q", h.Typeflag)
	}
	return u.explain(err)
}

// tooLarge says that an archive holds more than its limit, before the disk is full.
type tooLarge struct {
	limit int64
	dir   string
}

func (e *tooLarge) Error() string {
	return fmt.Sprintf("the archive holds more than the %d MB that are free on the file system of %s", e.limit>>20, e.dir)
}

func (e *tooLarge) Unwrap() error { return unix.ENOSPC }

func (u *unpacker) explain(err error) error {
	var large *tooLarge
	if (errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)) && !errors.As(err, &large) {
		return fmt.Errorf("%w: the file system of %s is full after %d MB of content", err, u.root.dir, u.written>>20)
	}
	return err
}

// addDir notes a directory's attributes. The last entry of a name counts.
func (u *unpacker) addDir(name string, m meta) {
	if i, ok := u.dirAt[name]; ok {
		u.dirs[i].meta = m
		return
	}
	u.dirAt[name] = len(u.dirs)
	u.dirs = append(u.dirs, dirMeta{name, m})
}

func (u *unpacker) regular(p *handle, name, base string, h *tar.Header, m meta, content io.Reader) error {
	if h.Size > u.limit-u.written {
		return &tooLarge{u.limit, u.root.dir}
	}
	u.written += h.Size
	if h.Size > smallFile || !p.direct {
		fd, err := u.create(p, base)
		if err != nil {
			return err
		}
		return errors.Join(u.write(fd, h, m, content), unix.Close(fd))
	}
	var j *fileJob
	select {
	case j = <-u.free:
	default:
		j = new(fileJob)
	}
	j.dir, j.name, j.base, j.meta, j.data = p, name, base, m, j.buf[:h.Size]
	if _, err := io.ReadFull(content, j.data); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if len(u.recent) >= maxRecent {
		u.wait()
	}
	u.underWay(name)
	p.refs.Add(1)
	u.pending.Add(1)
	u.jobs <- j
	return nil
}

// makeSmall is the workers' part.
func (u *unpacker) makeSmall(j *fileJob) error {
	fd, err := u.create(j.dir, j.base)
	if err == nil {
		if err = writeAll(fd, j.data); err == nil {
			err = j.apply(fd)
		}
		err = errors.Join(err, unix.Close(fd))
	}
	if err != nil {
		return fmt.Errorf("entry %q: %w", j.name, u.explain(err))
	}
	return nil
}

func (u *unpacker) create(p *handle, base string) (fd int, err error) {
	err = u.replace(p, base, func() (err error) {
		fd, err = retry(func() (int, error) {
			return unix.Openat(p.fd, base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		})
		return err
	})
	return fd, err
}

func (u *unpacker) write(fd int, h *tar.Header, m meta, content io.Reader) error {
	sparse := h.Typeflag == tar.TypeGNUSparse || h.PAXRecords[paxSparse] != ""
	for k := range h.PAXRecords {
		sparse = sparse || strings.HasPrefix(k, "GNU.sparse.")
	}
	for left := h.Size; left > 0; {
		n, err := fill(content, u.buf[:min(left, int64(len(u.buf)))])
		if n == 0 && err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		left -= int64(n)
		if sparse && isZero(u.buf[:n]) {
			if _, err := unix.Seek(fd, int64(n), unix.SEEK_CUR); err != nil {
				return err
			}
			continue
		}
		if err := writeAll(fd, u.buf[:n]); err != nil {
			return err
		}
		if err := u.failed(); err != nil {
			return err
		}
	}
	if sparse {
		if err := unix.Ftruncate(fd, h.Size); err != nil {
			return err
		}
	}
	return m.apply(fd)
}

func writeAll(fd int, p []byte) error {
	for len(p) > 0 {
		n, err := retry(func() (int, error) { return unix.Write(fd, p) })
		if err != nil {
			return os.NewSyscallError("write", err)
		}
		p = p[n:]
	}
	return nil
}

// meta are the attributes of an entry.
type meta struct {
	mode     uint32
	uid, gid int
	mtime    time.Time
	xattrs   []xattr
}

func metaOf(h *tar.Header) (meta, error) {
	m := meta{mode: uint32(h.Mode & 0o7777), uid: h.Uid, gid: h.Gid, mtime: h.ModTime}
	for _, id := range []int{h.Uid, h.Gid} {
		// The largest number means "leave as it is" to the kernel.
		if id < 0 || int64(id) >= math.MaxUint32 {
			return m, fmt.Errorf("has an impossible owner %d:%d", h.Uid, h.Gid)
		}
	}
	for k, v := range h.PAXRecords {
		n, ok := strings.CutPrefix(k, paxXattr)
		switch {
		case !ok:
		case overlayXattr(n):
			return m, fmt.Errorf("has the attribute %s, which would change what an overlay shows", n)
		case keepXattr(n):
			m.xattrs = append(m.xattrs, xattr{n, v})
		}
	}
	return m, nil
}
