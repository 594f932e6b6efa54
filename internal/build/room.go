package build

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger/output"
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
// user's directory in which the error was met, or else the home's, where most is written. It looks at the home's disk itself: of a
// script that failed for want of room nothing is known but its exit status. It is called
// before anything is cleaned up.
func (r *runner) noRoom(err error) error {
	var said *noRoomError
	if err == nil || errors.As(err, &said) {
		return err
	}
	home := filepath.Dir(r.kit.Images)
	atHome := &noRoomError{err, home, ", for example with proofmark cache prune --all"}
	var at *output.PlaceError
	if errors.As(err, &at) && isNoRoom(at) && !sameDisk(at.Dir, home) {
		return &noRoomError{error: err, dir: at.Dir}
	}
	if isNoRoom(err) || full(home) {
		return atHome
	}
	return err
}

func isNoRoom(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

// sameDisk tells whether two directories are on one disk; a that is not there is where
// it would be made.
func sameDisk(a, b string) bool {
	var x, y unix.Stat_t
	for unix.Stat(a, &x) != nil && a != filepath.Dir(a) {
		a = filepath.Dir(a)
	}
	return unix.Stat(a, &x) == nil && unix.Stat(b, &y) == nil && x.Dev == y.Dev
}

func full(dir string) bool {
	var st unix.Statfs_t
	return unix.Statfs(dir, &st) == nil && (int64(st.Bavail)*int64(st.Bsize) < littleRoom || st.Files > 0 && st.Ffree < 16)
}
