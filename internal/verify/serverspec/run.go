package serverspec

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// source of results.
const sourceName = "serverspec"

// run is one evaluation of the files of a project.
type run struct {
	spec    *Spec
	project *project
	session *verify.Session
	world   *world
	in      *ruby.Interp
	suite   *rspec.Suite

	versionClass *ruby.Class
	resultClass  *ruby.Class
	settings     map[string]ruby.Value // of set and Specinfra.configuration
	property     *ruby.Hash
	inventory    map[string]ruby.Value
	platform     *resource.Platform
	commands     []string // that the example which runs has asked for
	gems         []string // that were required and are not there
	found        []verify.Result
	damage       []verify.Result // statements of helpers that could not be run
}

func newRun(s *Spec, p *project, session *verify.Session, log *replay) *run {
	r := &run{spec: s, project: p, session: session, settings: map[string]ruby.Value{}, property: ruby.NewHash(), inventory: map[string]ruby.Value{}}
	r.world = &world{
		spec: s, project: p, session: session, replay: log, counter: newCounter(), order: newOrder(log), backend: r.backend, reach: r.reach,
		missing: func(library string) { r.gems = append(r.gems, library) },
	}
	r.world.order.as = r.asked
	r.in = ruby.New(r.world, s.limits)
	r.in.Tolerate = r.tolerate
	r.suite = rspec.New(r.in)
	r.suite.Root, r.suite.Text, r.suite.Refuse = p.root, s.sources.textOf, knowable
	r.suite.Subject = r.configure
	r.suite.Enter = func(scope string) {
		r.world.counter.enter(scope)
		r.commands = nil
	}
	r.defineTypes()
	r.defineMatchers()
	r.defineSettings()
	r.defineOutside()
	r.defineJSONSpec()
	return r
}

// results loads the files and runs the examples in them.
func (r *run) results(ctx context.Context) []verify.Result {
	for _, tag := range r.spec.options.Tags {
		r.suite.Tag(tag)
	}
	open := false
	if err := r.dotRSpec(ctx); err != nil {
		open = r.fileEnded(filepath.Join(r.project.root, ".rspec"), err) || open
	}
	for _, f := range r.project.files {
		if err := r.load(ctx, f); err != nil {
			open = r.fileEnded(f, err) || open
		}
	}
	if open {
		// What the other files would ask is asked in the same round; examples that are
		// not all known yet must not be judged.
		_ = r.suite.Run(ctx, func(*rspec.Example) {})
		return append(r.damage, r.found...)
	}
	if err := r.suite.Run(ctx, r.tell); err != nil {
		r.fileEnded(r.project.files[len(r.project.files)-1], err)
	}
	return append(r.damage, r.found...)
}

// load runs one spec file.
func (r *run) load(ctx context.Context, file string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	src := r.spec.sources.read(abs)
	if src.problem != nil {
		return src.problem
	}
	r.in.Refill()
	r.world.counter.enter("load " + file)
	_, err = r.in.Run(ctx, src.tree)
	return err
}

// fileEnded notes why a file could not be loaded to its end, and tells whether that is
// only because something is not known yet.
func (r *run) fileEnded(file string, err error) bool {
	result := r.notLoaded(file, err)
	r.found = append(r.found, result)
	return result.Verdict == verify.Open
}

// notLoaded is the result of a file of which err ended a statement.
func (r *run) notLoaded(file string, err error) verify.Result {
	result := verify.Result{Source: sourceName, Subject: shown(file), Description: "is loaded", Pos: template.Pos{File: shown(file)}, Verdict: verify.Unknown}
	var raise *ruby.Raise
	var problem syntax.Problem
	switch {
	case errors.Is(err, ruby.ErrOpen):
		result.Verdict = verify.Open
	case errors.As(err, &raise):
		if b := raise.Backtrace(); len(b) > 0 {
			result.Pos = r.pos(pos(b[0].Pos))
		}
		result.Reason = "an error occurred while loading: " + raise.ClassName() + ": " + raise.Message() + r.gemsNote(raise)
	default:
		result.Reason = whyStopped(err)
		if errors.As(err, &problem) {
			result.Pos, result.Reason = r.pos(pos(problem.Pos)), problem.Text
		} else if at := r.placeOf(err); at.Line > 0 {
			result.Pos = r.pos(pos(at))
		}
	}
	return result
}

// placeOf is where err, which is no exception, came from; no line when that is not known.
func (r *run) placeOf(err error) syntax.Pos {
	var unsupported *ruby.Unsupported
	var exhausted *ruby.Exhausted
	switch {
	case errors.As(err, &unsupported):
		return unsupported.Pos
	case errors.As(err, &exhausted):
		return exhausted.Pos
	}
	return r.in.StoppedAt(err)
}

