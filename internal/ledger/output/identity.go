package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// identity is what a record says of a file: it is the same one under its
// temporary name and under the name that the user wants. A file that somebody
// puts there later is another one, also when it has the same inode by chance, and so
// is one whose content somebody changes.
type identity struct {
	tag      string
	dev, ino uint64
	born     int64 // when it was made, as far as its file system knows
	// What it was when it was complete: size and time of the last change of a file;
	// for a directory 0, and a time by which all that is in it had been made. A time
	// of 0 is not known.
	size, time int64
	path       string // where it is wanted
}

func (i identity) String() string {
	return fmt.Sprintf("%s:%d:%d:%d:%d:%d:%s", i.tag, i.dev, i.ino, i.born, i.size, i.time, i.path)
}

// identify reads the identity of the complete file or directory at name. Of a
// directory it touches the time of change, to read the clock of its file system.
func identify(name, tag, path string) (string, error) {
	fi, err := os.Lstat(name)
	if err != nil {
		return "", err
	}
	if fi.IsDir() {
		if err := os.Chmod(name, fi.Mode()); err != nil {
			return "", err
		}
	}
	s, err := look(name)
	if err != nil {
		return "", err
	}
	i := identity{tag: tag, dev: s.dev, ino: s.ino, born: s.born, size: s.size, time: s.modified, path: path}
	if s.isDir() {
		i.size, i.time = 0, s.changed
	}
	return i.String(), nil
}

// parse reads an id. One that is short is of an older version, and knows no times.
func parse(id string) (identity, error) {
	head, path, found := strings.Cut(id, ":/")
	parts := strings.Split(head, ":")
	if i := (identity{tag: parts[0], path: "/" + path}); found && (len(parts) == 3 || len(parts) == 6) {
		var errs []error
		whole := func(n int) uint64 {
			v, err := strconv.ParseUint(parts[n], 10, 64)
			errs = append(errs, err)
			return v
		}
		number := func(n int) int64 {
			if n >= len(parts) {
				return 0
			}
			v, err := strconv.ParseInt(parts[n], 10, 64)
			errs = append(errs, err)
			return v
		}
		i.dev, i.ino = whole(1), whole(2)
		i.born, i.size, i.time = number(3), number(4), number(5)
		if errors.Join(errs...) == nil {
			return i, nil
		}
	}
	return identity{}, fmt.Errorf("%q does not name a file that was made", id)
}

// mustParse parses an id that this package made in this process.
func mustParse(id string) identity {
	i, err := parse(id)
	if err != nil {
		panic(err)
	}
	return i
}

// verdict says what there is under a name.
type verdict int

const (
	absent  verdict = iota
	other           // somebody else's
	changed         // the one, but with other content, or it cannot be told
	ours            // the one, as it was made
)

// at tells what there is under a name. What is in a directory does not count.
func (i identity) at(name string) (verdict, error) {
	s, err := look(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return absent, nil
	case err != nil:
		return absent, err
	case s.ino != i.ino, i.time != 0 && s.born != i.born, i.born == 0 && s.dev != i.dev:
		return other, nil // some devices have another number after a reboot
	case s.isRegular() && (i.time == 0 || s.size != i.size || s.modified != i.time):
		return changed, nil
	}
	return ours, nil
}

// strangers finds something below a directory that was put there or changed after the
// directory was complete; "" when there is nothing. What is moved in keeps its age, but
// not the time of its last change: in a directory that came so, all may be old. The
// directory itself also changes with what builds make and remove in it.
func (i identity) strangers() (found string, err error) {
	root, err := look(i.path)
	if err != nil {
		return "", err
	}
	err = filepath.WalkDir(i.path, func(path string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		s, err := look(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case s.mount, s.dev != root.dev, !s.isDir() && s.changed > i.time:
			found = path
			return fs.SkipAll
		case path != i.path && s.changed > i.time:
			found = path // unless something in it says more
		}
		return nil
	})
	return found, err
}

// partOf is the name of a file while it is written, oldOf that of what it replaced.
func partOf(path, tag string) string { return filepath.Join(filepath.Dir(path), "."+tag+".part") }
func oldOf(path, tag string) string  { return filepath.Join(filepath.Dir(path), "."+tag+".old") }
