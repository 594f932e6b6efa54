package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/term"
	"github.com/proofmark-build/proofmark/internal/verify/spec"
)

// templateFlags choose a template's builds and give it values.
type templateFlags struct {
	only, except []string
	inputs       []template.Input
}

func (f *templateFlags) register(cmd *cobra.Command) {
	cmd.Flags().Var((*listFlag)(&f.only), "only", "build only these (comma separated, * and ? match)")
	cmd.Flags().Var((*listFlag)(&f.except), "except", "build all but these")
	cmd.Flags().Var(&varFlag{to: &f.inputs}, "var", "a variable as name=value; may be repeated")
	cmd.Flags().Var(&varFlag{to: &f.inputs, file: true}, "var-file", "a file of variables; may be repeated")
}

// load reads the template, complaining about unknown kinds before anything starts.
func (f *templateFlags) load(path string, kit build.Kit) (*template.Template, error) {
	return template.Load(path, template.Options{Inputs: f.inputs, Only: f.only, Except: f.except, Known: known(kit)})
}

// warning renders a template's warning, without the word: where, what, and what to do.
func warning(d template.Diagnostic) string {
	d.Warning = false
	return d.String()
}

// known names the kinds that templates may use.
func known(kit build.Kit) func(string) []string {
	return func(kind string) []string {
		switch kind {
		case "source":
			return names(kit.Builders.Kinds())
		case "provisioner":
			return names(kit.Provisioners.Kinds())
		case "verify":
			return names(kit.Verifiers.Kinds())
		}
		return nil
	}
}

func names[T any](kinds []template.Kind[T]) (out []string) {
	for _, k := range kinds {
		out = append(out, k.Name)
	}
	return out
}

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
		return term.NewJSON(out)
	}
	var color *bool // as said on the command line
	if f.cmd.Flags().Changed("color") {
		color = &f.color
	}
	width := term.Width(out)
	return term.NewPeople(out, term.Options{Color: term.UseColor(color, width != nil, os.Getenv),
		Timestamps: f.timestamps, Verbose: f.verbose, Width: width})
}

func newBuild() *cobra.Command {
	var tf templateFlags
	var of outputFlags
	var opts build.Options
	var s settings
	var specs []string
	cmd := &cobra.Command{
		Use:     "build [flags] TEMPLATE|DIR",
		PreRunE: asRoot,
		Short:   "Build the images of a template and prove each one",
		Long: `Build the images of a template and prove each one.

Exit status: 0 when every image was built and proven (or nothing had changed),
3 when checks refused an image, 1 when anything else failed.`,
		Args: takes(1, 1, "which template to build"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch opts.OnError {
			case build.Cleanup, build.Abort, build.Shell:
			default:
				return fmt.Errorf("-on-error=%s: use cleanup, abort or shell", opts.OnError)
			}
			switch {
			case opts.Parallel < 0:
				return fmt.Errorf("-parallel-builds=%d: write 0 for no limit, or more", opts.Parallel)
			case opts.Timeout < 0 || opts.Keep < 0:
				return fmt.Errorf("-timeout=%s -keep=%s: a time cannot be negative", opts.Timeout, opts.Keep)
			}
			return runBuild(cmd.Context(), args[0], tf, of, opts, s, specs)
		},
	}
	tf.register(cmd)
	of.register(cmd)
	fl := cmd.Flags()
	fl.StringVar((*string)(&opts.OnError), "on-error", string(build.Cleanup), "when a step fails: cleanup, abort (leave the machine for a day) or shell (in the machine)")
	fl.IntVar(&opts.Parallel, "parallel-builds", 0, "builds at the same time; 0: no limit")
	fl.BoolVar(&opts.Force, "force", false, "overwrite what an earlier build left where the template says")
	fl.BoolVar(&opts.Debug, "debug", false, "say more about what the builder does")
	fl.DurationVar(&opts.Timeout, "timeout", 0, "time limit of the whole build, e.g. 30m; 0: none")
	fl.DurationVar(&opts.Keep, "keep", 0, "how long the machine of a failed build stays, e.g. 30m")
	fl.BoolVar(&opts.NoCache, "no-cache", false, "run every step, use no layers and leave none")
	fl.BoolVar(&s.refresh, "refresh", false, `resolve "latest" anew (package indices, newest images)`)
	s.maxAge.register(fl)
	fl.StringArrayVar(&specs, "verify", nil, "attach the checks of a file or directory; may be repeated")
	return cmd
}

func runBuild(ctx context.Context, path string, tf templateFlags, of outputFlags, opts build.Options, s settings, specs []string) error {
	h, err := openHome()
	if err != nil {
		return err
	}
	sink := of.sink(os.Stdout)
	warn := func(format string, a ...any) {
		sink.Event(build.Event{Time: time.Now(), Type: build.Warning, Text: fmt.Sprintf(format, a...)})
	}
	s.writes, s.warn, s.sink = true, warn, sink
	kit, closeKit, err := h.openKit(s)
	if err != nil {
		return err
	}
	defer closeKit()
	t, err := tf.load(path, kit)
	if err != nil {
		return err
	}
	for _, w := range t.Warnings {
		warn("%s", warning(w))
	}
	for _, path := range specs {
		more, err := spec.ReadPath(path)
		if err != nil {
			return err
		}
		opts.Verify = append(opts.Verify, more...)
	}
	opts.Interact = interact
	plan, err := build.NewPlan(t, kit, opts)
	if err != nil {
		return err
	}
	if err := reap(ctx, kit, h, false, func(r ledger.Record, err error) {
		if err == nil {
			warn("removed what an earlier build left: %s %s", r.Class, r.ID)
		}
	}); err != nil {
		warn("cannot remove all that an earlier build left (see proofmark gc): %v", err)
	}
	reports, err := plan.Execute(ctx)
	if slices.ContainsFunc(reports, func(r build.Report) bool { return r.Outcome != build.Unchanged }) {
		if err := discardStale(ctx, kit, h); err != nil {
			warn("cannot remove layers that are out of use (see proofmark cache prune): %v", err)
		}
	}
	if !of.json {
		term.WriteSummary(os.Stdout, os.Args[0], reports)
	}
	if err != nil {
		return &saidError{err}
	}
	return nil
}

func newValidate() *cobra.Command {
	var tf templateFlags
	cmd := &cobra.Command{
		Use:   "validate [flags] TEMPLATE|DIR",
		Short: "Check a template without building anything",
		Args:  takes(1, 1, "which template to check"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			h, err := openHome()
			if err != nil {
				return err
			}
			kit, closeKit, err := h.openKit(settings{})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closeKit()) }()
			t, err := tf.load(args[0], kit)
			if err != nil {
				return err
			}
			for _, w := range t.Warnings {
				fmt.Fprintf(cmd.ErrOrStderr(), "Warning: %s\n", warning(w))
			}
			if _, err := build.NewPlan(t, kit, build.Options{}); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The configuration is valid.")
			return err
		},
	}
	tf.register(cmd)
	return cmd
}
