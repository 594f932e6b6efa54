package install

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// FloppyPrograms are the programs that make floppy disks, all of them.
func FloppyPrograms() []string { return []string{"mformat", "mcopy"} }

// Make writes the floppy disk, of 1440 KiB, to a file. Beside it files are gathered for
// a while.
func (c Floppy) Make(ctx context.Context, file string) error {
	if err := c.write(ctx, file); err != nil {
		return fmt.Errorf("make the floppy disk: %w", err)
	}
	return nil
}

func (c Floppy) write(ctx context.Context, file string) (err error) {
	for _, p := range FloppyPrograms() {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("%s is not installed: apt-get install --no-install-recommends mtools", p)
		}
	}
	tree := file + ".files"
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tree)) }()
	if err := c.gather(tree); err != nil {
		return err
	}
	// A label has 11 characters and no lower case.
	label := strings.ToUpper(cmp.Or(c.Label, usualLabel))
	if err := run(ctx, "mformat", "-C", "-f", "1440", "-v", label[:min(len(label), 11)], "-i", file, "::"); err != nil {
		return err
	}
	top, err := filepath.Glob(filepath.Join(tree, "*"))
	hidden, err2 := filepath.Glob(filepath.Join(tree, ".[!.]*"))
	if top = append(top, hidden...); len(top) == 0 || err != nil || err2 != nil {
		return errors.Join(err, err2)
	}
	slices.Sort(top)
	return run(ctx, "mcopy", append(append([]string{"-s", "-Q", "-i", file}, top...), "::/")...)
}

// gather copies floppy_files into the root, whatever directories they come from, and
// floppy_dirs with their names.
func (c Floppy) gather(tree string) error {
	files, err := matches(c.Files)
	if err != nil {
		return err
	}
	for _, from := range files {
		err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return copyFile(p, filepath.Join(tree, filepath.Base(p)))
		})
		if err != nil {
			return err
		}
	}
	var dirs []string
	for _, d := range c.Directories {
		dirs = append(dirs, filepath.Clean(d)) // with its name, slash or not
	}
	if err := gather(tree, dirs, nil); err != nil {
		return err
	}
	return writeContent(tree, c.Content)
}
