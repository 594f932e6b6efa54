package machinetest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Host lists mounts at a path that holds home or one of the tags, and processes
// that have one of these in the path of their root or working directory, their
// command line or their environment. This process is left out.
func Host(t testing.TB, home string, tags []string) []string {
	t.Helper()
	marks := append(slices.Clone(tags), home)
	var found []string
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 4 && holds(f[4], marks) {
			found = append(found, "mount "+f[4])
		}
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		if base := filepath.Base(p); base != filepath.Base(self()) && concerns(p, marks) {
			line, _ := os.ReadFile(filepath.Join(p, "cmdline"))
			found = append(found, "process "+base+" "+string(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return found
}

func self() string {
	p, _ := os.Readlink("/proc/self")
	return p
}

func concerns(proc string, marks []string) bool {
	for _, link := range []string{"root", "cwd"} {
		if to, err := os.Readlink(filepath.Join(proc, link)); err == nil && holds(to, marks) {
			return true
		}
	}
	for _, file := range []string{"cmdline", "environ"} {
		if text, err := os.ReadFile(filepath.Join(proc, file)); err == nil && holds(string(text), marks) {
			return true
		}
	}
	return false
}

func holds(s string, marks []string) bool {
	return slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(s, mark) })
}
