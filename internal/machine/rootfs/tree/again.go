package tree

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// again puts into the tree what makes anew what a rule removed.
func (s *sealer) again(a machine.Again) error {
	wanted, err := s.wanted(a)
	if !wanted || err != nil {
		return err
	}
	for _, f := range a.Files {
		if err := s.add(f.Path, func(dirfd int, base string) error { return writeNew(dirfd, base, f.Text) }); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	for _, l := range a.Links {
		if err := s.add(l.Path, func(dirfd int, base string) error { return unix.Symlinkat(l.Target, dirfd, base) }); err != nil {
			return fmt.Errorf("link %s: %w", l.Path, err)
		}
	}
	return nil
}

// wanted tells whether it can work, and nothing does the same already.
func (s *sealer) wanted(a machine.Again) (bool, error) {
	for _, need := range a.Needs {
		if fd, err := s.root.open(inTree(need), unix.O_PATH, asMachine); err != nil {
			return false, nil
		} else {
			unix.Close(fd)
		}
	}
	there := false
	look := func(dirfd int, _, base string) error {
		var st unix.Stat_t
		if lstat(dirfd, base, &st) == nil {
			there = true
		}
		return nil
	}
	read := func(_ int, name, _ string) error {
		text, err := s.text(name)
		there = there || bytes.Contains(text, []byte(a.Mark))
		return err
	}
	for _, f := range a.Files {
		if err := s.match(f.Path, look); err != nil {
			return false, err
		}
	}
	for _, l := range a.Links {
		if err := s.match(l.Path, look); err != nil {
			return false, err
		}
	}
	for _, p := range a.Unless {
		if err := s.match(p, read); err != nil {
			return false, err
		}
	}
	return len(a.Files)+len(a.Links) > 0 && !there, nil
}

// text is the content of the regular file that a name leads to, nil when it leads
// to none. Of a large one it is nothing: what is looked for is small.
func (s *sealer) text(name string) ([]byte, error) {
	fd, err := s.root.open(name, unix.O_RDONLY|unix.O_NONBLOCK, asMachine)
	if err != nil {
		return nil, nil
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size > maxMarked {
		return nil, err
	}
	return readAll(fd, maxMarked)
}

// add calls f with the open directory of a path, which is made where it is missing.
func (s *sealer) add(p string, f func(dirfd int, base string) error) error {
	dir, base := split(inTree(p))
	fd, err := s.ensure(dir)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(fd, base)
}

// ensure opens a directory.
func (s *sealer) ensure(dir string) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY
	fd, err := s.root.open(dir, flags, asMachine)
	if !errors.Is(err, unix.ENOENT) || dir == "." {
		return fd, err
	}
	above, base := split(dir)
	parent, err := s.ensure(above)
	if err != nil {
		return -1, err
	}
	defer unix.Close(parent)
	if err := unix.Mkdirat(parent, base, 0o755); err != nil {
		return -1, err
	}
	if err := unix.Fchmodat(parent, base, 0o755, 0); err != nil { // whatever the umask says
		return -1, err
	}
	return s.root.open(dir, flags, asMachine)
}

// writeNew makes a file that was not there.
func writeNew(dirfd int, base, text string) error {
	fd, err := unix.Openat(dirfd, base, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(unix.Fchmod(fd, 0o644), writeAll(fd, []byte(text)), unix.Close(fd))
}

// inTree turns an absolute path of the machine into a name for root.
func inTree(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }
