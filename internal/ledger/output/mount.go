package output

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// mountOf is where the file system is mounted that a directory lies in, or would be made
// in; "" when that is /, cannot be told, or when nothing would outlive its unmounting.
func mountOf(dir string) string {
	for {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			dir = real
			break
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC {
		return ""
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if isMount(dir) {
			return dir
		}
	}
	return ""
}

// isMount tells whether something is mounted on a directory.
func isMount(dir string) bool {
	s, err := look(dir)
	if err != nil {
		return false
	}
	above, err := look(filepath.Dir(dir))
	return s.mount || err == nil && above.dev != s.dev
}

// away is an error when the file system that a path lay in is not mounted any more: what
// was made there may come back with it.
func away(path, mount string) error {
	if mount == "" || isMount(mount) {
		return nil
	}
	return fmt.Errorf("cannot look after %s: its disk is not mounted on %s. Mount it and run proofmark gc; "+
		"if it is gone for good, put an empty file of that name there before", path, mount)
}
