package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// What a running machine is given by files.
const (
	resolverPath = "/etc/resolv.conf"
	policyPath   = "/usr/sbin/policy-rc.d"
	tmpfilesPath = "/run/tmpfiles.d/tmp.conf"
	journalPath  = "/run/systemd/journald.conf.d/proofmark.conf"

	aptConfPath    = "/run/proofmark-apt.conf"
	aptSourcesPath = "/run/proofmark-sources.list"
)

// policy keeps package installation from starting daemons in a machine without an
// init system.
const policy = "#!/bin/sh\n# " + machine.Marker + "\nexit 101\n"

// prepare writes what the machine is shown beside its tree, and returns how to
// start it, also again after a reboot.
func (m *rootMachine) prepare(host Host) (func(ctx context.Context) (*guest, error), error) {
	tree, err := openInside(m.seat.merged())
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	o := startOptions{
		name: m.seat.dirID, hostname: hostname(tree), tree: m.seat.merged(), console: m.seat.console(),
		boot: m.boot, systemd: tree.exists("/lib/systemd/systemd"), host: host,
	}
	gateway := m.seat.run.gateway()
	files := aptFiles(host, gateway, tree)
	if m.resolving == resolverMounted {
		files[resolverPath] = resolver(host, gateway)
	}
	_, m.aptConf = files[aptConfPath]
	if m.boot && !m.gate {
		// A boot would empty /tmp; between two steps of a build nothing is lost.
		files[tmpfilesPath] = "# " + machine.Marker + "\nd /tmp 1777 root root -\nd /var/tmp 1777 root root -\n"
		// On disk it would be 8 MB in each layer, which seal removes.
		files[journalPath] = "# " + machine.Marker + "\n[Journal]\nStorage=volatile\n"
	}
	for at, text := range files {
		from := filepath.Join(m.seat.dir, filepath.Base(at))
		if err := errors.Join(os.WriteFile(from, []byte(text), 0o644), os.Chmod(from, 0o644)); err != nil {
			return nil, err
		}
		o.binds = append(o.binds, [2]string{from, at})
	}
	run := m.seat.run
	return func(ctx context.Context) (*guest, error) { return run.start(ctx, o) }, nil
}

// plant makes a layer that lies between the machine's own files and those it
// stands on, for as long as it runs: what is in it is seen, and never stays.
func (m *rootMachine) plant(host Host) (string, error) {
	top := filepath.Join(m.seat.dir, "plant")
	if err := os.RemoveAll(top); err != nil {
		return "", err
	}
	if err := os.Mkdir(top, 0o755); err != nil {
		return "", err
	}
	stack := append([]string{m.seat.upper()}, m.below()...)
	if !m.boot && !m.gate { // a gate shows what the image holds
		if err := plant(top, stack, policyPath, policy, 0o755); err != nil {
			return "", err
		}
	}
	var err error
	if m.resolving, err = m.resolverMode(stack); err != nil || m.resolving != resolverPlanted {
		return top, err
	}
	return top, m.plantResolver(top, stack, resolver(host, m.seat.run.gateway()))
}

// below are the directories of the layers that the machine stands on, highest first.
func (m *rootMachine) below() []string {
	var dirs []string
	for _, id := range slices.Backward(m.chain) {
		dirs = append(dirs, m.b.places.layers().tree(id))
	}
	return dirs
}

// plant puts a file into the layer top, unless the stack (highest first) has
// something of that name.
func plant(top string, stack []string, path, text string, mode os.FileMode) error {
	if dirs, ok := descendAll(stack, filepath.Dir(path)); !ok || has(dirs, filepath.Base(path)) {
		return nil
	}
	return cover(top, stack, path, text, mode)
}

