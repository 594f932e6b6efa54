package tree

import (
	"archive/tar"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// open returns the directory of an entry, which it makes if the archive does not
// have it. The handle is valid until the next call.
func (u *unpacker) open(dir string) (*handle, error) {
	if u.parent != nil && u.parent.name == dir {
		if !u.parent.direct {
			u.wait()
		}
		return u.parent, nil
	}
	// A file on its way may take the place of a directory that is there.
	for d := dir; d != "."; d, _ = split(d) {
		if _, ok := u.recent[d]; ok {
			u.wait()
		}
	}
	h := &handle{name: dir, direct: true}
	h.refs.Store(1)
	var err error
	const flags = unix.O_PATH | unix.O_DIRECTORY
	h.fd, err = u.root.open(dir, flags, noLinks)
	if err != nil {
		// A link, nothing, or a file that is still under way.
		u.wait()
		h.fd, err = u.root.open(dir, flags, noLinks)
	}
	if errors.Is(err, unix.ELOOP) {
		h.direct = false
		h.fd, err = u.root.open(dir, flags, asMachine)
	}
	if errors.Is(err, unix.ENOENT) {
		h.fd, err = u.ensure(dir)
		h.direct = false // there may be a link higher up
	}
	if err != nil {
		if errors.Is(err, unix.ENOTDIR) {
			return nil, fmt.Errorf("%s is not a directory", dir)
		}
		return nil, err
	}
	u.setParent(h)
	return h, nil
}

func (u *unpacker) setParent(h *handle) {
	if u.parent != nil {
		u.parent.release()
	}
	u.parent = h
}

// ensure makes a directory that the archive implies.
func (u *unpacker) ensure(dir string) (fd int, err error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY
	fd, err = u.root.open(dir, flags, asMachine)
	if !errors.Is(err, unix.ENOENT) || dir == "." {
		return fd, err
	}
	parent, base := split(dir)
	p, err := u.ensure(parent)
	if err != nil {
		return -1, err
	}
	defer unix.Close(p)
	if err := unix.Mkdirat(p, base, 0o755); errors.Is(err, unix.EEXIST) {
		return -1, fmt.Errorf("%s is a link to nowhere", dir)
	} else if err != nil {
		return -1, fmt.Errorf("make directory %s: %w", dir, err)
	}
	if err := unix.Fchmodat(p, base, 0o755, 0); err != nil {
		return -1, err
	}
	return u.root.open(dir, flags, asMachine)
}

// makeDir makes a directory, or takes the one that is there.
func (u *unpacker) makeDir(p *handle, base string) error {
	err := unix.Mkdirat(p.fd, base, 0o700)
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	var st unix.Stat_t
	if err := lstat(p.fd, base, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return nil
	}
	return u.replace(p, base, func() error { return unix.Mkdirat(p.fd, base, 0o700) })
}

// replace calls create, and once more after removing what is in its way.
func (u *unpacker) replace(p *handle, base string, create func() error) error {
	err := create()
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	if err := removeAll(p.fd, base); err != nil {
		return fmt.Errorf("replace: %w", err)
	}
	return create()
}

// hardLink gives a file of the tree another name.
func (u *unpacker) hardLink(p *handle, base, target string) error {
	name, err := relative(target)
	if err != nil {
		return fmt.Errorf("is a hard link to %q, which %w", target, err)
	}
	u.settle(name)
	dir, last := split(name)
	from, err := u.root.open(dir, unix.O_PATH|unix.O_DIRECTORY, asMachine)
	if err != nil {
		return fmt.Errorf("is a hard link to %q, which is not in the archive before it", target)
	}
	defer unix.Close(from)
	var old, now unix.Stat_t
	if err := lstat(from, last, &old); err != nil {
		return fmt.Errorf("is a hard link to %q, which is not in the archive before it", target)
	}
	if lstat(p.fd, base, &now) == nil && now.Dev == old.Dev && now.Ino == old.Ino {
		return nil
	}
	return u.replace(p, base, func() error { return unix.Linkat(from, last, p.fd, base, 0) })
}

// harmless are the character devices that every system gives to everybody.
func harmless(h *tar.Header) bool {
	if h.Typeflag != tar.TypeChar {
		return false
	}
	switch [2]int64{h.Devmajor, h.Devminor} {
	case [2]int64{1, 3}, [2]int64{1, 5}, [2]int64{1, 7}, [2]int64{1, 8}, [2]int64{1, 9}, // null zero full random urandom
		[2]int64{5, 0}, [2]int64{5, 1}, [2]int64{5, 2}: // tty console ptmx
		return true
	}
	return false
}

func (u *unpacker) node(p *handle, name, base string, h *tar.Header, m meta) error {
	dev := unix.Mkdev(uint32(h.Devmajor), uint32(h.Devminor))
	mode := uint32(unix.S_IFIFO)
	inDev := len(name) > 4 && name[:4] == "dev/"
	if h.Typeflag != tar.TypeFifo {
		mode = unix.S_IFCHR
		if h.Typeflag == tar.TypeBlock {
			mode = unix.S_IFBLK
		}
		if mode == unix.S_IFCHR && dev == 0 {
			return errors.New("is an overlay's whiteout, which no archive of a whole tree has")
		}
		if !u.AllDevices && !harmless(h) {
			if inDev {
				return nil // the system makes it when it starts
			}
			return fmt.Errorf("is a device node (%d:%d) outside of /dev: it would open a device of this machine to whoever can read the tree; remove it from the archive", h.Devmajor, h.Devminor)
		}
	} else {
		dev = 0
	}
	err := u.replace(p, base, func() error { return unix.Mknodat(p.fd, base, mode|0o600, int(dev)) })
	if errors.Is(err, unix.EPERM) && mode != unix.S_IFIFO {
		if inDev || harmless(h) {
			return nil
		}
		return fmt.Errorf("make a device node, which takes root outside of a user namespace: %w", err)
	}
	if err != nil {
		return err
	}
	return m.applyAt(p.fd, base, false)
}
