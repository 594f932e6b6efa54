package provision

import (
	"errors"
	"io/fs"
	"os"

	"github.com/proofmark-build/proofmark/internal/template"
)

// checkFiles reports the paths of an option that are no files of this host. An empty
// path is one that is not given, or not known yet.
func checkFiles(option string, paths ...string) error {
	return checkPaths(option, paths, func(info fs.FileInfo) error {
		if info.IsDir() {
			return errors.New("is a directory; give a file")
		}
		return nil
	})
}

// checkDirs reports the paths of an option that are no directories of this host.
func checkDirs(option string, paths ...string) error {
	return checkPaths(option, paths, func(info fs.FileInfo) error {
		if !info.IsDir() {
			return errors.New("is a file; give a directory")
		}
		return nil
	})
}

// checkExist reports the paths of an option that lead to nothing on this host.
func checkExist(option string, paths ...string) error {
	return checkPaths(option, paths, func(fs.FileInfo) error { return nil })
}

func checkPaths(option string, paths []string, check func(fs.FileInfo) error) error {
	var errs []error
	for _, p := range paths {
		if p == "" {
			continue
		}
		info, err := os.Stat(p)
		if err == nil {
			if err = check(info); err != nil {
				err = &fs.PathError{Op: "use", Path: p, Err: err}
			}
		}
		errs = append(errs, template.At(option, err))
	}
	return errors.Join(errs...)
}
