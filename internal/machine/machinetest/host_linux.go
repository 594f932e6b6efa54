package machinetest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Host lists mounts below home, and processes that have home, or something below
// it, as their root, working directory, or in their command line or environment.
// This process is left out.
func Host(t testing.TB, home string) []string {
	t.Helper()
	var found []string
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); len(f) > 4 && strings.Contains(f[4], home) {
			found = append(found, "mount "+f[4])
		}
	}
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		if base := filepath.Base(p); base != filepath.Base(self()) && concerns(p, home) {
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

func concerns(proc, home string) bool {
	for _, link := range []string{"root", "cwd"} {
		if to, err := os.Readlink(filepath.Join(proc, link)); err == nil && strings.Contains(to, home) {
			return true
		}
	}
	for _, file := range []string{"cmdline", "environ"} {
		if text, err := os.ReadFile(filepath.Join(proc, file)); err == nil && bytes.Contains(text, []byte(home)) {
			return true
		}
	}
	return false
}
