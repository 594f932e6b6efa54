package spec

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// format is what a file of checks is written in.
type format int

const (
	otherFormat format = iota
	gossFormat
	serverSpecFormat // a file of specs, *_spec.rb
	rubyFormat       // other Ruby, such as spec_helper.rb: no specs by itself
)

// formatOf tells the format by a file's name. Whatever reads checks from paths that a
// user gives decides by it alone.
func formatOf(path string) format {
	switch filepath.Ext(path) {
	case ".yaml", ".yml", ".json":
		return gossFormat
	case ".rb":
		if strings.HasSuffix(path, "_spec.rb") {
			return serverSpecFormat
		}
		return rubyFormat
	}
	return otherFormat
}

// ReadPath reads the checks of a path that a user gives beside any template: a goss
// file, or a directory of goss files (*.yaml, *.yml, *.json). In a directory a file
// named vars holds variables, under those of o, and files that others include are
// read there only.
func ReadPath(path string, o GossOptions) ([]verify.Spec, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	if info.IsDir() {
		return readDir(path, o)
	}
	if formatOf(path) != gossFormat {
		return nil, unread(path)
	}
	s, err := ReadGoss(path, o)
	if err != nil {
		return nil, err
	}
	return []verify.Spec{s}, nil
}

func readDir(dir string, o GossOptions) ([]verify.Spec, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	var names, vars []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		base := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name()))
		switch f := formatOf(name); {
		case e.IsDir():
		case f == serverSpecFormat, f == rubyFormat:
			return nil, unread(name)
		case f == gossFormat && base == "vars":
			vars = append(vars, name)
		case f == gossFormat:
			names = append(names, name)
		}
	}
	o.Vars = append(vars, o.Vars...)
	return readAll(dir, names, o)
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
		return nil, fmt.Errorf("read checks: no goss files (*.yaml, *.yml, *.json) in %s, and no *_spec.rb below", cmp.Or(dir, "."))
	}
	return specs, nil
}

// unread says why a file is not read.
func unread(path string) error {
	switch formatOf(path) {
	case serverSpecFormat, rubyFormat:
		return fmt.Errorf("read checks: %s is a ServerSpec file beside goss files; name the files of each kind by themselves", path)
	}
	return fmt.Errorf("read checks: %s is no goss file (*.yaml, *.yml, *.json), and this version reads no others", path)
}
