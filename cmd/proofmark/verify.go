package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/report"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// verifyFlags are all flags of verify.
type verifyFlags struct {
	targets  []string
	parallel int
	retry    time.Duration
	retrying bool // retry was given
	timeout  time.Duration
	sudo     string // password for sudo on targets, or ""
	specs    specOptions
	report   reportFlags
}

func newVerify() *cobra.Command {
	f := verifyFlags{specs: newSpecOptions()}
	cmd := &cobra.Command{
		Use: "verify [flags] SPEC...", Aliases: []string{"test"}, Short: "Ask checks of this host, a machine over SSH, a tree of files, or an image",
		Long: `Ask the checks of goss files, of ServerSpec files (*_spec.rb), or of directories of
them, of one target or several.

A target is local (this host), ssh://USER@HOST:PORT?key=FILE&known_hosts=FILE (all but
the host may be left out, and is then as ~/.ssh/config says; who is not root asks
through sudo, which gets the password in $PROOFMARK_SUDO_PASSWORD or what is typed;
&sudo=false: as the user who logs in), rootfs:DIR (a tree of
files, mounted or unpacked; what needs a running system could not be checked), or
image:NAME[:VERSION] (a throw-away machine started from an image of the catalog). All
targets are asked at the same time, and reported on apart.

Exit status: 0 when all checks hold, 3 when some do not or could not be checked (the
report tells them apart), 1 when a target could not be asked, a report could not be
written, or the command line or a spec is wrong. Targets that cannot be asked do not
hide that checks of others do not hold: then it is 3.`,
		Args: takes(1, -1, "which checks to ask"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.sudo = takeSudoPassword()
			f.specs.serverspec.Environ = os.Environ()
			f.retrying = cmd.Flags().Changed("retry-timeout")
			f.specs.serverspec.Unnamed = !cmd.Flags().Changed("target")
			f.specs.serverspec.Local = !slices.ContainsFunc(f.targets, func(t string) bool { return t != localTarget })
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd, args)
		},
	}
	f.report.register(cmd)
	fl := cmd.Flags()
	fl.StringArrayVar(&f.targets, "target", []string{localTarget}, "`TARGET` to ask: local, ssh://USER@HOST, rootfs:DIR or image:NAME[:VERSION]; may be repeated")
	_ = cmd.RegisterFlagCompletionFunc("target", cobra.FixedCompletions([]string{localTarget, "ssh://", "rootfs:", "image:"}, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
	fl.IntVar(&f.parallel, "parallel", 8, "targets at the same time; 0: no limit")
	fl.DurationVar(&f.retry, "retry-timeout", 0, "how long checks that do not hold are asked again, e.g. 30s; without it only those of what runs in the machine of an image, for 10s")
	fl.DurationVar(&f.timeout, "timeout", 0, "time limit of the whole run, e.g. 5m; what is not answered by then could not be checked; 0: none")
	fl.StringArrayVar(&f.specs.goss.Vars, "vars", nil, "`FILE` of variables for goss files, YAML or JSON; may be repeated")
	fl.StringVar(&f.specs.goss.VarsInline, "vars-inline", "", "variables for goss files as YAML or JSON, over those of files")
	ruby := &f.specs.serverspec
	fl.StringVar(&ruby.RunsOn, "specs-run-on", "", "`WHERE` File, Dir and backticks of ServerSpec files look: target or controller; without it where the backend says that they set")
	_ = cmd.RegisterFlagCompletionFunc("specs-run-on", cobra.FixedCompletions([]string{serverspec.OnTarget, serverspec.OnController}, cobra.ShellCompDirectiveNoFileComp))
	fl.BoolVar(&ruby.AllowCommands, "allow-commands", false, "let ServerSpec files that run on the controller run commands here, and read files outside of their project")
	fl.BoolVar(&ruby.Strict, "strict", false, "correct the quirks of ServerSpec that let wrong things pass")
	fl.StringArrayVar(&ruby.Tags, "tag", nil, "`TAG` of the examples of ServerSpec files to run: NAME, NAME:VALUE, ~NAME for all others; may be repeated")
	return cmd
}

// check refuses values that make no sense.
func (f *verifyFlags) check() error {
	switch {
	case f.parallel < 0:
		return fmt.Errorf("-parallel=%d: write 0 for no limit, or more", f.parallel)
	case f.retry < 0 || f.timeout < 0:
		return fmt.Errorf("-retry-timeout=%s -timeout=%s: a time cannot be negative", f.retry, f.timeout)
	}
	return f.report.check()
}

func (f *verifyFlags) run(cmd *cobra.Command, paths []string) (err error) {
	// A reader of the report that has gone is an error of the write, which must not end
	// this process before machines are closed.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	s := screenOf(cmd)
	specs, err := readSpecs(paths, f.specs)
	if err != nil {
		return err
	}
	targets, err := parseTargets(f.targets)
	if err != nil {
		return err
	}
	giveBackSudoPassword(f.sudo) // this may begin the program anew, in a user namespace
	needs, closeNeeds, err := openNeeds(cmd.Context(), s, targets)
	f.sudo = takeSudoPassword()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeNeeds()) }()
	needs.sudo = f.sudo

	began := time.Now()
	needs.options = func(name string, o verify.Options) verify.Options { return f.options(s, began, name, o) }
	if f.timeout > 0 {
		needs.until = began.Add(f.timeout)
	}
	show := f.report.begin(cmd, len(targets) > 1)
	done := askAll(cmd.Context(), targets, f.parallel, func(ctx context.Context, t target) report.Target {
		return t.report(ctx, needs, specs)
	})
	all := report.Report{Tool: toolVersion(), Started: began}
	for _, one := range done {
		t := <-one
		all.Targets = append(all.Targets, t)
		show.target(t)
	}
	all.Took = time.Since(began)
	if err := show.end(all); err != nil {
		return err
	}
	return verdictOf(all)
}

