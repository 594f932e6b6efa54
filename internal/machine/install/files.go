package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Floppy is a floppy disk that is made for the installation.
type Floppy struct {
	Files       []string          `opt:"floppy_files" doc:"Files to put in the root directory of a floppy disk; with wildcards."`
	Directories []string          `opt:"floppy_dirs" doc:"Directories to put on the floppy disk with all that is in them; with wildcards."`
	Content     map[string]string `opt:"floppy_content" doc:"Files of the floppy disk by name, with their text."`
	Label       string            `opt:"floppy_label" doc:"Label of the floppy disk."`
}

// Given tells whether a floppy disk is wanted.
func (c Floppy) Given() bool {
	return len(c.Files) > 0 || len(c.Directories) > 0 || len(c.Content) > 0
}

// Check wants files and directories to exist.
func (c Floppy) Check() error {
	return errors.Join(CheckPaths("floppy_files", c.Files), CheckPaths("floppy_dirs", c.Directories))
}

// CD is a medium with files of one's own that is made for the installation.
type CD struct {
	Files   []string          `opt:"cd_files" doc:"Files and directories to put on a CD; with wildcards."`
	Content map[string]string `opt:"cd_content" doc:"Files of the CD by name, with their text."`
	Label   string            `opt:"cd_label" doc:"Label of the CD, such as cidata."`
}

// Given tells whether a CD is wanted.
func (c CD) Given() bool { return len(c.Files) > 0 || len(c.Content) > 0 }

// Check wants files to exist.
func (c CD) Check() error { return CheckPaths("cd_files", c.Files) }

// CheckPaths wants files that are not patterns to exist. A pattern may match nothing,
// of which it warns.
func CheckPaths(option string, paths []string) error {
	var errs []error
	for i, p := range paths {
		var err error
		if strings.ContainsAny(p, "*?[") {
			if _, err = filepath.Match(p, ""); err != nil {
				err = fmt.Errorf("%q: %w", p, err)
			} else if found, e := filepath.Glob(p); e == nil && len(found) == 0 {
				err = template.Warning(fmt.Errorf("no file matches %q", p))
			}
		} else {
			_, err = os.Stat(p)
		}
		errs = append(errs, template.At(fmt.Sprintf("%s[%d]", option, i), err))
	}
	return errors.Join(errs...)
}

// CheckPath wants a file to exist, if one is given.
func CheckPath(option, path string) error {
	if path == "" {
		return nil
	}
	_, err := os.Stat(path)
	return template.At(option, err)
}
