package build

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// littleRoom is so little that whatever failed may have failed for want of it.
const littleRoom = 1 << 20

// noRoomError is an error that was met on a full disk; it says what to do.
type noRoomError struct {
	error
	home string
}

func (e *noRoomError) Error() string {
	return fmt.Sprintf("%v\nthe disk of %s is full: make room there, for example with proofmark cache prune --all", e.error, e.home)
}

func (e *noRoomError) Unwrap() error { return e.error }

// noRoom tells a full disk from other reasons to fail. It looks at the disk itself:
// of a script that failed for want of room nothing is known but its exit status.
// It is called before anything is cleaned up.
func (r *runner) noRoom(err error) error {
	var said *noRoomError
	if err == nil || errors.As(err, &said) {
		return err
	}
	home := filepath.Dir(r.kit.Images)
	var st unix.Statfs_t
	full := unix.Statfs(home, &st) == nil && (int64(st.Bavail)*int64(st.Bsize) < littleRoom || st.Files > 0 && st.Ffree < 16)
	if !full && !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) {
		return err
	}
	return &noRoomError{err, home}
}
