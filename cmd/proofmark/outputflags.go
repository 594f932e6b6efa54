package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/term"
)

// outputFlags say how a run is shown.
type outputFlags struct {
	cmd        *cobra.Command
	color      bool
	timestamps bool
	json       bool
	verbose    bool
}

func (f *outputFlags) register(cmd *cobra.Command) {
	f.cmd = cmd
	cmd.Flags().BoolVar(&f.color, "color", true, "colours on a terminal")
	cmd.Flags().BoolVar(&f.timestamps, "timestamp-ui", false, "begin each line with the time")
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object per event and line")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show every check, also those that hold")
}

// sink shows events on a file: standard output, unless that belongs to something else.
func (f *outputFlags) sink(out *os.File) build.Sink {
	if f.json {
		if out == os.Stdout {
			return term.NewJSON(f.cmd.OutOrStdout())
		}
		return term.NewJSON(out)
	}
	if s := screenOf(f.cmd); s.machine != nil {
		return s.machine.Sink()
	}
	var color *bool // as said on the command line
	if f.cmd.Flags().Changed("color") {
		color = &f.color
	}
	width := term.Width(out)
	return term.NewPeople(out, term.Options{Color: term.UseColor(color, width != nil, os.Getenv),
		Timestamps: f.timestamps, Verbose: f.verbose, Width: width})
}

// people tells whether people read the output.
func (f *outputFlags) people() bool { return !f.json && screenOf(f.cmd).machine == nil }
