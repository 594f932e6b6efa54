// Package cgroup gives each machine control groups of its own, on hosts with
// version 2, version 1, or both at once.
//
// Only what processes are grouped by matters here: version 2, and the named
// version 1 hierarchy in which systemd keeps its units where it has one. Version 1
// controllers are read-only inside a machine and need no group.
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Group is a control group of one name, in each hierarchy that matters.
type Group struct {
	dirs []string // version 2 first
}

// Create makes a group below the one this process is in. It succeeds wholly or
// leaves nothing.
func Create(name string) (Group, error) {
	parents, err := own()
	if err != nil {
		return Group{}, fmt.Errorf("create control group: %w", err)
	}
	var g Group
	for _, p := range parents {
		dir := filepath.Join(p, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return Group{}, errors.Join(fmt.Errorf("create control group: %w", err), g.Remove())
		}
		g.dirs = append(g.dirs, dir)
	}
	return g, nil
}

// Writable tells why groups cannot be made here; nil when they can.
func Writable() error {
	parents, err := own()
	if err != nil {
		return err
	}
	for _, p := range parents {
		if err := unix.Access(p, unix.W_OK); err != nil {
			return fmt.Errorf("control groups cannot be made in %s (in a container: give it ones that it may write, as with --privileged): %w", p, err)
		}
	}
	return nil
}

// Parse gives the group that String named.
func Parse(id string) Group { return Group{dirs: strings.Split(id, ":")} }

// String names the group for Parse, also in another process.
func (g Group) String() string { return strings.Join(g.dirs, ":") }

// None tells that there is no group: the zero value, whose methods do nothing.
func (g Group) None() bool { return len(g.dirs) == 0 }

// Child makes a group inside g, in every hierarchy.
func (g Group) Child(name string) (Group, error) {
	var c Group
	for _, d := range g.dirs {
		dir := filepath.Join(d, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return Group{}, errors.Join(fmt.Errorf("create control group: %w", err), c.Remove())
		}
		c.dirs = append(c.dirs, dir)
	}
	return c, nil
}

// Procs are the files to which a process writes its id to join the group.
func (g Group) Procs() []string {
	var files []string
	for _, d := range g.dirs {
		files = append(files, filepath.Join(d, "cgroup.procs"))
	}
	return files
}

// Within tells whether g is other, or inside it.
func (g Group) Within(other Group) bool {
	for _, dir := range g.dirs {
		for _, top := range other.dirs {
			if dir == top || strings.HasPrefix(dir, top+"/") {
				return true
			}
		}
	}
	return false
}

// Of returns the group a process is in.
func Of(pid int) (Group, error) {
	dirs, err := of(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return Group{}, fmt.Errorf("find control group of process %d: %w", pid, err)
	}
	return Group{dirs: dirs}, nil
}

// Find returns the groups of a name, wherever in the hierarchies.
func Find(name string) ([]Group, error) {
	mounts, err := hierarchies()
	if err != nil {
		return nil, fmt.Errorf("find control group: %w", err)
	}
	var found Group
	for _, m := range mounts {
		err := filepath.WalkDir(m.point, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case d.IsDir() && d.Name() == name:
				found.dirs = append(found.dirs, path)
				return fs.SkipDir
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("find control group: %w", err)
		}
	}
	if len(found.dirs) == 0 {
		return nil, nil
	}
	return []Group{found}, nil
}

// Remove removes the group and those inside it. They must be empty of processes.
func (g Group) Remove() error {
	var errs []error
	for _, d := range g.dirs {
		errs = append(errs, remove(d))
	}
	return errors.Join(errs...)
}

func remove(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove control group: %w", err)
	}
	return nil
}