// cover puts a file into the layer top, whatever the stack (highest first) has.
// The directories on the way look like the stack's; where one of these is no
// directory, there is no such file on this system.
func cover(top string, stack []string, path, text string, mode os.FileMode) error {
	dir := filepath.Dir(path)
	var likes []string
	for name := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		if stack = descend(stack, name); len(stack) == 0 {
			return nil
		}
		likes = append(likes, stack[0])
	}
	if err := os.MkdirAll(filepath.Join(top, dir), 0o700); err != nil {
		return err
	}
	file := filepath.Join(top, path)
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		return err
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask says
		return err
	}
	for i := len(likes) - 1; i >= 0; i-- { // what is made in a directory changes its time
		if err := alike(filepath.Join(top, dir), likes[i]); err != nil {
			return err
		}
		dir = filepath.Dir(dir)
	}
	return nil
}

// has tells whether a name is seen in a stack.
func has(stack []string, name string) bool {
	_, fi := find(stack, name)
	return fi != nil
}

// find returns what is seen under a name in a stack, nil when there is nothing. A
// whiteout says that there is not.
func find(stack []string, name string) (string, os.FileInfo) {
	for _, layer := range stack {
		file := filepath.Join(layer, name)
		if fi, err := os.Lstat(file); err == nil {
			if whiteout(fi) {
				return "", nil
			}
			return file, fi
		}
	}
	return "", nil
}

// whiteout tells whether an entry of a layer says that there is nothing.
func whiteout(fi os.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && fi.Mode()&os.ModeCharDevice != 0 && st.Rdev == 0
}

// descendAll looks a path of directories up; false when one of them is none.
func descendAll(stack []string, dir string) ([]string, bool) {
	for name := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		if stack = descend(stack, name); len(stack) == 0 {
			return nil, false
		}
	}
	return stack, true
}

// descend looks a directory up as overlayfs would: it returns the directories of
// that name that are seen as one, highest first.
func descend(stack []string, name string) []string {
	var dirs []string
	for _, layer := range stack {
		dir := filepath.Join(layer, name)
		fi, err := os.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || !fi.IsDir() {
			break // a file, link or whiteout hides what is below
		}
		dirs = append(dirs, dir)
		if opaque(dir) {
			break
		}
	}
	return dirs
}

// opaque tells whether a directory of a layer hides those below it.
func opaque(dir string) bool {
	value := make([]byte, 1)
	for _, name := range []string{"trusted.overlay.opaque", "user.overlay.opaque"} {
		if n, err := unix.Lgetxattr(dir, name, value); err == nil && n == 1 && value[0] == 'y' {
			return true
		}
	}
	return false
}

// alike gives a directory owner, mode, attributes and times of another.
func alike(dir, like string) error {
	var st unix.Stat_t
	if err := unix.Lstat(like, &st); err != nil {
		return err
	}
	names := make([]byte, 64<<10)
	n, err := unix.Llistxattr(like, names)
	if err != nil {
		n = 0
	}
	for name := range strings.SplitSeq(string(names[:n]), "\x00") {
		value := make([]byte, 64<<10)
		if name == "" || strings.Contains(name, ".overlay.") {
			continue
		}
		if n, err := unix.Lgetxattr(like, name, value); err == nil {
			_ = unix.Lsetxattr(dir, name, value[:n], 0)
		}
	}
	return errors.Join(
		unix.Lchown(dir, int(st.Uid), int(st.Gid)), unix.Chmod(dir, st.Mode&0o7777),
		unix.UtimesNanoAt(unix.AT_FDCWD, dir, []unix.Timespec{st.Atim, st.Mtim}, unix.AT_SYMLINK_NOFOLLOW),
	)
}

// hostname is the tree's own, or a harmless one.
func hostname(tree inside) string {
	text, err := tree.read("/etc/hostname")
	if name := strings.TrimSpace(string(text)); err == nil && validHostname(name) {
		return name
	}
	return "localhost"
}

func validHostname(s string) bool {
	if s == "" || len(s) > 64 || strings.Trim(s, "-.") != s {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}
