package serverspec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// version of what reads and judges spec files: see verify.Versioned.
const version = "1"

// Spec is the spec files of one call. It implements verify.Spec. Several sessions may
// evaluate it at the same time.
type Spec struct {
	options  Options
	projects []*project
	sources  *sources
	limits   ruby.Limits

	mu     sync.Mutex
	states map[*verify.Session]*state
}

// state is what evaluations of one session keep.
type state struct {
	generation int
	logs       map[*project]*replay
}

// project is the spec files that rspec would run from one directory.
type project struct {
	root  string   // the directory that rspec would be started in
	tree  string   // what specs may read on this host: root, or the repository around it
	files []string // as they are shown: relative to the directory that the program runs in
	// environ is what the Rakefile sets for these files, as NAME=value.
	environ []string

	once sync.Once
	dirs []string // see searched
}

// sources are the files of specs, read and parsed once.
type sources struct {
	mu     sync.Mutex
	parsed map[string]*source
}

type source struct {
	text    string
	tree    *syntax.File
	problem error
}

// Open finds the spec files that paths name: files, directories, which stand for all
// *_spec.rb below, and patterns. The error is for paths that name nothing; what is wrong
// in a file is a result of its own.
func Open(paths []string, o Options) (*Spec, error) {
	if o.Limit <= 0 {
		o.Limit = time.Minute
	}
	switch o.RunsOn {
	case "", OnTarget, OnController:
	default:
		return nil, template.At("specs_run_on", fmt.Errorf("%q is neither %q nor %q", o.RunsOn, OnTarget, OnController))
	}
	projects, err := find(paths)
	if err != nil {
		return nil, err
	}
	return &Spec{options: o, projects: projects, sources: &sources{parsed: map[string]*source{}}, limits: limits, states: map[*verify.Session]*state{}}, nil
}

// Version implements verify.Versioned.
func (s *Spec) Version() string { return version + "." + resourceVersion }

// resourceVersion goes up with the verdicts of package resource.
const resourceVersion = "1"

// Evaluate implements verify.Spec.
func (s *Spec) Evaluate(ctx context.Context, session *verify.Session) []verify.Result {
	state := s.stateOf(session)
	var all []verify.Result
	for _, p := range s.projects {
		all = append(all, s.evaluate(ctx, p, session, state.logs[p])...)
	}
	return all
}

func (s *Spec) stateOf(session *verify.Session) *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.states[session]
	if g := session.Generation(); st == nil || st.generation != g {
		st = &state{generation: g, logs: map[*project]*replay{}}
		for _, p := range s.projects {
			st.logs[p] = newReplay()
		}
		s.states[session] = st
	}
	return st
}

func (s *Spec) evaluate(ctx context.Context, p *project, session *verify.Session, log *replay) []verify.Result {
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Limit, fmt.Errorf("%v for one evaluation", s.options.Limit))
	defer cancel()
	r := newRun(s, p, session, log)
	results := r.results(ctx)
	if password := r.text("sudo_password"); password != "" {
		session.OfferPassword(password)
	}
	return results
}

// Files implements verify.Files: the spec files, and all that they load or name below
// their directories.
func (s *Spec) Files() []string {
	var all []string
	for _, p := range s.projects {
		all = append(all, s.inputs(p)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Digest implements verify.Digester: over what changes the examples beside their files.
func (s *Spec) Digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %v %v %q %q", s.options.RunsOn, s.options.AllowCommands, s.options.Strict, s.options.Tags, s.read())
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// read is the part of the environment that the specs name.
func (s *Spec) read() []string {
	var names []string
	for _, f := range s.Files() {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // a file that is gone is told when the specs are run
		}
		for _, m := range variables.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	return slices.DeleteFunc(s.environment(&project{}), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return !slices.Contains(names, name)
	})
}

var variables = regexp.MustCompile(`ENV(?:\.fetch\s*\(?|\.key\?\s*\(?|\[)\s*['"](\w+)['"]`)

// limits of the evaluator: for loading a file, and then for each example.
var limits = ruby.Limits{Steps: 3_000_000, Bytes: 256 << 20}

func pos(p syntax.Pos) template.Pos { return template.Pos{File: p.File, Line: p.Line, Col: p.Column} }
