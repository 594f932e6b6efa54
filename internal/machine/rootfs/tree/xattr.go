package tree

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// xattr is one extended attribute.
type xattr struct{ name, value string }

// keepXattr says whether an attribute belongs to the tree. Security labels and
// integrity measurements are the host's own, and overlay attributes mean
// something only to the overlay that wrote them.
func keepXattr(name string) bool {
	switch {
	case name == "security.capability":
		return true
	case strings.HasPrefix(name, "security."), overlayXattr(name):
		return false
	case name == "system.posix_acl_access", name == "system.posix_acl_default":
		return true
	case strings.HasPrefix(name, "system."):
		return false // made up by the file system
	}
	return true // user.*, trusted.*
}

func overlayXattr(name string) bool {
	return strings.HasPrefix(name, "trusted.overlay.") || strings.HasPrefix(name, "user.overlay.")
}

// fgetxattrs reads the attributes of an open file that keep selects, sorted.
func fgetxattrs(fd int, keep func(string) bool) ([]xattr, error) {
	return getxattrs(keep,
		func(b []byte) (int, error) { return unix.Flistxattr(fd, b) },
		func(n string, b []byte) (int, error) { return unix.Fgetxattr(fd, n, b) })
}

// lgetxattrs does the same for a path, whose last element is not followed.
func lgetxattrs(path string, keep func(string) bool) ([]xattr, error) {
	return getxattrs(keep,
		func(b []byte) (int, error) { return unix.Llistxattr(path, b) },
		func(n string, b []byte) (int, error) { return unix.Lgetxattr(path, n, b) })
}

func getxattrs(keep func(string) bool, list func([]byte) (int, error), get func(string, []byte) (int, error)) ([]xattr, error) {
	// Nearly every file has none: ask with a small buffer on the stack first.
	var small [256]byte
	names, err := grow(small[:], list)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM) {
		return nil, nil
	}
	if err != nil || len(names) == 0 {
		return nil, err
	}
	var found []xattr
	for n := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if !keep(n) {
			continue
		}
		v, err := grow(make([]byte, 256), func(b []byte) (int, error) { return get(n, b) })
		if errors.Is(err, unix.ENODATA) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, xattr{n, string(v)})
	}
	slices.SortFunc(found, func(a, b xattr) int { return strings.Compare(a.name, b.name) })
	return found, nil
}

// grow calls f with a buffer that is large enough.
func grow(buf []byte, f func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := f(buf)
		if err == nil {
			return buf[:n], nil
		}
		if !errors.Is(err, unix.ERANGE) {
			return nil, err
		}
		if n, err = f(nil); err != nil {
			return nil, err
		}
		buf = make([]byte, n+64)
	}
}
