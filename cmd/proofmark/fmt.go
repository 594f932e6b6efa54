package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

// formatter is one run of fmt.
type formatter struct {
	check, diff, write, recursive bool

	in      io.Reader
	s       screen
	changed bool // some file is not, or was not, in the canonical form
}

func newFmt() *cobra.Command {
	f := formatter{}
	cmd := &cobra.Command{
		Use:   "fmt [flags] FILE|DIR|-...",
		Short: "Write HCL2 files in the canonical form",
		Long: `Write HCL2 files (*.pkr.hcl, *.pkrvars.hcl) in the canonical form, and name those
that were not in it. A directory stands for the files in it; - reads standard input
and writes standard output.

Exit status: 0, with -check 3 when a file is not in the canonical form, 1 when a file
cannot be read.`,
		Args: takes(1, -1, "which files to format"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.in, f.s = cmd.InOrStdin(), screenOf(cmd)
			var failed []error
			for _, path := range args {
				failed = append(failed, f.path(path))
			}
			if err := errors.Join(failed...); err != nil {
				return err
			}
			if f.check && f.changed {
				return &saidError{&statusError{errors.New("not in the canonical form"), exitUnformatted}}
			}
			return nil
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.check, "check", false, "write nothing; exit status 3 when a file is not in the canonical form")
	fl.BoolVar(&f.diff, "diff", false, "show what changes")
	fl.BoolVar(&f.write, "write", true, "write the files")
	fl.BoolVar(&f.recursive, "recursive", false, "also files in directories below")
	return cmd
}

// path formats a file, the files of a directory, or standard input.
func (f *formatter) path(path string) error {
	if path == "-" {
		return f.stdin()
	}
	switch fi, err := os.Stat(path); {
	case err != nil:
		return fmt.Errorf("format: %w", err)
	case fi.IsDir():
		return f.directory(path)
	case !formattable(path):
		return fmt.Errorf("%s: fmt formats *.pkr.hcl and *.pkrvars.hcl", path)
	}
	return f.file(path)
}

func formattable(path string) bool {
	return strings.HasSuffix(path, ".pkr.hcl") || strings.HasSuffix(path, ".pkrvars.hcl")
}

func (f *formatter) directory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	var failed []error
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir() && f.recursive:
			failed = append(failed, f.directory(path))
		case !e.IsDir() && formattable(path):
			failed = append(failed, f.file(path))
		}
	}
	return errors.Join(failed...)
}

func (f *formatter) file(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("format: %w", err)
	}
	out, err := template.Format(path, src)
	if err != nil || bytes.Equal(src, out) {
		return err
	}
	f.changed = true
	f.s.say(path)
	f.show(path, src, out)
	if f.check || !f.write {
		return nil
	}
	return rewrite(path, src, out)
}

func (f *formatter) stdin() error {
	src, err := io.ReadAll(f.in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	out, err := template.Format("<stdin>", src)
	if err != nil {
		return err
	}
	f.changed = f.changed || !bytes.Equal(src, out)
	f.show("<stdin>", src, out)
	if !f.check && !f.diff {
		f.s.say(strings.TrimSuffix(string(out), "\n"))
	}
	return nil
}

// show says what changes, if it was asked for.
func (f *formatter) show(path string, old, now []byte) {
	if !f.diff || bytes.Equal(old, now) {
		return
	}
	text := diff.Diff("old/"+path, old, "new/"+path, now)
	_, text, _ = bytes.Cut(text, []byte("\n")) // the command line of a diff that nobody ran
	f.s.say(strings.TrimSuffix(string(text), "\n"))
}
