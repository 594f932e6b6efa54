package rootfs

import (
	"crypto/rand"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// createTemp makes a new file that only its owner can read in the directory open
// as dir.
func createTemp(dir int) (*os.File, string, error) {
	for {
		name := ".proofmark-" + rand.Text()[:10]
		fd, err := unix.Openat(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), name, nil
		case errors.Is(err, unix.EEXIST), errors.Is(err, unix.EINTR):
		default:
			return nil, "", err
		}
	}
}
