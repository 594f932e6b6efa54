// Command licences checks that every module that Proofmark links or builds with has
// a licence that fits Apache-2.0, and that each direct one has its line in
// docs/dependencies.md.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const table = "docs/dependencies.md"

// marks tell licences apart by words that only they have.
var marks = []struct{ name, text string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD", "Redistribution and use in source and binary forms"},
	{"ISC", "Permission to use, copy, modify, and"},
}

func main() {
	if err := check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check() error {
	documented, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "list", "-m", "-json", "all")
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list modules: %w", err)
	}
	used, err := linked()
	if err != nil {
		return err
	}
	var errs []error
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct {
			Path, Dir      string
			Main, Indirect bool
		}
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if m.Main || !used[m.Path] {
			continue
		}
		name, err := licence(m.Dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Path, err))
			continue
		}
		if !m.Indirect && !documentedAs(string(documented), m.Path, name) {
			errs = append(errs, fmt.Errorf("%s: give it a line in %s with its reason and %q", m.Path, table, name))
		}
	}
	return errors.Join(errs...)
}

// linked returns the modules whose packages our packages import, tests included.
func linked() (map[string]bool, error) {
	out, err := exec.Command("go", "list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	used := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		used[path] = true
	}
	return used, nil
}

func documentedAs(text, module, name string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, "`"+module+"`") && strings.Contains(line, name) {
			return true
		}
	}
	return false
}

func licence(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "[LlC][IiO][CcP]*"))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, m := range marks {
			if strings.Contains(words, m.text) {
				return m.name, nil
			}
		}
	}
	return "", fmt.Errorf("no licence that fits is in %s", dir)
}
