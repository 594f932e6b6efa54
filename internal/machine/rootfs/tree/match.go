package tree

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// match calls f for everything in the tree that a rule's path names, with the
// open directory that holds it, its name in the tree and its last element.
func (s *sealer) match(pattern string, f func(dirfd int, name, base string) error) error {
	if !strings.HasPrefix(pattern, "/") {
		return fmt.Errorf("path %q is not absolute", pattern)
	}
	elems := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	for i, e := range elems {
		if _, err := path.Match(e, ""); err != nil || e == "" || e == "." || e == ".." || e == "**" && i < len(elems)-1 {
			return fmt.Errorf("path %q is no pattern", pattern)
		}
	}
	return s.descend(".", elems, f)
}

// named tells whether the elements end with a name, and not with a wildcard.
func named(elems []string) bool {
	return len(elems) > 0 && !strings.ContainsAny(elems[len(elems)-1], `*?[\`)
}

// descend matches elems below the directory dir.
func (s *sealer) descend(dir string, elems []string, f func(dirfd int, name, base string) error) error {
	elem, rest := elems[0], elems[1:]
	if len(rest) > 0 && !strings.ContainsAny(elem, `*?[\`) {
		return s.descend(join(dir, elem), rest, f)
	}
	fd, err := s.root.open(dir, unix.O_RDONLY|unix.O_DIRECTORY, asMachine)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if !strings.ContainsAny(elem, `*?[\`) {
		return f(fd, join(dir, elem), elem)
	}
	if elem == "**" {
		if err := s.notRoot(fd, dir); err != nil {
			return err
		}
		elem = "*"
	}
	names, err := readNames(fd, dir)
	if err != nil {
		return err
	}
	for _, n := range names {
		if ok, _ := path.Match(elem, n); !ok {
			continue
		}
		if len(rest) > 0 && !named(rest) {
			// "*/*" means what lies there, wherever a link beside it leads.
			var st unix.Stat_t
			if err := lstat(fd, n, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFDIR {
				continue
			}
		}
		if len(rest) > 0 {
			err = s.descend(join(dir, n), rest, f)
		} else {
			err = f(fd, join(dir, n), n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notRoot refuses to empty a directory that turns out to be the whole tree, by
// way of a link.
func (s *sealer) notRoot(fd int, dir string) error {
	var a, b unix.Stat_t
	if err := unix.Fstat(fd, &a); err != nil {
		return err
	}
	if err := unix.Fstat(s.root.fd, &b); err != nil {
		return err
	}
	if a.Dev == b.Dev && a.Ino == b.Ino {
		return fmt.Errorf("/%s leads to the root directory: replace this link, or keep the rule's files", dir)
	}
	return nil
}
