package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// littleRoom is so little that whatever failed may have failed for want of it.
const littleRoom = 1 << 20

// noRoomError is an error that was met on a full disk; it says what to do.
type noRoomError struct {
	error
	dir    string // on the full disk
	advice string
}

func (e *noRoomError) Error() string {
	return fmt.Sprintf("%v\nthe disk of %s is full: make room there%s", e.error, e.dir, e.advice)
}

func (e *noRoomError) Unwrap() error { return e.error }

// noRoom tells a full disk from other reasons to fail, and which one it is: that of the
// file which the error names, or else the home's, where most is written. It looks at the home's disk itself: of a
// script that failed for want of room nothing is known but its exit status. It is called
// before anything is cleaned up.
func (r *runner) noRoom(err error) error {
	var said *noRoomError
	if err == nil || errors.As(err, &said) {
		return err
	}
	home := filepath.Dir(r.kit.Images)
	atHome := &noRoomError{err, home, ", for example with proofmark cache prune --all"}
	if dir := fullPlace(err); dir != "" && !sameDisk(dir, home) {
		return &noRoomError{error: err, dir: dir}
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || full(home) {
		return atHome
	}
	return err
}

// fullPlace is the directory of the file for which there was no room; "" when the error
// does not say.
func fullPlace(err error) string {
	path := ""
	switch e := err.(type) {
	case *fs.PathError:
		path = e.Path
	case *os.LinkError:
		path = e.New
	case interface{ Unwrap() error }:
		return fullPlace(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if dir := fullPlace(err); dir != "" {
				return dir
			}
		}
	}
	if path == "" || !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) {
		return ""
	}
	dir := filepath.Dir(absolute(path))
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	return dir
}

func sameDisk(a, b string) bool {
	var x, y unix.Stat_t
	return unix.Stat(a, &x) == nil && unix.Stat(b, &y) == nil && x.Dev == y.Dev
}

func full(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && (int64(st.Bavail)*int64(st.Bsize) < littleRoom || st.Files > 0 && st.Ffree < 16)
}
