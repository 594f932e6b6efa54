package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// identity is what a record says of a file: it is the same one under its
// temporary name and under the name that the user wants, and a file that somebody
// puts there later is another one.
type identity struct {
	tag      string
	dev, ino uint64
	path     string // where it is wanted
}

func (i identity) String() string { return fmt.Sprintf("%s:%d:%d:%s", i.tag, i.dev, i.ino, i.path) }

// identify reads the identity of the file at name.
func identify(name, tag, path string) (string, error) {
	fi, err := os.Lstat(name)
	if err != nil {
		return "", err
	}
	dev, ino := number(fi)
	return identity{tag, dev, ino, path}.String(), nil
}

func number(fi fs.FileInfo) (dev, ino uint64) {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), st.Ino
	}
	return 0, 0
}

func parse(id string) (identity, error) {
	parts := strings.SplitN(id, ":", 4)
	if len(parts) != 4 {
		return identity{}, fmt.Errorf("%q does not name a file that was made", id)
	}
	dev, err1 := strconv.ParseUint(parts[1], 10, 64)
	ino, err2 := strconv.ParseUint(parts[2], 10, 64)
	if err := errors.Join(err1, err2); err != nil || !filepath.IsAbs(parts[3]) {
		return identity{}, fmt.Errorf("%q does not name a file that was made", id)
	}
	return identity{parts[0], dev, ino, parts[3]}, nil
}

// mustParse parses an id that this package made in this process.
func mustParse(id string) identity {
	i, err := parse(id)
	if err != nil {
		panic(err)
	}
	return i
}

// is tells whether the file at name is the one.
func (i identity) is(name string) (bool, error) {
	fi, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	dev, ino := number(fi)
	return dev == i.dev && ino == i.ino, nil
}

// partOf is the name of a file while it is written, oldOf that of what it replaced.
func partOf(path, tag string) string { return filepath.Join(filepath.Dir(path), "."+tag+".part") }
func oldOf(path, tag string) string  { return filepath.Join(filepath.Dir(path), "."+tag+".old") }