// options are those of a session with a target of that name.
func (f *verifyFlags) options(s screen, began time.Time, name string, o verify.Options) verify.Options {
	if f.retrying {
		o.Retry, o.Booted = f.retry, false
	}
	if f.timeout > 0 {
		o.Deadline, o.Began = f.timeout, began
	}
	o.Waiting = func(n int, limit time.Duration) {
		s.note(fmt.Sprintf("%s: checks that do not hold yet (%d) are asked again for up to %s", name, n, limit))
	}
	return o
}

// verdictOf is the error that makes the exit status. The reports have said it all.
func verdictOf(r report.Report) error {
	switch {
	case r.Refused() > 0:
		return &saidError{&statusError{errors.New("checks do not hold"), exitRefused}}
	case r.Broken() > 0:
		return &saidError{errors.New("targets could not be asked")}
	}
	return nil
}

// askAll asks all targets, at most so many at a time, and returns in their order where
// to receive what was found out.
func askAll(ctx context.Context, targets []target, parallel int, ask func(context.Context, target) report.Target) []chan report.Target {
	if parallel == 0 {
		parallel = len(targets)
	}
	slots := make(chan struct{}, parallel)
	done := make([]chan report.Target, len(targets))
	for i, t := range targets {
		done[i] = make(chan report.Target, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			done[i] <- ask(ctx, t)
		}()
	}
	return done
}

// openNeeds opens what the targets stand on. The returned function closes it.
func openNeeds(ctx context.Context, s screen, targets []target) (targetNeeds, func() error, error) {
	n := targetNeeds{warn: s.warn, terminal: new(sync.Mutex)}
	if !anyMachines(targets) {
		return n, func() error { return nil }, nil
	}
	if err := enterFor(ctx, func(context.Context, home, build.Kit) (bool, error) { return true, nil }); err != nil {
		return n, nil, err
	}
	h, err := openHome()
	if err != nil {
		return n, nil, err
	}
	kit, closeKit, err := h.openKit(settings{writes: true})
	if err != nil {
		return n, nil, err
	}
	n.home, n.kit = h, kit
	removeLeft(ctx, s, kit, h)
	return n, closeKit, nil
}
