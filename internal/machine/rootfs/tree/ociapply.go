package tree

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// see notes that the present layer has name, and with it its directories.
func (u *unpacker) see(name string) {
	for name != "." {
		if _, ok := u.seen[name]; ok {
			return
		}
		u.seen[name] = struct{}{}
		name, _ = split(name)
	}
}

// whiteout applies an entry that says what to remove, and says whether it was
// one. Only what lower layers brought is removed, wherever in its layer the
// entry stands.
func (u *unpacker) whiteout(name string) (bool, error) {
	dir, base := split(name)
	if !strings.HasPrefix(base, whiteout) {
		return false, nil
	}
	u.wait()
	// What is removed may be the directory that is open.
	u.setParent(nil)
	fd, err := u.root.open(dir, unix.O_RDONLY|unix.O_DIRECTORY, asMachine)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	defer unix.Close(fd)
	if base == opaqueWhiteout {
		names, err := readNames(fd, dir)
		if err != nil {
			return true, err
		}
		for _, n := range names {
			if err := u.removeLower(fd, n, join(dir, n)); err != nil {
				return true, err
			}
		}
		return true, nil
	}
	victim := strings.TrimPrefix(base, whiteout)
	switch {
	case strings.HasPrefix(victim, whiteout):
		return true, nil // bookkeeping of aufs
	case victim == "" || victim == "." || victim == "..":
		return true, errors.New("is a whiteout of no file")
	}
	return true, u.removeLower(fd, victim, join(dir, victim))
}

// removeLower removes what is not of the present layer.
func (u *unpacker) removeLower(dirfd int, base, name string) error {
	if _, ok := u.seen[name]; !ok {
		if err := removeAll(dirfd, base); err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
		return nil
	}
	fd, err := unix.Openat(dirfd, base, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	names, err := readNames(fd, name)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := u.removeLower(fd, n, name+"/"+n); err != nil {
			return err
		}
	}
	return nil
}

func join(dir, base string) string {
	if dir == "." {
		return base
	}
	return dir + "/" + base
}
