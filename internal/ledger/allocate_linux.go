package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocate sets aside the first n bytes of a file without changing its size. On a
// file system that cannot do so nothing is set aside.
func allocate(f *os.File, n int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, n)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
			return nil
		default:
			return err
		}
	}
}
