package output

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Copy copies a file to a place where none is, with its permissions and its holes, and
// brings the copy to disk. What there is of it when that fails is the caller's to remove.
func Copy(ctx context.Context, from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	fi, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fi.Mode().Perm())
	if err != nil {
		return err
	}
	if err = copySparse(ctx, dst, src, fi.Size()); err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// copySparse copies what is between the holes.
func copySparse(ctx context.Context, dst, src *os.File, size int64) error {
	if err := dst.Truncate(size); err != nil {
		return err
	}
	for at := int64(0); at < size; {
		from, err := unix.Seek(int(src.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // a hole up to the end
		}
		end := size
		if err == nil {
			end, err = unix.Seek(int(src.Fd()), from, unix.SEEK_HOLE)
		} else if errors.Is(err, unix.EINVAL) { // it knows no holes
			from, err = at, nil
		}
		if err != nil {
			return err
		}
		if _, err = io.Copy(io.NewOffsetWriter(dst, from), until{ctx, io.NewSectionReader(src, from, end-from)}); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// until is read until ctx ends.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}
