package output

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// status is what tells a file from others, and from itself at another time. Times are
// nanoseconds since 1970, by the clock of the file system.
type status struct {
	dev, ino uint64
	mode     uint32
	size     int64
	born     int64 // 0 where the file system does not know
	modified int64 // its content
	changed  int64 // its content, or anything else that it is: nobody can set this time
	mount    bool  // something is mounted here
}

// look reads the status of a name, of a link its own.
func look(name string) (status, error) {
	var s unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &s)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // forbidden in some containers
		return lookOld(name)
	}
	if err != nil {
		return status{}, &fs.PathError{Op: "statx", Path: name, Err: err}
	}
	st := status{
		dev: unix.Mkdev(s.Dev_major, s.Dev_minor), ino: s.Ino, mode: uint32(s.Mode), size: int64(s.Size),
		modified: nanoseconds(s.Mtime), changed: nanoseconds(s.Ctime),
		mount: s.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0,
	}
	if s.Mask&unix.STATX_BTIME != 0 {
		st.born = nanoseconds(s.Btime)
	}
	return st, nil
}

func lookOld(name string) (status, error) {
	var s unix.Stat_t
	if err := unix.Lstat(name, &s); err != nil {
		return status{}, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return status{dev: s.Dev, ino: s.Ino, mode: s.Mode, size: s.Size, modified: s.Mtim.Nano(), changed: s.Ctim.Nano()}, nil
}

func nanoseconds(t unix.StatxTimestamp) int64 { return t.Sec*int64(time.Second) + int64(t.Nsec) }

func (s status) isDir() bool     { return s.mode&unix.S_IFMT == unix.S_IFDIR }
func (s status) isRegular() bool { return s.mode&unix.S_IFMT == unix.S_IFREG }

// exists tells whether a name is there.
func exists(name string) (bool, error) {
	_, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}
