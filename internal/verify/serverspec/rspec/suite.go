package rspec

import (
	"context"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Suite is the groups and the configuration of one evaluation of spec files.
type Suite struct {
	// Enter, when not nil, is told which example or hook runs from now on, by a name that
	// is the same in each evaluation.
	Enter func(scope string)
	// Root is the directory that rspec would be started in: paths below it are shown
	// relative to it.
	Root string
	// Text returns the text of a spec file, for descriptions that quote it; it may be nil.
	Text func(file string) string

	// Refuse, when not nil, returns why a value cannot be held against a matcher.
	Refuse func(actual ruby.Value) error
	// Subject, when not nil, is told each time that an example asks for a subject which its
	// group does not define itself.
	Subject func(example ruby.Value) error

	in     *ruby.Interp
	groups map[*ruby.Class]*Group
	top    []*Group
	shared []sharedExamples
	config config

	// Classes of the words.
	base, matchers, matcherClass, beClass, dslClass, targetClass, exampleClass, configClass *ruby.Class
	core, builtIn, notMet, manyNotMet, skipped, pendingFixed                                *ruby.Class

	mockError, doubleClass, receiveClass, allowClass *ruby.Class

	showing   []ruby.Value // what show is within
	mocks     []*mocked    // what the example that runs has taken over
	current   *Example
	last      lastExpectation
	gathering []*[]*ruby.Raise // of the aggregate_failures that run, innermost last
	serial    int
}

// lastExpectation is what the description of an example without one is made of.
type lastExpectation struct {
	verb    string
	matcher ruby.Value
}

// New defines RSpec in an interpreter.
func New(in *ruby.Interp) *Suite {
	s := &Suite{in: in, groups: map[*ruby.Class]*Group{}, config: newConfig()}
	s.define()
	return s
}

// Base is the class of which groups are, and Matchers the module that examples have their
// matchers from.
func (s *Suite) Base() *ruby.Class     { return s.base }
func (s *Suite) Matchers() *ruby.Class { return s.matchers }

// Current is the example that runs, or nil.
func (s *Suite) Current() *Example { return s.current }

func (s *Suite) enter(scope string) {
	if s.Enter != nil {
		s.Enter(scope)
	}
}

func (s *Suite) define() {
	in := s.in
	rspec := in.DefineModule("RSpec")
	s.core = in.DefineModuleIn(rspec, "Core")
	expectations := in.DefineModuleIn(rspec, "Expectations")
	s.matchers = in.DefineModuleIn(rspec, "Matchers")
	s.builtIn = in.DefineModuleIn(s.matchers, "BuiltIn")
	s.notMet = in.DefineClassIn(expectations, "ExpectationNotMetError", in.Exception)
	s.manyNotMet = in.DefineClassIn(expectations, "MultipleExpectationsNotMetError", s.notMet)
	pending := in.DefineModuleIn(s.core, "Pending")
	s.skipped = in.DefineClassIn(pending, "SkipDeclaredInExample", in.StandardError)
	s.pendingFixed = in.DefineClassIn(pending, "PendingExampleFixedError", in.StandardError)

	s.base = in.DefineClassIn(s.core, "ExampleGroup", in.Object)
	s.exampleClass = in.DefineClassIn(s.core, "Example", in.Object)
	s.configClass = in.DefineClassIn(s.core, "Configuration", in.Object)
	s.defineMatchers()
	s.defineDSLMatchers()
	s.base.Include(s.matchers)
	s.defineGroups()
	s.defineMemoized()
	s.defineExamples()
	s.defineHooks()
	s.defineShared()
	s.defineExpectations()
	s.defineDoubles()
	s.defineConfiguration(rspec)

	// What stands outside of every group.
	words := in.NewModule()
	for _, name := range groupWords {
		words.Define(name, 0, -1, s.describeTop)
		rspec.DefineSingleton(name, 0, -1, s.describeTop)
	}
	for _, name := range sharedWords {
		words.Define(name, 1, -1, s.shareTop)
		rspec.DefineSingleton(name, 1, -1, s.shareTop)
	}
	s.extend(in.Main, words)
	in.Module.Include(words)
	rspec.DefineSingleton("current_example", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		if s.current == nil {
			return ruby.Nil{}, nil
		}
		return s.current.object, nil
	})
	rspec.DefineSingleton("world", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		return nil, &ruby.Unsupported{Pos: c.Pos, Construct: "RSpec.world"}
	})
	version := in.DefineModuleIn(s.core, "Version")
	version.SetConst("STRING", ruby.Str("3.12.0"))
	for _, library := range []string{"rspec", "rspec/core", "rspec/expectations", "rspec/matchers", "rspec/its", "rspec/autorun", "rspec/mocks"} {
		in.Supply(library)
	}
}

// extend gives one object the methods of a module.
func (s *Suite) extend(v ruby.Value, module *ruby.Class) {
	if _, err := s.in.Call(v, "extend", module); err != nil {
		panic("extend of a module that Go made: " + err.Error())
	}
}

// Run runs the examples of all groups in order and tells of each when it has ended. What
// is left out by filters is not told of. The error is of a hook around all examples that
// could not be run; the examples are then not run.
func (s *Suite) Run(ctx context.Context, tell func(*Example)) error {
	defer s.in.Within(ctx)()
	s.filter()
	if !s.anySelected() {
		return nil
	}
	s.enter("before suite")
	for _, h := range s.config.hooks.of("before", "suite") {
		if _, err := s.in.Exec(h.block, s.in.NewObject(s.base, &instance{})); err != nil {
			s.failAll(s.top, err, tell)
			return nil
		}
	}
	for _, g := range s.top {
		g.run(nil, tell)
	}
	s.enter("after suite")
	for _, h := range s.config.hooks.of("after", "suite") {
		if _, err := s.in.Exec(h.block, s.in.NewObject(s.base, &instance{})); err != nil {
			return err
		}
	}
	return nil
}

func (s *Suite) failAll(groups []*Group, err error, tell func(*Example)) {
	for _, g := range groups {
		g.failAll(err, tell)
	}
}

func (s *Suite) anySelected() bool {
	for _, g := range s.top {
		if g.selected() {
			return true
		}
	}
	return false
}

// place is where a group or example stands, as RSpec counts it: the line of its block. That
// of do … end is where the call begins that it belongs to.
func (s *Suite) place(c *ruby.Call) syntax.Pos {
	if c.Block == nil || c.Name == "its" || s.Text == nil {
		return c.Pos
	}
	at := c.Block.Pos()
	if at.Line == 0 || at.Line == c.Pos.Line && at.File == c.Pos.File {
		return c.Pos
	}
	passed := strings.Contains(s.rest(c.Pos), "&")
	if passed || strings.HasPrefix(s.rest(at), "{") {
		return at
	}
	return c.Pos
}

// rest is the text of a line from a place on.
func (s *Suite) rest(at syntax.Pos) string {
	lines := strings.Split(s.Text(at.File), "\n")
	if at.Line < 1 || at.Line > len(lines) || at.Column < 1 || at.Column > len(lines[at.Line-1]) {
		return ""
	}
	return lines[at.Line-1][at.Column-1:]
}
