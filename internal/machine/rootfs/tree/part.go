package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// partFile is a file that appears under its name when it is whole.
type partFile struct {
	f       *os.File
	out     string
	written int64
	flushed int64
}

// flushEvery is how much is written before the kernel is told to start putting
// it on disk, so that whoever syncs the file in the end finds little left to do.
const flushEvery = 8 << 20

func createPart(out string) (*partFile, error) {
	f, err := os.OpenFile(out+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, explain(err)
	}
	return &partFile{f: f, out: out}, nil
}

func (p *partFile) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.written += int64(n)
	if p.written-p.flushed >= flushEvery {
		// A hint: where it is not supported, that sync does all.
		_ = unix.SyncFileRange(int(p.f.Fd()), p.flushed, p.written-p.flushed, unix.SYNC_FILE_RANGE_WRITE)
		p.flushed = p.written
	}
	return n, explain(err)
}

// commit gives the file its name. It is not on disk yet.
func (p *partFile) commit(name string) error {
	if err := p.f.Close(); err != nil {
		return explain(err)
	}
	return os.Rename(p.f.Name(), name)
}

// abort removes the file unless it was committed. It may be called after commit.
func (p *partFile) abort() {
	if p.f.Close() == nil {
		os.Remove(p.f.Name())
	}
}

// partDir makes the directory out+".part" for a new directory out.
func partDir(out string) (string, error) {
	if _, err := os.Lstat(out); err == nil {
		return "", &fs.PathError{Op: "create", Path: out, Err: fs.ErrExist}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	part := out + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", err
	}
	return part, explain(os.Mkdir(part, 0o755))
}

// explain says what to do about errors that have nothing to do with the tree.
func explain(err error) error {
	if err == nil || !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) {
		return err
	}
	return fmt.Errorf("%w: free some, or choose a directory on another file system", err)
}
