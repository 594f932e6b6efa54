package qemu

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// addPaths adds what files and directories hold that patterns name.
func addPaths(h *cache.Hash, option string, patterns []string) error {
	for _, p := range patterns {
		paths := []string{p}
		if strings.ContainsAny(p, "*?[") {
			var err error
			if paths, err = filepath.Glob(p); err != nil {
				return fmt.Errorf("%s: %q: %w", option, p, err)
			}
		}
		for _, path := range paths {
			// The machine sees the last part of the name, and whether a slash follows.
			name := option + " " + filepath.Base(path)
			if strings.HasSuffix(path, "/") {
				name += "/"
			}
			fi, err := os.Stat(path)
			switch {
			case err != nil:
			case fi.IsDir():
				err = h.AddTree(name, path)
			default:
				err = h.AddFile(name, path)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", option, err)
			}
		}
	}
	return nil
}

// addIfThere adds what a file holds. That it is missing is told when it is needed.
func addIfThere(h *cache.Hash, name, path string) error {
	if fi, err := os.Stat(path); err != nil || !fi.Mode().IsRegular() {
		return nil
	}
	return h.AddFile(name, path)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
