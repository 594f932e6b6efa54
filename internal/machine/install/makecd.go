package install

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// usualLabel is that of media for which the template names none.
const usualLabel = "packer"

// CDPrograms are the programs of which one makes CDs, in the order in which they are
// looked for.
func CDPrograms() []string { return []string{"xorriso", "genisoimage", "mkisofs"} }

// Make writes the CD to a file. Beside it files are gathered for a while.
func (c CD) Make(ctx context.Context, file string) error {
	if err := c.write(ctx, file); err != nil {
		return fmt.Errorf("make the CD: %w", err)
	}
	return nil
}

func (c CD) write(ctx context.Context, file string) (err error) {
	tree := file + ".files"
	if err := os.Mkdir(tree, 0o755); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tree)) }()
	if err := gather(ctx, tree, c.Files, c.Content); err != nil {
		return err
	}
	program, err := cdProgram()
	if err != nil {
		return err
	}
	args := []string{"-quiet", "-rock", "-joliet", "-volid", cmp.Or(c.Label, usualLabel), "-output", file, tree}
	if program == "xorriso" {
		args = append([]string{"-as", "genisoimage"}, args...)
	}
	return run(ctx, program, args...)
}

// cdProgram is the first program that makes CDs and is there.
func cdProgram() (string, error) {
	for _, name := range CDPrograms() {
		if _, err := exec.LookPath(name); err == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("none of %s is installed: apt-get install --no-install-recommends xorriso", strings.Join(CDPrograms(), ", "))
}

// Require wants what makes the CD to be on this host, where one is to be made.
func (c CD) Require() error {
	if !c.Given() {
		return nil
	}
	if _, err := cdProgram(); err != nil {
		return fmt.Errorf("make the CD: %w", err)
	}
	return nil
}

// gather copies files into a tree. A directory comes with its name, one written with a
// slash at its end without.
func gather(ctx context.Context, tree string, patterns []string, content map[string]string) error {
	paths, err := matches(patterns)
	if err != nil {
		return err
	}
	for _, p := range paths {
		fi, err := os.Stat(p)
		if err != nil {
			return err
		}
		to := filepath.Join(tree, filepath.Base(p))
		switch {
		case !fi.IsDir():
			err = copyFile(ctx, p, to)
		case strings.HasSuffix(p, "/"):
			err = copyTree(ctx, filepath.Clean(p), tree)
		default:
			err = copyTree(ctx, p, to)
		}
		if err != nil {
			return err
		}
	}
	return writeContent(tree, content)
}

func writeContent(tree string, content map[string]string) error {
	for name, text := range content {
		to := filepath.Join(tree, filepath.Clean("/"+name)) // never above the tree
		err := os.MkdirAll(filepath.Dir(to), 0o755)
		if err == nil {
			err = os.WriteFile(to, []byte(text), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// matches expands patterns. One that matches nothing is left out, as Packer does.
func matches(patterns []string) (paths []string, err error) {
	for _, p := range patterns {
		if !strings.ContainsAny(p, "*?[") {
			paths = append(paths, p)
			continue
		}
		found, err := filepath.Glob(p)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", p, err)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// copyTree copies what is in a directory, links to files followed.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return copyFile(ctx, p, filepath.Join(to, rel))
	})
}

// copyFile copies a regular file: of others nobody knows when they end.
func copyFile(ctx context.Context, from, to string) error {
	r, err := os.OpenFile(from, os.O_RDONLY|unix.O_NONBLOCK, 0) // a pipe would wait for its other end
	if err != nil {
		return err
	}
	defer r.Close()
	fi, err := r.Stat()
	if err != nil {
		return err
	}
	if !fi.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file: it cannot be on a medium", from)
	}
	w, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fi.Mode().Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, Until(ctx, r))
	return errors.Join(err, w.Close())
}

// run runs a program; its error holds the last of what it prints.
func run(ctx context.Context, program string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		text := strings.TrimSpace(out.String())
		if len(text) > lastOutput {
			text = "… " + text[len(text)-lastOutput:]
		}
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, text)
	}
	return nil
}

// lastOutput is how many bytes of a failed program's output an error holds.
const lastOutput = 1000
