// Command licences checks that every module that Proofmark links or tests with has
// a licence that fits Apache-2.0, and that docs/dependencies.md lists each direct
// one with its reason.
//
// With -notices it writes the licence texts of all that is in the program, for a
// release.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

const table = "docs/dependencies.md"

func main() {
	notices := flag.Bool("notices", false, "write the licence texts of what the programs link")
	flag.Parse()
	var err error
	if *notices {
		err = writeNotices(os.Stdout)
	} else {
		err = check()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check() error {
	documented, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	mods, err := modules("-test", "./...")
	if err != nil {
		return err
	}
	return problems(mods, string(documented))
}

// problems holds modules against the table of direct ones.
func problems(mods []module, documented string) error {
	var errs []error
	listed := map[string]string{} // line by module
	for line := range strings.Lines(documented) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			path, _, _ := strings.Cut(rest, "`")
			listed[path] = line
		}
	}
	for _, m := range mods {
		name, err := licence(m.Dir)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Path, err))
			continue
		}
		line := listed[m.Path]
		delete(listed, m.Path)
		switch {
		case m.Indirect && line != "":
			errs = append(errs, fmt.Errorf("%s: take its line out of %s: nothing of ours imports it", m.Path, table))
		case !m.Indirect && !strings.Contains(line, name):
			errs = append(errs, fmt.Errorf("%s: give it a line in %s with %q and its reason", m.Path, table, name))
		}
	}
	for path := range listed {
		errs = append(errs, fmt.Errorf("%s: take its line out of %s: it is not used", path, table))
	}
	return errors.Join(errs...)
}
