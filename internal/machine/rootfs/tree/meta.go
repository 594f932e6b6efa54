package tree

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// apply gives an open file or directory its attributes. The order matters: a
// change of owner takes capabilities and the set-user-id bit away, and a mode
// without write permission keeps an ordinary user from setting attributes.
func (m *meta) apply(fd int) error {
	if os.Geteuid() == 0 {
		if err := unix.Fchown(fd, m.uid, m.gid); err != nil {
			return m.owner(err)
		}
	}
	for _, x := range m.xattrs {
		if err := unix.Fsetxattr(fd, x.name, []byte(x.value), 0); err != nil {
			return attribute(x.name, err)
		}
	}
	if err := unix.Fchmod(fd, m.mode); err != nil {
		return os.NewSyscallError("chmod", err)
	}
	tv := m.times()
	// With an empty path and no flags it means the descriptor itself.
	if err := utimensat(fd, tv); err != nil {
		return os.NewSyscallError("utimensat", err)
	}
	return nil
}

// applyAt gives a link or a node below dirfd its attributes.
func (m *meta) applyAt(dirfd int, base string, link bool) error {
	if os.Geteuid() == 0 {
		if err := unix.Fchownat(dirfd, base, m.uid, m.gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return m.owner(err)
		}
	}
	for _, x := range m.xattrs {
		if err := unix.Lsetxattr("/proc/self/fd/"+strconv.Itoa(dirfd)+"/"+base, x.name, []byte(x.value), 0); err != nil {
			return attribute(x.name, err)
		}
	}
	if !link {
		if err := unix.Fchmodat(dirfd, base, m.mode, 0); err != nil {
			return os.NewSyscallError("chmod", err)
		}
	}
	tv := m.times()
	if err := unix.UtimesNanoAt(dirfd, base, tv[:], unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return os.NewSyscallError("utimensat", err)
	}
	return nil
}

// times are those of access and modification. An archive has no access time
// worth keeping.
func (m *meta) times() [2]unix.Timespec {
	t := m.mtime
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	ts := unix.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
	return [2]unix.Timespec{ts, ts}
}

func (m *meta) owner(err error) error {
	if errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("its owner %d:%d is not mapped in this user namespace: add subordinate ids in /etc/subuid and /etc/subgid: %w", m.uid, m.gid, err)
	}
	return fmt.Errorf("give it to %d:%d: %w", m.uid, m.gid, err)
}

func attribute(name string, err error) error {
	if errors.Is(err, unix.ENOTSUP) {
		return fmt.Errorf("the file system does not support the extended attribute %s: choose a directory on another one: %w", name, err)
	}
	return fmt.Errorf("set extended attribute %s: %w", name, err)
}
