package serverspec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// version of what reads and judges spec files: see verify.Versioned.
const version = "1"

// Spec is the spec files of one call. It implements verify.Spec, and is for one goroutine
// at a time.
type Spec struct {
	options  Options
	projects []*project
	sources  *sources

	generation int
	logs       map[*project]*replay
}

// project is the spec files that rspec would run from one directory.
type project struct {
	root  string   // the directory that rspec would be started in
	files []string // as they are shown: relative to the directory that the program runs in
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
	return &Spec{options: o, projects: projects, sources: &sources{parsed: map[string]*source{}}, logs: map[*project]*replay{}}, nil
}

// Version implements verify.Versioned.
func (s *Spec) Version() string { return version + "." + resourceVersion }

// resourceVersion goes up with the verdicts of package resource.
const resourceVersion = "1"

// Evaluate implements verify.Spec.
func (s *Spec) Evaluate(ctx context.Context, session *verify.Session) []verify.Result {
	if g := session.Generation(); g != s.generation {
		s.generation = g
		clear(s.logs)
	}
	var all []verify.Result
	for _, p := range s.projects {
		if s.logs[p] == nil {
			s.logs[p] = newReplay()
		}
		all = append(all, s.evaluate(ctx, p, session)...)
	}
	return all
}

func (s *Spec) evaluate(ctx context.Context, p *project, session *verify.Session) []verify.Result {
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Limit, fmt.Errorf("%v for one evaluation", s.options.Limit))
	defer cancel()
	return newRun(s, p, session).results(ctx)
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
	fmt.Fprintf(sum, "%q %v %v %q %q", s.options.RunsOn, s.options.AllowCommands, s.options.Strict, s.options.Tags, s.environment())
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}

// limits of the evaluator: for loading a file, and then for each example.
var limits = ruby.Limits{}

func pos(p syntax.Pos) template.Pos { return template.Pos{File: p.File, Line: p.Line, Col: p.Column} }
