package rootfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// A machine resolves names as the host does while it is provisioned. Its own
// /etc/resolv.conf is set aside meanwhile, and a file with the host's settings is
// planted in its place: one that steps can write, rename and remove, as they
// could not if it were mounted. What they made of it is the image's; what they
// left as it was gives way to the machine's own again.
//
// Where the machine's own is a link, as systemd-resolved and resolvconf have it,
// the link stays and the settings are mounted where it leads, which is in /run.
// A gate sees the image's own file, unless that names no server.

// resolverMode says how a machine is given the resolver's settings.
type resolverMode int

const (
	resolverOwn     resolverMode = iota // it keeps its own
	resolverMounted                     // where its link leads
	resolverPlanted                     // in place of its own
)

// resolverMode looks at the machine's own file in the stack (highest first).
func (m *rootMachine) resolverMode(stack []string) (resolverMode, error) {
	dirs, ok := descendAll(stack, filepath.Dir(resolverPath))
	if !ok {
		return resolverOwn, nil // no /etc, or one that is a link
	}
	file, fi := find(dirs, filepath.Base(resolverPath))
	switch {
	case fi == nil:
		return resolverPlanted, nil
	case fi.Mode()&fs.ModeSymlink != 0:
		return resolverMounted, nil
	case !fi.Mode().IsRegular():
		return resolverOwn, nil
	case !m.gate:
		return resolverPlanted, nil
	}
	text, err := os.ReadFile(file)
	if err != nil || namesServer(string(text)) {
		return resolverOwn, err
	}
	return resolverPlanted, nil
}

func namesServer(text string) bool {
	servers, _ := parseResolver(text)
	return len(servers) > 0
}

// own is the machine's own file in its upper directory, and aside where it is kept
// while another is planted.
func (m *rootMachine) ownResolver() (own, aside string) {
	return filepath.Join(m.seat.upper(), resolverPath), filepath.Join(m.seat.dir, "resolver-own")
}

// plantResolver sets the machine's own file aside and plants one with text. The
// overlay is not mounted.
func (m *rootMachine) plantResolver(top string, stack []string, text string) error {
	own, aside := m.ownResolver()
	if dir, err := os.Lstat(filepath.Dir(own)); err == nil && dir.IsDir() {
		err := keepTimes(filepath.Dir(own), func() error { return os.Rename(own, aside) })
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	m.planted = text
	return cover(top, stack, resolverPath, text, 0o644)
}

// takeResolver undoes plantResolver: what a step made of the planted file becomes
// the machine's own. Nothing runs, and the overlay is not mounted.
func (m *rootMachine) takeResolver() error {
	if m.planted == "" {
		return nil
	}
	own, aside := m.ownResolver()
	// A link would lead to the host's directory of that name.
	if dir, err := os.Lstat(filepath.Dir(own)); err == nil && !dir.IsDir() {
		return m.taken(aside)
	}
	fi, err := os.Lstat(own)
	if errors.Is(err, fs.ErrNotExist) {
		return m.putBack(own, aside)
	}
	if err != nil {
		return err
	}
	below := m.below()
	switch {
	case whiteout(fi): // it was removed; of what was not there no note is needed
		if dirs, ok := descendAll(below, filepath.Dir(resolverPath)); !ok || !has(dirs, filepath.Base(resolverPath)) {
			err = keepTimes(filepath.Dir(own), func() error { return os.Remove(own) })
		}
	case fi.Mode().IsRegular():
		written, rerr := os.ReadFile(own)
		if rerr != nil {
			return rerr
		}
		before, rerr := m.resolverBefore(aside, below)
		if rerr != nil {
			return rerr
		}
		rest, touched := without(string(written), m.planted, before)
		if !touched {
			return m.putBack(own, aside)
		}
		if rest != string(written) {
			err = os.WriteFile(own, []byte(rest), 0) // in place: owner and mode are the step's
		}
	}
	if err != nil {
		return err
	}
	return m.taken(aside)
}

// taken forgets what was set aside.
func (m *rootMachine) taken(aside string) error {
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	m.planted = ""
	return nil
}

// putBack makes the machine's own file again what it was.
func (m *rootMachine) putBack(own, aside string) error {
	_, err := os.Lstat(aside)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if there || exists(own) {
		err = keepTimes(filepath.Dir(own), func() error {
			if there {
				return os.Rename(aside, own)
			}
			return os.Remove(own)
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	m.planted = ""
	return nil
}

// resolverBefore is the text of the machine's own file before one was planted.
func (m *rootMachine) resolverBefore(aside string, below []string) (string, error) {
	file, fi := aside, os.FileInfo(nil)
	if st, err := os.Lstat(aside); err == nil {
		fi = st
	} else if dirs, ok := descendAll(below, filepath.Dir(resolverPath)); ok {
		file, fi = find(dirs, filepath.Base(resolverPath))
	}
	if fi == nil || !fi.Mode().IsRegular() {
		return "", nil
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

// without takes what was planted out of what a step made of it, and tells whether
// the step wrote anything at all. What was appended follows what was there before.
func without(written, planted, before string) (rest string, touched bool) {
	if more, ok := strings.CutPrefix(written, planted); ok {
		if before != "" && !strings.HasSuffix(before, "\n") {
			before += "\n"
		}
		return before + more, more != ""
	}
	if !strings.Contains(written, machine.Marker) {
		return written, true // a file of its own, which may well name a server of the host's
	}
	lines := slices.Collect(strings.Lines(planted))
	var b strings.Builder
	for line := range strings.Lines(written) {
		if !slices.Contains(lines, line) {
			b.WriteString(line)
		}
	}
	return b.String(), true
}

// keepTimes keeps what f makes in a directory from changing its times.
func keepTimes(dir string, f func() error) error {
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: dir, Err: err}
	}
	err := f()
	return errors.Join(err, unix.UtimesNanoAt(unix.AT_FDCWD, dir, []unix.Timespec{st.Atim, st.Mtim}, unix.AT_SYMLINK_NOFOLLOW))
}
