package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	xterm "golang.org/x/term"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/term"
)

// buildFlags are all flags of build.
type buildFlags struct {
	template templateFlags
	output   outputFlags
	options  build.Options
	settings settings
	specs    []string // to attach
	parallel bool     // the old form of -parallel-builds=1 is false
	warn     bool     // of values in variables files that no variable is declared for
}

func newBuild() *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:         "build [flags] TEMPLATE|DIR",
		Annotations: map[string]string{cleansUp: "true"},
		Short:       "Build the images of a template and prove each one",
		Long: `Build the images of a template and prove each one. "-" is JSON from standard input.

Exit status: 0 when every image was built and proven (or nothing had changed),
3 when checks refused an image, 1 when anything else failed.`,
		Args: takes(1, 1, "which template to build"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if err := f.template.enter(args[0]); err != nil {
				return err
			}
			return f.run(cmd.Context(), args[0])
		},
	}
	f.register(cmd)
	return cmd
}

func (f *buildFlags) register(cmd *cobra.Command) {
	f.template.register(cmd)
	f.output.register(cmd)
	fl, o := cmd.Flags(), &f.options
	fl.StringVar((*string)(&o.OnError), "on-error", string(build.Cleanup), "when a step fails: cleanup, abort (leave the machine for a day), run-cleanup-provisioner (and then leave it), ask (a person decides) or shell (in the machine)")
	fl.IntVar(&o.Parallel, "parallel-builds", 0, "builds at the same time; 0 or less: no limit")
	fl.BoolVar(&f.parallel, "parallel", true, "false: one build at a time")
	fl.BoolVar(&o.Force, "force", false, "overwrite what an earlier build left where the template says")
	fl.BoolVar(&o.Debug, "debug", false, "one build at a time; say more; at a terminal stop after each step")
	fl.DurationVar(&o.Timeout, "timeout", 0, "time limit of the whole build, e.g. 30m; 0: none")
	fl.DurationVar(&o.Keep, "keep", 0, "how long the machine of a failed build stays, e.g. 30m")
	fl.BoolVar(&o.NoCache, "no-cache", false, "run every step, use no layers and leave none")
	fl.BoolVar(&f.settings.refresh, "refresh", false, `resolve "latest" anew (package indices, newest images)`)
	f.settings.maxAge.register(fl)
	fl.StringArrayVar(&f.specs, "verify", nil, "attach the checks of a file or directory; may be repeated")
	fl.BoolVar(&f.warn, "warn-on-undeclared-var", false, "warn of values in variables files that no variable is declared for")
	forScripts(cmd, "use-sequential-evaluation", "ignore-prerelease-plugins", "skip-enforcement")
	_ = fl.MarkHidden("parallel")
}

// check refuses values that make no sense.
func (f *buildFlags) check() error {
	o := &f.options
	switch o.OnError {
	case build.Cleanup, build.Abort, build.Shell, build.Ask, build.CleanupOnly:
	default:
		return fmt.Errorf("-on-error=%s: use cleanup, abort, ask, run-cleanup-provisioner or shell", o.OnError)
	}
	if o.Timeout < 0 || o.Keep < 0 {
		return fmt.Errorf("-timeout=%s -keep=%s: a time cannot be negative", o.Timeout, o.Keep)
	}
	if o.Debug || !f.parallel {
		o.Parallel = 1
	}
	return nil
}

func (f *buildFlags) run(ctx context.Context, path string) error {
	defer outliveReader()()
	h, err := openHome()
	if err != nil {
		return err
	}
	sink := f.output.sink(os.Stdout)
	warn := func(format string, a ...any) {
		sink.Event(build.Event{Time: time.Now(), Type: build.Warning, Text: fmt.Sprintf(format, a...)})
	}
	f.settings.writes, f.settings.warn, f.settings.sink = true, warn, sink
	kit, closeKit, err := h.openKit(f.settings)
	if err != nil {
		return err
	}
	defer closeKit()
	f.template.quiet = !f.warn
	t, err := f.template.load(ctx, path, kit)
	if err != nil {
		return err
	}
	for _, w := range t.Warnings {
		warn("%s", warning(w))
	}
	more, err := readSpecs(f.specs, newSpecOptions())
	if err != nil {
		return err
	}
	f.options.Verify = append(f.options.Verify, more...)
	f.person(path)
	f.options.Before = func(ctx context.Context) {
		if err := reap(ctx, kit, h, false, func(r ledger.Record, err error) {
			if err == nil {
				warn("removed what an earlier build left: %s %s", r.Class, called(r))
			}
		}); err != nil {
			warn("cannot remove all that an earlier build left (see proofmark gc): %v", err)
		}
	}
	f.options.After = func(ctx context.Context, reports []build.Report) {
		if reachable() != nil || !slices.ContainsFunc(reports, func(r build.Report) bool { return r.Outcome != build.Unchanged }) {
			return
		}
		if _, err := discardStale(ctx, kit, h, false); err != nil {
			warn("cannot remove layers that are out of use (see proofmark cache prune): %v", err)
		}
	}
	plan, err := build.NewPlan(t, kit, f.options)
	if err != nil {
		return err
	}
	if err := cmp.Or(plan.Cannot().Err(), plan.Clashes().Err()); err != nil {
		return err
	}
	reports, err := plan.Execute(ctx)
	if f.output.people() {
		term.WriteSummary(os.Stdout, os.Args[0], reports)
	}
	if err != nil {
		return &saidError{err}
	}
	return nil
}

// person lets the build talk with the person at the terminal, if there is one.
func (f *buildFlags) person(path string) {
	f.options.Interact = interact
	if path != "-" && xterm.IsTerminal(int(os.Stdin.Fd())) {
		f.options.Line = readLine(os.Stdin)
	}
}
