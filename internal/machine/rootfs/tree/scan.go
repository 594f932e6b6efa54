package tree

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// entry is one entry of a tree that is being read.
type entry struct {
	name   string // relative to the root, "." for the root itself
	st     unix.Stat_t
	first  string // a regular file with several names: its first one, when this is a later one
	target string // of a symbolic link
	xattrs []xattr
	sum    [32]byte // of a regular file's content, by the functions that take it

	// data is a small file's whole content, nil for one that is yet to be read.
	// It is valid until emit returns.
	data []byte
	buf  *[smallFile]byte
	err  error
}

const (
	// smallFile is the size up to which files are read ahead as a whole.
	smallFile = 64 << 10
	// batchEntries and batchBytes end a batch.
	batchEntries = 16
	batchBytes   = 128 << 10
	// ahead bounds how many batches are read ahead, and with that the memory: of
	// each entry at most one buffer of smallFile bytes.
	ahead = 8
)

// batch is several entries that follow each other. What goroutines hand to each
// other is worth more than the handing over, which one small file is not.
type batch struct {
	entries []*entry
	bytes   int64
	ready   chan struct{} // closed when all entries were read
}

func newBatch() *batch {
	return &batch{entries: make([]*entry, 0, batchEntries), ready: make(chan struct{})}
}

// add adds an entry and tells whether the batch is full.
func (b *batch) add(e *entry) bool {
	b.entries = append(b.entries, e)
	if e.isRegular() {
		b.bytes += e.st.Size
	}
	return len(b.entries) == batchEntries || b.bytes >= batchBytes
}

func (e *entry) kind() uint32    { return e.st.Mode & unix.S_IFMT }
func (e *entry) isRegular() bool { return e.kind() == unix.S_IFREG && e.first == "" }

// scanner reads a tree in the order of its sorted names, several entries ahead.
type scanner struct {
	root *root
	// keep selects extended attributes.
	keep func(string) bool
	// visit, if set, is called for every entry in order, before anything is read.
	visit func(e *entry) error
	// work, if set, is called in any order by several goroutines, after the
	// entry's metadata was read; otherwise small files are read into e.data.
	work func(e *entry) error
	// emit is called for every entry in order, from the goroutine that runs.
	emit func(e *entry) error
}

// run scans the tree. Entries that change between being listed and being read
// are an error.
func (s *scanner) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop(nil)

	order := make(chan *batch, ahead)
	work := make(chan *batch, ahead)
	bufs := make(chan *[smallFile]byte, (ahead+8)*batchEntries)
	wg.Go(func() {
		defer close(order)
		defer close(work)
		b := newBatch()
		send := func() error {
			for _, c := range []chan<- *batch{order, work} {
				select {
				case c <- b:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			b = newBatch()
			return nil
		}
		w := walker{scanner: s, links: map[inode]*linked{}, out: func(e *entry) error {
			if !b.add(e) {
				return nil
			}
			return send()
		}}
		if err := cmp.Or(w.tree(), send()); err != nil {
			stop(err)
		}
	})
	for range min(runtime.GOMAXPROCS(0), 4) {
		wg.Go(func() {
			for b := range work {
				for _, e := range b.entries {
					if e.err = context.Cause(ctx); e.err == nil {
						e.err = s.read(e, bufs)
					}
				}
				close(b.ready)
			}
		})
	}
	for b := range order {
		select {
		case <-b.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		for _, e := range b.entries {
			if e.err != nil {
				return e.err
			}
			if err := s.emit(e); err != nil {
				return err
			}
			if e.buf != nil {
				bufs <- e.buf
				e.buf, e.data = nil, nil
			}
		}
	}
	return context.Cause(ctx)
}

// read fills in what the walk did not: link target, attributes, small content.
func (s *scanner) read(e *entry, bufs chan *[smallFile]byte) error {
	if e.first != "" {
		return nil
	}
	var err error
	switch e.kind() {
	case unix.S_IFREG:
		if s.work != nil {
			return s.work(e)
		}
		if e.st.Size > smallFile {
			return nil // whoever reads the content takes the attributes as well
		}
		select {
		case e.buf = <-bufs:
		default:
			e.buf = new([smallFile]byte)
		}
		return s.readSmall(e)
	case unix.S_IFLNK:
		buf := make([]byte, e.st.Size+1)
		n, err := retry(func() (int, error) { return unix.Readlinkat(s.root.fd, e.name, buf) })
		if err != nil {
			return s.fail("read link", e, err)
		}
		if n != len(buf)-1 {
			return s.fail("read link", e, ErrChanged)
		}
		e.target = string(buf[:n])
	}
	if e.xattrs, err = lgetxattrs(s.root.procPath(e.name), s.keep); err != nil {
		return s.fail("read attributes", e, err)
	}
	if s.work != nil {
		return s.work(e)
	}
	return nil
}

func (s *scanner) readSmall(e *entry) error {
	f, err := s.open(e)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := f.readFull(e.buf[:e.st.Size])
	if err != nil {
		return err
	}
	e.data = e.buf[:n]
	return f.unchanged()
}

func (s *scanner) fail(op string, e *entry, err error) error {
	return &fs.PathError{Op: op, Path: s.root.path(e.name), Err: err}
}

// inode identifies a file with several names.
type inode struct{ dev, ino uint64 }

type linked struct {
	name string
	left uint64 // names not seen yet
}

// walker lists a tree: directories before what they hold, names sorted by byte.
type walker struct {
	*scanner
	links map[inode]*linked
	out   func(*entry) error
}

func (w *walker) tree() error {
	e := &entry{name: "."}
	if err := unix.Fstat(w.root.fd, &e.st); err != nil {
		return w.fail("stat", e, err)
	}
	return w.entry(e)
}

func (w *walker) entry(e *entry) error {
	if e.kind() == unix.S_IFSOCK {
		return nil // belongs to a process, which is gone
	}
	if e.kind() != unix.S_IFDIR && e.st.Nlink > 1 {
		w.link(e)
	}
	if w.visit != nil {
		if err := w.visit(e); err != nil {
			return err
		}
	}
	isDir, name := e.kind() == unix.S_IFDIR, e.name
	if err := w.out(e); err != nil || !isDir {
		return err
	}
	fd, err := w.root.open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, noLinks)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	names, err := readNames(fd, w.root.path(name))
	if err != nil {
		return fmt.Errorf("list %s: %w", w.root.path(name), err)
	}
	for _, n := range names {
		c := &entry{name: n}
		if name != "." {
			c.name = name + "/" + n
		}
		if err := lstat(fd, n, &c.st); err != nil {
			return w.fail("stat", c, err)
		}
		if err := w.entry(c); err != nil {
			return err
		}
	}
	return nil
}

// link notes a file with several names and finds its first one. It forgets a
// file when all of its names were seen.
func (w *walker) link(e *entry) {
	k := inode{e.st.Dev, e.st.Ino}
	l := w.links[k]
	if l == nil {
		w.links[k] = &linked{e.name, uint64(e.st.Nlink) - 1}
		return
	}
	e.first = l.name
	if l.left--; l.left == 0 {
		delete(w.links, k)
	}
}
