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

// floppyPrograms wants all that makes floppy disks.
func floppyPrograms() error {
	for _, p := range FloppyPrograms() {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("%s is not installed: apt-get install --no-install-recommends mtools", p)
		}
	}
	return nil
}

// Require wants what makes the floppy disk to be on this host, where one is to be made.
func (c Floppy) Require() error {
	if !c.Given() {
		return nil
	}
	if err := floppyPrograms(); err != nil {
		return fmt.Errorf("make the floppy disk: %w", err)
	}
	return nil
}

func (c Floppy) write(ctx context.Context, file string) (err error) {
	if err := floppyPrograms(); err != nil {
		return err
	}
	tree := file + ".files"
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tree)) }()
	if err := c.gather(ctx, tree); err != nil {
		return err
	}
	// A label has 11 characters and no lower case.
	label := strings.ToUpper(cmp.Or(c.Label, usualLabel))
	if err := run(ctx, "mformat", "-C", "-f", "1440", "-v", label[:min(len(label), 11)], "-i", file, "::"); err != nil {
		return err
	}
	top, err := os.ReadDir(tree)
	if len(top) == 0 || err != nil {
		return err
	}
	args := []string{"-s", "-Q", "-i", file}
	for _, f := range top {
		args = append(args, filepath.Join(tree, f.Name()))
	}
	return run(ctx, "mcopy", append(args, "::/")...)
}

// gather copies floppy_files into the root, whatever directories they come from, and
// floppy_dirs with their names.
func (c Floppy) gather(ctx context.Context, tree string) error {
	files, err := matches(c.Files)
	if err != nil {
		return err
	}
	for _, from := range files {
		err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return copyFile(ctx, p, filepath.Join(tree, filepath.Base(p)))
		})
		if err != nil {
			return err
		}
	}
	var dirs []string
	for _, d := range c.Directories {
		dirs = append(dirs, filepath.Clean(d)) // with its name, slash or not
	}
	if err := gather(ctx, tree, dirs, nil); err != nil {
		return err
	}
	return writeContent(tree, c.Content)
}
