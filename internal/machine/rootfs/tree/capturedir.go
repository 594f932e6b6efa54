package tree

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// CaptureDir copies the tree below root to the new directory out, with reflinks
// where the file system has them. What is kept and what fails is as with
// CaptureTar; an existing out is an error. Size is the sum of the files' sizes.
func CaptureDir(ctx context.Context, root, out string, o CaptureOptions) (_ Captured, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("capture %s: %w", out, err)
		}
	}()
	part, err := partDir(out)
	if err != nil {
		return Captured{}, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(part)
		}
	}()
	from, err := openRoot(root)
	if err != nil {
		return Captured{}, err
	}
	defer from.Close()
	to, err := openRoot(part)
	if err != nil {
		return Captured{}, err
	}
	defer to.Close()

	c := &copier{scanner: scanner{root: from, keep: keepXattr}, to: to, ctx: ctx, progress: o.Progress}
	if err := c.run(); err != nil {
		return Captured{}, err
	}
	if err := os.Rename(part, out); err != nil {
		return Captured{}, err
	}
	return c.done, nil
}

// copier copies a tree: directories as they are met, files by several
// goroutines, the rest in order.
type copier struct {
	scanner
	to       *root
	ctx      context.Context
	progress func(int64)
	done     Captured
	dirs     []dirMeta
}

func (c *copier) run() error {
	bufs := copyBuffers()
	// Directories must be there before the workers need them.
	c.visit = func(e *entry) error {
		if e.kind() != unix.S_IFDIR || e.name == "." {
			return nil
		}
		return explain(c.wrap("make directory", e, unix.Mkdirat(c.to.fd, e.name, 0o700)))
	}
	c.work = func(e *entry) error {
		if !e.isRegular() {
			return nil
		}
		f, err := c.open(e)
		if err != nil {
			return err
		}
		defer f.Close()
		fd, err := retry(func() (int, error) {
			return unix.Openat(c.to.fd, e.name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		})
		if err != nil {
			return explain(c.wrap("create", e, err))
		}
		defer unix.Close(fd)
		to := fd
		if e.st.Size > 0 && unix.IoctlFileClone(fd, f.fd) == nil {
			to = -1 // the content is shared; it is read for its sum alone
		}
		if err := f.sumTo(c.ctx, to, bufs); err != nil {
			return err
		}
		m := metaOfEntry(e)
		return explain(c.wrap("set attributes", e, m.apply(fd)))
	}
	h := sha256.New()
	var line []byte
	c.emit = func(e *entry) error {
		line = appendLine(line[:0], e, ListOptions{})
		h.Write(line)
		c.done.Entries++
		return explain(c.other(e))
	}
	if err := c.scanner.run(c.ctx); err != nil {
		return err
	}
	// Deepest first, when nothing is written into them any more.
	for i := len(c.dirs) - 1; i >= 0; i-- {
		d := &c.dirs[i]
		fd, err := c.to.open(d.name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, noLinks)
		if err != nil {
			return err
		}
		err = d.apply(fd)
		unix.Close(fd)
		if err != nil {
			return fmt.Errorf("%s: %w", c.to.path(d.name), err)
		}
	}
	c.done.Digest = digest(h)
	return nil
}

// other makes what is no regular file's content.
func (c *copier) other(e *entry) error {
	if e.first != "" {
		return c.wrap("link", e, unix.Linkat(c.to.fd, e.first, c.to.fd, e.name, 0))
	}
	m := metaOfEntry(e)
	switch e.kind() {
	case unix.S_IFREG:
		c.done.Size += e.st.Size
		c.done.Content += e.st.Size
		if c.progress != nil {
			c.progress(e.st.Size)
		}
		return nil
	case unix.S_IFDIR:
		c.dirs = append(c.dirs, dirMeta{e.name, m})
		return nil
	case unix.S_IFLNK:
		if err := unix.Symlinkat(e.target, c.to.fd, e.name); err != nil {
			return c.wrap("make link", e, err)
		}
		return c.wrap("set attributes", e, m.applyAt(c.to.fd, e.name, true))
	}
	if e.kind() == unix.S_IFCHR && e.st.Rdev == 0 {
		return c.wrap("capture", e, errWhiteout)
	}
	if err := unix.Mknodat(c.to.fd, e.name, e.kind()|0o600, int(e.st.Rdev)); err != nil {
		return c.wrap("make node", e, err)
	}
	return c.wrap("set attributes", e, m.applyAt(c.to.fd, e.name, false))
}

func (c *copier) wrap(op string, e *entry, err error) error {
	if err == nil {
		return nil
	}
	return c.fail(op, e, err)
}

func metaOfEntry(e *entry) meta {
	return meta{
		mode: e.st.Mode & 0o7777, uid: int(e.st.Uid), gid: int(e.st.Gid),
		mtime: time.Unix(e.st.Mtim.Unix()), xattrs: e.xattrs,
	}
}
