package cgroup

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path"
	"strings"
)

// hierarchy is a mounted tree of control groups.
type hierarchy struct {
	name  string // as in /proc/PID/cgroup: "" for version 2, "name=systemd", or a controller
	point string
	root  string // what of the tree is mounted there
}

// errNone says that groups cannot be made on this host.
var errNone = errors.New("no control group hierarchy is mounted (mount cgroup2 at /sys/fs/cgroup)")

// hierarchies returns those that matter, version 2 first.
func hierarchies() ([]hierarchy, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := parseMounts(f)
	if err != nil {
		return nil, err
	}
	chosen := choose(all)
	if len(chosen) == 0 {
		return nil, errNone
	}
	return chosen, nil
}

// choose picks version 2 and systemd's own; one controller stands in where there
// is neither.
func choose(all []hierarchy) []hierarchy {
	pick := func(name string) (h hierarchy, ok bool) {
		for _, h := range all {
			if h.name == name {
				return h, true
			}
		}
		return h, false
	}
	var chosen []hierarchy
	for _, name := range []string{"", "name=systemd"} {
		if h, ok := pick(name); ok {
			chosen = append(chosen, h)
		}
	}
	for _, name := range []string{"pids", "freezer"} {
		if h, ok := pick(name); ok && len(chosen) == 0 {
			chosen = append(chosen, h)
		}
	}
	return chosen
}

// parseMounts reads the control group file systems from a mount table.
func parseMounts(table io.Reader) ([]hierarchy, error) {
	var all []hierarchy
	lines := bufio.NewScanner(table)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		before, after, ok := strings.Cut(lines.Text(), " - ")
		fields, rest := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 5 || len(rest) < 3 {
			continue
		}
		h := hierarchy{root: fields[3], point: fields[4]}
		switch rest[0] {
		case "cgroup2":
			all = append(all, h)
		case "cgroup":
			for option := range strings.SplitSeq(rest[2], ",") {
				if option != "rw" && option != "ro" {
					h.name = option
					all = append(all, h)
				}
			}
		}
	}
	return all, lines.Err()
}

// own returns the directories of the groups that this process is in.
func own() ([]string, error) { return of("/proc/self/cgroup") }

func of(file string) ([]string, error) {
	mounts, err := hierarchies()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, h := range mounts {
		if dir, ok := h.dir(string(text)); ok {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return nil, errNone
	}
	return dirs, nil
}

// dir returns the directory of the group that a /proc/PID/cgroup text names.
func (h hierarchy) dir(text string) (string, bool) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for name := range strings.SplitSeq(parts[1], ",") {
			if name != h.name {
				continue
			}
			group := parts[2]
			if h.root != "/" {
				// A container sees a part of the tree; what lies outside cannot be reached.
				in, ok := strings.CutPrefix(group, h.root)
				if !ok {
					in = "/"
				}
				group = in
			}
			return path.Join(h.point, path.Clean("/"+group)), true
		}
	}
	return "", false
}