// tolerate notes what ended a statement of a helper, after which the next one runs all the
// same: only what needs the statement is not to be had. Of exceptions that is so for the
// libraries that Proofmark does not have, which the real program would.
func (r *run) tolerate(err error) bool {
	var exhausted *ruby.Exhausted
	var raise *ruby.Raise
	switch {
	case errors.As(err, &exhausted):
		return false
	case errors.As(err, &raise):
		if len(r.gems) == 0 || !raise.IsA("LoadError") && !raise.IsA("NameError") {
			return false
		}
	default:
		var unsupported *ruby.Unsupported
		var stopped *unchecked
		if !errors.As(err, &unsupported) && !errors.As(err, &stopped) {
			return false
		}
	}
	result := r.notLoaded(r.in.Pos().File, err)
	result.Subject, result.Description = result.Pos.File, "is loaded whole"
	if !slices.ContainsFunc(r.damage, func(d verify.Result) bool { return d.Pos == result.Pos && d.Reason == result.Reason }) {
		r.damage = append(r.damage, result)
	}
	return true
}

// gemsNote names the libraries that are not there, where that may be why a name is not.
func (r *run) gemsNote(raise *ruby.Raise) string {
	if len(r.gems) == 0 || !raise.IsA("NameError") {
		return ""
	}
	return " (it may come from a library that Proofmark does not have: " + strings.Join(slices.Compact(slices.Sorted(slices.Values(r.gems))), ", ") + ")"
}

func (r *run) pos(p template.Pos) template.Pos {
	p.File = shown(p.File)
	return p
}

// tell makes a result of an example that has ended.
func (r *run) tell(e *rspec.Example) {
	titles := e.Groups()
	result := verify.Result{Source: sourceName, Description: e.Description(), Pos: r.pos(pos(e.Pos)), Command: strings.Join(r.commands, "\n")}
	result.Description = strings.ReplaceAll(result.Description, r.project.root+"/", "./")
	if n := len(titles); n > 0 {
		result.Groups, result.Subject = titles[:n-1], titles[n-1]
	}
	if full := strings.ReplaceAll(e.FullDescription(), r.project.root+"/", "./"); full != result.Name() {
		result.Full = full
	}
	switch e.Status {
	case rspec.Passed:
		result.Verdict = verify.Pass
	case rspec.Failed:
		if len(r.damage) > 0 {
			d := r.damage[0]
			result.Verdict, result.Reason = verify.Unknown, fmt.Sprintf("it fails, and %s:%d, which may be why, could not be run: %s", d.Pos.File, d.Pos.Line, d.Reason)
			break
		}
		result.Verdict, result.Wait = verify.Fail, r.spec.options.Wait
		result.Wanted, result.Found = e.Wanted, e.Found
		if result.Wanted == "" {
			result.Wanted = "no error"
		}
		if result.Found == "" {
			result.Found = strings.TrimSpace(e.Message)
		}
	case rspec.Pending:
		result.Verdict, result.Reason = verify.Skipped, e.Message
	case rspec.Open:
		result.Verdict = verify.Open
	default:
		result.Verdict, result.Reason, result.Wait = verify.Unknown, r.reasonOf(e), r.spec.options.Wait
	}
	r.found = append(r.found, result)
}

// reasonOf says why an example could not be run to its end, and where if not in its line.
func (r *run) reasonOf(e *rspec.Example) string {
	err := e.Err
	if at := r.placeOf(err); at.Line > 0 && (at.File != e.Pos.File || at.Line != e.Pos.Line) {
		return fmt.Sprintf("%s:%d: %s", shown(at.File), at.Line, whyStopped(err))
	}
	return whyStopped(err)
}

func whyStopped(err error) string {
	var unsupported *ruby.Unsupported
	var exhausted *ruby.Exhausted
	switch {
	case errors.As(err, &unsupported):
		return unsupported.Construct + " is outside of the Ruby that Proofmark runs"
	case errors.As(err, &exhausted):
		return "the spec went beyond " + exhausted.What
	}
	return err.Error()
}

// dotRSpec takes from .rspec what changes examples: required files and tags.
func (r *run) dotRSpec(ctx context.Context) error {
	text, err := readLimited(filepath.Join(r.project.root, ".rspec"))
	if err != nil {
		return nil
	}
	fields := strings.Fields(string(text))
	for i := 0; i < len(fields); i++ {
		name, value, has := strings.Cut(fields[i], "=")
		if !has && i+1 < len(fields) && (name == "-r" || name == "--require" || name == "-t" || name == "--tag") {
			i++
			value = fields[i]
		}
		switch name {
		case "-r", "--require":
			if err := r.require(ctx, value); err != nil {
				return err
			}
		case "-t", "--tag":
			r.suite.Tag(value)
		}
	}
	return nil
}

func (r *run) require(ctx context.Context, name string) error {
	defer r.in.Within(ctx)()
	r.in.Refill()
	_, err := r.in.Call(r.in.Main, "require", ruby.Str(name))
	return err
}
