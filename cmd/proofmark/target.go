package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/report"
)

// localTarget names this host.
const localTarget = "local"

// target is a system that verify asks. A new kind is a case in parseTarget.
type target struct {
	name     string // without secrets
	machines bool   // it makes a machine on this host
	// ask asks the specs. It may say in called what the target is to be called from
	// then on.
	ask func(ctx context.Context, n targetNeeds, specs []verify.Spec, called *string) ([]verify.Result, error)
}

// targetNeeds is what targets stand on.
type targetNeeds struct {
	home home      // of targets with machines
	kit  build.Kit // of targets with machines
	warn func(text string)
	// options completes those of a session.
	options  func(name string, o verify.Options) verify.Options
	terminal *sync.Mutex // held while somebody is asked there
	sudo     string      // password for sudo on targets, or ""
	until    time.Time   // when the time of the whole run is over; zero: never
}

// parseTargets reads what the command line names.
func parseTargets(names []string) ([]target, error) {
	var all []target
	for _, name := range names {
		t, err := parseTarget(name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(o target) bool { return o.name == t.name }) {
			return nil, fmt.Errorf("-target=%s: it is named twice", t.name)
		}
		all = append(all, t)
	}
	if os.Geteuid() != 0 && anyMachines(all) && slices.ContainsFunc(all, func(t target) bool { return !t.machines }) {
		return nil, errors.New("only root can ask images and other targets in one call: ask them one after the other")
	}
	return all, nil
}

func parseTarget(name string) (target, error) {
	kind, rest, _ := strings.Cut(name, ":")
	switch {
	case name == localTarget:
		return target{name: name, ask: askLocal}, nil
	case kind == "rootfs" && rest != "":
		return target{name: name, ask: askTree(rest)}, nil
	case kind == "image" && rest != "":
		return target{name: name, machines: true, ask: askImage(rest)}, nil
	case kind == "ssh":
		return sshTarget(name)
	}
	return target{}, fmt.Errorf("-target=%s: write local, ssh://USER@HOST, rootfs:DIR or image:NAME[:VERSION]", name)
}

func anyMachines(all []target) bool {
	return slices.ContainsFunc(all, func(t target) bool { return t.machines })
}

// report asks the specs and says what was found out.
func (t target) report(ctx context.Context, n targetNeeds, specs []verify.Spec) report.Target {
	r := report.Target{Name: t.name, Started: time.Now()}
	if ctx.Err() != nil {
		r.Err = context.Cause(ctx)
		return r
	}
	r.Results, r.Err = t.ask(ctx, n, specs, &r.Name)
	if len(r.Results) > 0 { // it was lost on the way: those that suffered from it say so
		r.Err = nil
	}
	r.Took = time.Since(r.Started)
	return r
}

// askLocal asks this host.
func askLocal(ctx context.Context, n targetNeeds, specs []verify.Spec, called *string) ([]verify.Result, error) {
	return ownProbe(n.options(*called, verify.Options{})).Run(ctx, specs)
}

// askTree asks a tree of files.
func askTree(dir string) func(context.Context, targetNeeds, []verify.Spec, *string) ([]verify.Result, error) {
	return func(ctx context.Context, n targetNeeds, specs []verify.Spec, called *string) ([]verify.Result, error) {
		root, err := filepath.Abs(dir)
		if err == nil {
			root, err = filepath.EvalSymlinks(root)
		}
		if err != nil {
			return nil, fmt.Errorf("open tree: %w", err)
		}
		if root == "/" {
			return nil, errors.New("open tree: / is the running system: use --target local")
		}
		if _, err := os.ReadDir(root); err != nil {
			return nil, fmt.Errorf("open tree: %w", err)
		}
		results, err := ownProbe(n.options(*called, verify.Options{}), "--root", root).Run(ctx, specs)
		for i, r := range results {
			switch {
			case r.Verdict == verify.Unknown: // here it would ask the running system
				results[i].Command = ""
			case r.Command != "":
				results[i].Command = fmt.Sprintf("chroot %s sh -c %s", machine.Quote(root), machine.Quote(r.Command))
			}
		}
		return results, err
	}
}

// ownProbe is a session with this program as the probe.
func ownProbe(o verify.Options, args ...string) *verify.Session {
	return verify.NewLocal("/proc/self/exe", append([]string{os.Args[0], probeCommand}, args...), o)
}

// askImage asks a machine that is started from an image.
func askImage(ref string) func(context.Context, targetNeeds, []verify.Spec, *string) ([]verify.Result, error) {
	return func(ctx context.Context, n targetNeeds, specs []verify.Spec, called *string) (results []verify.Result, err error) {
		v, err := n.kit.Catalog.Get(ctx, ref)
		if err != nil {
			return nil, err
		}
		*called = fmt.Sprintf("image:%s:%d", v.Name, v.Version)
		b, err := imageBooter(n.home, n.kit.Catalog, v.Image.Builder)
		if err != nil {
			return nil, err
		}
		ctx, ready := n.startLimit(ctx)
		defer ready()
		err = n.kit.Boot(ctx, b, v.Image, quietLog{*called, n.warn}, func(ctx context.Context, c machine.Communicator, o verify.Options) (err error) {
			ready()
			results, err = verify.NewSession(c, n.options(*called, o)).Run(ctx, specs)
			return err
		})
		if err != nil {
			results = nil
		}
		return results, err
	}
}

// startLimit returns a context that ends when the time of the whole run is over before
// ready is called: from then on the session keeps the time, and has verdicts at its end.
func (n targetNeeds) startLimit(ctx context.Context) (_ context.Context, ready func()) {
	if n.until.IsZero() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	t := time.AfterFunc(time.Until(n.until), func() { cancel(errors.New("it was not up before the time of the run was over")) })
	return ctx, func() { t.Stop() }
}

// quietLog is the log of a machine that nobody watches: warnings alone are shown.
type quietLog struct {
	name string
	warn func(text string)
}

func (quietLog) Say(string, ...any)                       {}
func (quietLog) Message(string, ...any)                   {}
func (l quietLog) Warn(format string, a ...any)           { l.warn(l.name + ": " + fmt.Sprintf(format, a...)) }
func (quietLog) Output() io.WriteCloser                   { return nopCloser{io.Discard} }
func (quietLog) Progress(string, int64) func(int64, bool) { return func(int64, bool) {} }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
