package provision

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Downloads arrive beside their destination, in a place that the user chose. Until
// they are whole, or gone, a note among the step's temporary files says where.
const noteSuffix = ".incoming"

func incomingPrefix(tag string) string { return ".proofmark-incoming-" + tag + "-" }

// incoming returns a name in the directory dir for something to arrive under, after
// it was noted. forget removes the note; it is called when there is nothing of that
// name any more.
func incoming(tag, dir string) (name string, forget func() error, err error) {
	name, err = filepath.Abs(filepath.Join(dir, random(incomingPrefix(tag)+"%d")))
	if err != nil || tag == "" {
		return name, func() error { return nil }, err
	}
	note := filepath.Join(os.TempDir(), random(TempPrefix(tag)+"%d"+noteSuffix))
	if err := os.WriteFile(note, []byte(name), 0o600); err != nil {
		return "", nil, err
	}
	return name, func() error { return os.Remove(note) }, nil
}

// RemoveTemp removes the temporary files in dir of the steps with a tag, and what
// they note.
func RemoveTemp(dir, tag string) error {
	files, err := filepath.Glob(filepath.Join(dir, TempPrefix(tag)+"*"))
	errs := []error{err}
	for _, f := range files {
		if strings.HasSuffix(f, noteSuffix) {
			if err := removeNoted(f, tag); err != nil {
				errs = append(errs, err)
				continue // the note stays, for the next attempt
			}
		}
		errs = append(errs, ignoreMissing(os.Remove(f)))
	}
	return errors.Join(errs...)
}

// removeNoted removes what a note names, which anybody may have written.
func removeNoted(note, tag string) error {
	name, err := os.ReadFile(note)
	if err != nil {
		return ignoreMissing(err)
	}
	if !strings.HasPrefix(filepath.Base(string(name)), incomingPrefix(tag)) {
		return nil
	}
	return os.RemoveAll(string(name))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
