package probe

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// within returns where name is in the tree at root, taking links as a process
// would that has root as its root directory: none leads out of it. The last
// element's link is resolved only if follow is set, and need not exist.
// Nothing else may change the tree at the same time.
func within(root, name string, follow bool) (string, error) {
	const maxLinks = 40
	rest := strings.Split(name, "/")
	at, links := "/", 0
	for len(rest) > 0 {
		elem := rest[0]
		rest = rest[1:]
		switch elem {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, elem)
		if last := isLast(rest); last && !follow {
			return filepath.Join(root, next), nil
		}
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil { // not a link, or not there: whoever uses the path will see
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolve", Path: name, Err: syscall.ELOOP}
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return filepath.Join(root, at), nil
}

func isLast(rest []string) bool {
	for _, r := range rest {
		if r != "" && r != "." {
			return false
		}
	}
	return true
}

// absolute refuses a path that would depend on where the probe happens to run.
func absolute(name string) error {
	if !strings.HasPrefix(name, "/") {
		return fmt.Errorf("read path %q: not absolute", name)
	}
	return nil
}
