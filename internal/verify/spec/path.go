package spec

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// ReadPath reads checks for a template that has none: a goss file, or a directory
// of goss files (*.yaml, *.yml, *.json). In a directory a file named vars holds the
// variables, and files that others include are read there only.
func ReadPath(path string) ([]verify.Spec, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	if !info.IsDir() {
		if !isGoss(path) {
			return nil, notGoss(path)
		}
		s, err := ReadGoss(path, GossOptions{})
		if err != nil {
			return nil, err
		}
		return []verify.Spec{s}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	var o GossOptions
	var names []string
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		base := e.Name()[:len(e.Name())-len(filepath.Ext(e.Name()))]
		switch {
		case e.IsDir():
		case filepath.Ext(name) == ".rb":
			return nil, notGoss(name)
		case isGoss(name) && base == "vars":
			o.Vars = append(o.Vars, name)
		case isGoss(name):
			names = append(names, name)
		}
	}
	return readAll(path, names, o)
}

// readAll reads the goss files of a directory, without those that another one
// includes.
func readAll(dir string, names []string, o GossOptions) ([]verify.Spec, error) {
	var all []*checks
	included := make(map[string]bool)
	var problems template.Diagnostics
	for _, name := range names {
		s, err := readGoss(name, o)
		if d, ok := err.(template.Diagnostics); ok {
			problems = append(problems, d...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
		for _, f := range s.files {
			if f != name {
				included[f] = true
			}
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	var specs []verify.Spec
	for i, s := range all {
		if !included[names[i]] {
			specs = append(specs, s)
		}
	}
	if len(specs) == 0 {
		return nil, fmt.Errorf("read checks: no goss files (*.yaml, *.yml, *.json) in %s", cmp.Or(dir, "."))
	}
	return specs, nil
}

func isGoss(path string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path))
}

func notGoss(path string) error {
	if filepath.Ext(path) == ".rb" {
		return fmt.Errorf("read checks: %s is a ServerSpec file, which this version does not read yet; goss files (*.yaml, *.yml, *.json) are read", path)
	}
	return fmt.Errorf("read checks: %s is no goss file (*.yaml, *.yml, *.json), and this version reads no others", path)
}
