package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// marks tell licences apart by words that only they have.
var marks = []struct{ name, text string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD", "Redistribution and use in source and binary forms"},
	{"ISC", "Permission to use, copy, modify, and"},
}

// refused are titles of licences under which we can not take anything, even if the
// text of another one stands beside them.
var refused = []string{
	"GNU GENERAL PUBLIC LICENSE", "GNU LESSER GENERAL PUBLIC LICENSE", "GNU AFFERO GENERAL PUBLIC LICENSE",
	"Business Source License", "Server Side Public License", "Commons Clause",
}

// licence names the licence of the module in a directory.
func licence(dir string) (string, error) {
	files, err := licenceFiles(dir)
	if err != nil {
		return "", err
	}
	found := ""
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, r := range refused {
			if strings.Contains(words, r) {
				return "", fmt.Errorf("%s does not fit: %s", r, f)
			}
		}
		for _, m := range marks {
			if found == "" && strings.Contains(words, m.text) {
				found = m.name
			}
		}
	}
	if found == "" {
		return "", fmt.Errorf("no licence that fits is in %s", dir)
	}
	return found, nil
}

// licenceFiles are the files whose names begin with license, licence or copying.
func licenceFiles(dir string) (files []string, err error) {
	return named(dir, "licen[cs]e*", "copying*")
}

// named returns the plain files of a directory whose names match one of the
// patterns, in whatever case, sorted.
func named(dir string, patterns ...string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		for _, p := range patterns {
			if ok, err := filepath.Match(p, strings.ToLower(e.Name())); err != nil {
				return nil, err
			} else if ok && e.Type().IsRegular() {
				files = append(files, filepath.Join(dir, e.Name()))
				break
			}
		}
	}
	return files, nil
}
