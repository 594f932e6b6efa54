package rootfs

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// hold is a guest's namespaces and root directory, open: its leader's number may
// be that of another process by the time a command is started, and paths below
// /proc/NUMBER would then lead to the host. It is safe for concurrent use.
type hold struct {
	names []string // of the namespaces, as nsenter calls them

	mu    sync.Mutex
	files []*os.File // of the namespaces, then of the root directory; nil once let go
}

// nsFiles are the names of namespaces below /proc/PID/ns by nsenter's.
var nsFiles = map[string]string{"mount": "mnt", "uts": "uts", "ipc": "ipc", "net": "net", "pid": "pid", "cgroup": "cgroup"}

// firstFile is the number that the first file given to a child has there. There are
// seven at most: what /bin/sh of some systems can close has one digit.
const firstFile = 3

// takeHold opens what belongs to a process. The caller makes sure that the process
// was the right one.
func takeHold(pid int, names ...string) (*hold, error) {
	h := &hold{names: names}
	open := func(path string, flags int) error {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: path, Err: err}
		}
		h.files = append(h.files, os.NewFile(uintptr(fd), path))
		return nil
	}
	for _, name := range names {
		if err := open(fmt.Sprintf("/proc/%d/ns/%s", pid, nsFiles[name]), unix.O_RDONLY); err != nil {
			return nil, errors.Join(err, h.letGo())
		}
	}
	if err := open(fmt.Sprintf("/proc/%d/root", pid), unix.O_PATH|unix.O_DIRECTORY); err != nil {
		return nil, errors.Join(err, h.letGo())
	}
	return h, nil
}

var errLetGo = errors.New("the machine went down")

// use calls f with the files, which stay open as long as it runs.
func (h *hold) use(f func(files []*os.File) error) error {
	if h == nil {
		return errLetGo
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.files == nil {
		return errLetGo
	}
	return f(h.files)
}

// letGo closes the files; as long as they are open they keep the mounts of a
// machine that has ended. It may be called twice.
func (h *hold) letGo() error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, f := range h.files {
		errs = append(errs, f.Close())
	}
	h.files = nil
	return errors.Join(errs...)
}

// options are nsenter's, for a child that was given the files.
func (h *hold) options() []string {
	var list []string
	for i, name := range h.names {
		list = append(list, fmt.Sprintf("--%s=/proc/self/fd/%d", name, firstFile+i))
	}
	root := fmt.Sprintf("=/proc/self/fd/%d", firstFile+len(h.names))
	return append(list, "--root"+root, "--wd"+root)
}

// closing is the command of a shell that closes the files again.
func (h *hold) closing() string {
	var b strings.Builder
	b.WriteString("exec")
	for i := range len(h.names) + 1 {
		fmt.Fprintf(&b, " %d<&-", firstFile+i)
	}
	return b.String()
}
