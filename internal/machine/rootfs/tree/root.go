package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// root is an open tree. Names given to it are relative to the tree's root,
// cleaned, without a leading slash; "." is the root itself.
type root struct {
	dir string // as the caller named it, for errors
	fd  int
}

// How a name's links are treated.
const (
	// asMachine follows links as a process whose root directory is the tree.
	asMachine = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV
	// noLinks fails with ELOOP at any link and with EXDEV at any mount point.
	noLinks = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV
)

func openRoot(dir string) (*root, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	return &root{dir: dir, fd: fd}, nil
}

func (r *root) Close() error { return unix.Close(r.fd) }

// open opens name; resolve is asMachine or noLinks.
func (r *root) open(name string, flags int, resolve uint64) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat2(r.fd, name, &unix.OpenHow{
			Flags:   uint64(flags) | unix.O_CLOEXEC,
			Resolve: resolve,
		})
	})
	switch {
	case err == nil:
		return fd, nil
	case errors.Is(err, unix.ENOSYS):
		return -1, fmt.Errorf("open %s: this kernel has no openat2: Linux 5.6 or newer is needed", r.path(name))
	case errors.Is(err, unix.EXDEV) && resolve&unix.RESOLVE_NO_XDEV != 0:
		return -1, fmt.Errorf("open %s: something is mounted inside the tree: unmount it first: %w", r.path(name), err)
	}
	return -1, &fs.PathError{Op: "open", Path: r.path(name), Err: err}
}

func (r *root) path(name string) string {
	if name == "." {
		return r.dir
	}
	return r.dir + "/" + name
}

// procPath names an entry for those system calls that take no directory
// descriptor. Only its last element may be a link, which is not followed by the
// calls that use it.
func (r *root) procPath(name string) string {
	return "/proc/self/fd/" + strconv.Itoa(r.fd) + "/" + name
}

// readNames lists an open directory, sorted. It does not close it.
func readNames(dirfd int, name string) ([]string, error) {
	fd, err := retry(func() (int, error) { return unix.FcntlInt(uintptr(dirfd), unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}

// lstat is fstatat that does not follow a link.
func lstat(dirfd int, name string, st *unix.Stat_t) error {
	_, err := retry(func() (int, error) { return 0, unix.Fstatat(dirfd, name, st, unix.AT_SYMLINK_NOFOLLOW) })
	return err
}

// removeAll removes name below the directory dirfd, whatever it is. It never
// enters a directory through a link and never crosses a mount point.
func removeAll(dirfd int, name string) error {
	err := unix.Unlinkat(dirfd, name, 0)
	if err == nil || errors.Is(err, unix.ENOENT) {
		return nil
	}
	if !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EPERM) {
		return err
	}
	fd, err := unix.Openat2(dirfd, name, &unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC, Resolve: noLinks,
	})
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	names, err := readNames(fd, name)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := removeAll(fd, n); err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
	}
	return unix.Unlinkat(dirfd, name, unix.AT_REMOVEDIR)
}

// relative turns a name from an archive or a rule into one for root. An absolute
// name starts at the tree's root; ".." is refused, even where it would stay
// inside, since no honest archive has it.
func relative(name string) (string, error) {
	for e := range strings.SplitSeq(name, "/") {
		if e == ".." {
			return "", errors.New(`has ".." in its name`)
		}
	}
	if strings.IndexByte(name, 0) >= 0 {
		return "", errors.New("has a zero byte in its name")
	}
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if name == "" {
		name = "."
	}
	return name, nil
}

// split cuts a name into its directory and its last element.
func split(name string) (dir, base string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return ".", name
	}
	return name[:i], name[i+1:]
}

// retry repeats a system call that a signal interrupted.
func retry[T any](f func() (T, error)) (T, error) {
	for {
		v, err := f()
		if err != unix.EINTR && err != unix.EAGAIN {
			return v, err
		}
	}
}
