package tree

import (
	"errors"
	"io"
	"io/fs"

	"golang.org/x/sys/unix"
)

// source is the content of a regular file of a tree.
type source struct {
	s   *scanner
	e   *entry
	fd  int
	off int64
}

// open opens an entry's content and reads its attributes.
func (s *scanner) open(e *entry) (*source, error) {
	const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Openat(s.root.fd, e.name, flags|unix.O_NOATIME, 0) })
	if errors.Is(err, unix.EPERM) { // only its owner may ask for no access time
		fd, err = retry(func() (int, error) { return unix.Openat(s.root.fd, e.name, flags, 0) })
	}
	if err != nil {
		return nil, s.fail("open", e, err)
	}
	f := &source{s: s, e: e, fd: fd}
	if e.xattrs, err = fgetxattrs(fd, s.keep); err != nil {
		f.Close()
		return nil, s.fail("read attributes", e, err)
	}
	return f, nil
}

func (f *source) Close() error { return unix.Close(f.fd) }

// Read reads on. It ends after as many bytes as the file had when it was listed.
func (f *source) Read(p []byte) (int, error) {
	left := f.e.st.Size - f.off
	if left == 0 {
		return 0, io.EOF
	}
	n, err := retry(func() (int, error) { return unix.Read(f.fd, p[:min(int64(len(p)), left)]) })
	switch {
	case err != nil:
		return 0, f.s.fail("read", f.e, err)
	case n == 0:
		return 0, f.s.fail("read", f.e, ErrChanged)
	}
	f.off += int64(n)
	return n, nil
}

func (f *source) readFull(p []byte) (int, error) {
	n, err := io.ReadFull(f, p)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// unchanged returns an error unless the file is still what was listed: nobody
// wrote to it meanwhile, and its name still means the same file.
func (f *source) unchanged() error {
	var now unix.Stat_t
	if err := unix.Fstat(f.fd, &now); err != nil {
		return f.s.fail("stat", f.e, err)
	}
	was := &f.e.st
	if now.Ino != was.Ino || now.Size != was.Size || now.Mode != was.Mode ||
		now.Mtim != was.Mtim || now.Ctim != was.Ctim {
		return &fs.PathError{Op: "read", Path: f.s.root.path(f.e.name), Err: ErrChanged}
	}
	return nil
}
