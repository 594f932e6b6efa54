package rootfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// inside is a tree in which names are resolved as the machine itself would
// resolve them: links start at the tree's root, and none leads out of it.
type inside struct{ root *os.File }

func openInside(dir string) (inside, error) {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return inside{}, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	return inside{os.NewFile(uintptr(fd), dir)}, nil
}

func (in inside) Close() error { return in.root.Close() }

// open opens a name, whatever links lead to it.
func (in inside) open(name string, flags int) (*os.File, error) {
	how := unix.OpenHow{
		Flags:   uint64(flags | unix.O_CLOEXEC),
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	}
	for {
		fd, err := unix.Openat2(int(in.root.Fd()), path.Clean("/"+name), &how)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), name), nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
			// EAGAIN: something was renamed during the look-up.
		default:
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// parent opens the directory in which a name stands after all links, and returns
// the last element.
func (in inside) parent(name string) (dir *os.File, base string, err error) {
	name = path.Clean("/" + name)
	for range 40 {
		if name == "/" {
			return nil, "", &fs.PathError{Op: "open", Path: "/", Err: unix.EISDIR}
		}
		dir, err := in.open(path.Dir(name), unix.O_PATH|unix.O_DIRECTORY)
		if err != nil {
			return nil, "", err
		}
		target := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(int(dir.Fd()), path.Base(name), target)
		if err != nil {
			return dir, path.Base(name), nil // no link: a file, or nothing yet
		}
		dir.Close()
		to := string(target[:n])
		if !strings.HasPrefix(to, "/") {
			// Joined as text: ".." after a link to a directory is resolved by the
			// next open, from where the link leads.
			to = path.Dir(name) + "/" + to
		}
		name = to
		if path.Base(name) == ".." || path.Base(name) == "." {
			return nil, "", &fs.PathError{Op: "open", Path: name, Err: unix.EISDIR}
		}
	}
	return nil, "", &fs.PathError{Op: "open", Path: name, Err: unix.ELOOP}
}

// put writes a file in one step. A file that is replaced keeps its owner; a new
// one belongs to whom the directory makes it belong.
func (in inside) put(name string, mode fs.FileMode, r io.Reader) (err error) {
	dir, base, err := in.parent(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	at := int(dir.Fd())
	var old unix.Stat_t
	statErr := unix.Fstatat(at, base, &old, unix.AT_SYMLINK_NOFOLLOW)
	if statErr == nil && old.Mode&unix.S_IFMT == unix.S_IFDIR {
		return &fs.PathError{Op: "write", Path: name, Err: unix.EISDIR}
	}
	f, temp, err := createTemp(at)
	if err != nil {
		return &fs.PathError{Op: "create", Path: name, Err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, unix.Unlinkat(at, temp, 0))
		}
	}()
	_, err = io.Copy(f, r)
	if err == nil && statErr == nil {
		err = f.Chown(int(old.Uid), int(old.Gid))
	}
	if err == nil {
		err = f.Chmod(mode) // after chown, which takes setuid away
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := unix.Renameat(at, temp, at, base); err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// get copies a file's content; only of a regular one, so that it ends.
func (in inside) get(name string, w io.Writer) error {
	f, err := in.open(name, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		return &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	_, err = io.Copy(w, f)
	return err
}

// read returns a small file's content, nil when there is none.
func (in inside) read(name string) ([]byte, error) {
	b := small{name: name}
	err := in.get(name, &b)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b.text, err
}

// small is a file that is read into memory. Trees come from elsewhere.
type small struct {
	name string
	text []byte
}

const smallLimit = 64 << 20

func (s *small) Write(p []byte) (int, error) {
	if len(s.text)+len(p) > smallLimit {
		return 0, &fs.PathError{Op: "read", Path: s.name, Err: fmt.Errorf("larger than %d MiB", smallLimit>>20)}
	}
	s.text = append(s.text, p...)
	return len(p), nil
}

// exists tells whether a name leads to something.
func (in inside) exists(name string) bool {
	f, err := in.open(name, unix.O_PATH)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// remove removes a file or link; nothing there is no error.
func (in inside) remove(name string) error {
	dir, err := in.open(path.Dir(path.Clean("/"+name)), unix.O_PATH|unix.O_DIRECTORY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	err = unix.Unlinkat(int(dir.Fd()), path.Base(name), 0)
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return &fs.PathError{Op: "remove", Path: name, Err: err}
	}
	return nil
}
