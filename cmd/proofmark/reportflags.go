package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/term"
	"github.com/proofmark-build/proofmark/internal/verify/report"
)

// Formats of reports.
const (
	documentation = "documentation"
	progress      = "progress"
	jsonFormat    = "json"
	junitFormat   = "junit"
	tapFormat     = "tap"
)

var reportFormats = []string{documentation, progress, jsonFormat, junitFormat, tapFormat}

// formatNamed returns the format of that name. Letters are RSpec's.
func formatNamed(name string) (string, error) {
	switch name {
	case "d", "doc":
		return documentation, nil
	case "p":
		return progress, nil
	case "j":
		return jsonFormat, nil
	}
	if !slices.Contains(reportFormats, name) {
		text := fmt.Sprintf("there is no format %q", name)
		if near := nearest(name, reportFormats); near != "" {
			return "", fmt.Errorf("%s; did you mean %q?", text, near)
		}
		return "", fmt.Errorf("%s: use %s", text, strings.Join(reportFormats, ", "))
	}
	return name, nil
}

// reportFlags say which reports are made.
type reportFlags struct {
	cmd    *cobra.Command
	format string
	output []string
	color  bool
	files  []reportFile
}

type reportFile struct{ format, path string }

func (f *reportFlags) register(cmd *cobra.Command) {
	f.cmd = cmd
	cmd.Flags().StringVarP(&f.format, "format", "f", documentation, "what standard output gets: "+strings.Join(reportFormats, ", "))
	cmd.Flags().StringArrayVar(&f.output, "output", nil, "also write a report to a file, as `FORMAT=FILE`; may be repeated")
	cmd.Flags().BoolVar(&f.color, "color", true, "colours on a terminal")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormats, cobra.ShellCompDirectiveNoFileComp))
}

// check reads the flags and looks whether the files can be written.
func (f *reportFlags) check() error {
	format, err := formatNamed(f.format)
	if err != nil {
		return fmt.Errorf("-format=%s: %w", f.format, err)
	}
	f.format = format
	for _, o := range f.output {
		name, path, ok := strings.Cut(o, "=")
		if !ok || path == "" {
			return fmt.Errorf("-output=%s: write it as FORMAT=FILE", o)
		}
		format, err := formatNamed(name)
		if err != nil {
			return fmt.Errorf("-output=%s: %w", o, err)
		}
		if slices.ContainsFunc(f.files, func(r reportFile) bool { return filepath.Clean(r.path) == filepath.Clean(path) }) {
			return fmt.Errorf("-output=%s: two reports cannot have one file", o)
		}
		if err := report.Writable(path); err != nil {
			return fmt.Errorf("-output=%s: %w", o, err)
		}
		f.files = append(f.files, reportFile{format, path})
	}
	return nil
}

// shown is a report that is being shown.
type shown struct {
	flags  *reportFlags
	out    io.Writer
	people *term.Checks // nil: a format for programs
	err    error        // the first of writing to out
}

func (f *reportFlags) begin(cmd *cobra.Command, several bool) *shown {
	s := &shown{flags: f, out: cmd.OutOrStdout()}
	if f.format == documentation || f.format == progress {
		var color *bool
		if cmd.Flags().Changed("color") {
			color = &f.color
		}
		s.people = term.NewChecks(s.out, term.ChecksOptions{
			Color:    screenOf(cmd).machine == nil && term.UseColor(color, term.Width(os.Stdout) != nil, os.Getenv),
			Progress: f.format == progress, Several: several})
	}
	return s
}

// target shows a target as soon as all about it is known, where the format allows it.
func (s *shown) target(t report.Target) {
	if s.people != nil && s.err == nil {
		s.err = s.people.Target(t)
	}
}

// end shows the rest and writes the files. Its errors are those of writing.
func (s *shown) end(r report.Report) error {
	if s.people != nil {
		if s.err == nil {
			s.err = s.people.End(r)
		}
	} else {
		text, err := render(s.flags.format, r)
		if err == nil {
			_, err = s.out.Write(text)
		}
		s.err = err
		for _, t := range r.Targets { // who reads the format may show nobody
			if t.Err != nil {
				screenOf(s.flags.cmd).fail(fmt.Errorf("%s: %w", t.Name, t.Err))
			}
		}
	}
	var errs []error
	if s.err != nil {
		errs = append(errs, fmt.Errorf("write report: %w", s.err))
	}
	for _, f := range s.flags.files {
		text, err := render(f.format, r)
		if err == nil {
			err = report.WriteFile(f.path, text)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// render gives a whole report as text without colours.
func render(format string, r report.Report) ([]byte, error) {
	switch format {
	case jsonFormat:
		return report.JSON(r)
	case junitFormat:
		return report.JUnit(r)
	case tapFormat:
		return report.TAP(r)
	}
	var b bytes.Buffer
	c := term.NewChecks(&b, term.ChecksOptions{Progress: format == progress, Several: r.Several()})
	var errs []error
	for _, t := range r.Targets {
		errs = append(errs, c.Target(t))
	}
	err := errors.Join(append(errs, c.End(r))...)
	return b.Bytes(), err
}
