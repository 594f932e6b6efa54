package rspec

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Status of an example that has run.
type Status int

const (
	Passed Status = iota
	Failed
	Pending
	Open    // something is not known yet
	Stopped // it could not be run to its end: Err
)

// Example is one it.
type Example struct {
	Pos    syntax.Pos
	Status Status
	// Err is what it failed with, or why it was stopped.
	Err error
	// Message says what was wrong, or why it is pending.
	Message string
	// Wanted and Found are of the matcher that did not match, if one did not.
	Wanted, Found string

	group       *Group
	block       *ruby.Proc
	description string
	generated   string
	metadata    *ruby.Hash
	object      *ruby.Object
	scope       string
	selected    bool
	pending     string // why it is expected to fail
	isPending   bool
	instance    *ruby.Object
	own         *Group // what the example's metadata includes, or nil: see includeInExample
}

// inner is the group that the example's hooks begin with.
func (e *Example) inner() *Group {
	if e.own != nil {
		return e.own
	}
	return e.group
}

// Description of the example: its own, or the one that its last expectation gave it.
func (e *Example) Description() string {
	switch {
	case e.description != "":
		return e.description
	case e.generated != "":
		return e.generated
	}
	return "example at " + e.group.suite.location(e.Pos)
}

// FullDescription begins with those of the groups around.
func (e *Example) FullDescription() string {
	own := e.description
	if own == "" {
		own = e.generated
	}
	var last ruby.Value
	if n := len(e.group.args); n > 0 {
		last = e.group.args[n-1]
	}
	if e.group.full == "" {
		return own
	}
	return e.group.suite.joined(e.group.full, last, own)
}

// Groups are the descriptions of the groups around, outermost first.
func (e *Example) Groups() []string { return e.group.titles() }

// Subject is what the innermost group around describes, or Nil.
func (e *Example) Subject() ruby.Value { return e.group.described() }

// Metadata of the example.
func (e *Example) Metadata() *ruby.Hash { return e.metadata }

// instance is the Data of the object that an example runs in.
type instance struct {
	group   *Group
	example *Example
	memo    map[string]ruby.Value
}

// exampleWords with the metadata that each sets.
var exampleWords = []string{"it", "specify", "example", "xit", "xspecify", "xexample", "fit", "fspecify", "fexample", "focus", "skip", "pending"}

func (s *Suite) defineExamples() {
	for _, name := range exampleWords {
		s.base.DefineSingleton(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			g := s.groupOf(c.Self)
			if g == nil {
				return nil, s.in.Raise("NoMethodError", "undefined method `%s' for %s", c.Name, "RSpec::Core::ExampleGroup")
			}
			return s.it(c, g)
		})
	}
	s.defineExampleObject()
	s.base.Define("skip", 0, 1, func(c *ruby.Call) (ruby.Value, error) {
		reason := "No reason given"
		if c.Has(0) && ruby.Truthy(c.Arg(0)) {
			text, err := s.in.ToS(c.Arg(0))
			if err != nil {
				return nil, err
			}
			reason = text
		}
		return nil, s.in.RaiseClass(s.skipped, "%s", reason)
	})
	s.base.Define("pending", 0, 1, func(c *ruby.Call) (ruby.Value, error) {
		if c.Block != nil {
			return nil, s.in.Raise("ArgumentError", "The semantics of `RSpec::Core::Pending#pending` have changed in RSpec 3. In RSpec 2.x, it caused the example to be skipped. In RSpec 3, the rest of the example is still run but is expected to fail, and will be marked as a failure (rather than as pending) if the example passes.")
		}
		if e := s.current; e != nil {
			e.isPending, e.pending = true, c.OptStr(0, "No reason given")
		}
		return ruby.Nil{}, nil
	})
}

// it declares an example.
func (s *Suite) it(c *ruby.Call, g *Group) (ruby.Value, error) {
	c.Args = append([]ruby.Value(nil), c.Args...)
	first := 0
	if len(c.Args) > 0 {
		switch c.Args[0].(type) {
		case *ruby.Hash, ruby.Symbol:
		default:
			first = 1
		}
	}
	own := takeMetadata(c, first)
	description := ""
	if c.Has(0) && !ruby.IsNil(c.Arg(0)) {
		text, err := s.in.ToS(c.Arg(0))
		if err != nil {
			return nil, err
		}
		description = text
	}
	more, aliased := s.config.words[c.Name]
	switch {
	case aliased:
		own = inherit(more, own)
	case c.Name == "skip":
		own.Set(ruby.Symbol("skip"), ruby.True)
	case c.Name == "pending":
		own.Set(ruby.Symbol("pending"), ruby.True)
	default:
		switch c.Name[0] {
		case 'x':
			own.Set(ruby.Symbol("skip"), ruby.Str("Temporarily skipped with "+c.Name))
		case 'f':
			own.Set(ruby.Symbol("focus"), ruby.True)
		}
	}
	e, err := s.newExample(g, description, own, c.Block, s.place(c))
	if err != nil {
		return nil, err
	}
	return e.object, nil
}

func (s *Suite) newExample(g *Group, description string, own *ruby.Hash, block *ruby.Proc, pos syntax.Pos) (*Example, error) {
	e := &Example{group: g, block: block, Pos: pos, description: description}
	if block == nil {
		if _, ok := own.Get(ruby.Symbol("skip")); !ok {
			own.Set(ruby.Symbol("skip"), ruby.Str("Not yet implemented"))
		}
	}
	e.metadata = inherit(g.metadata, own)
	if err := s.derive(e.metadata, pos); err != nil {
		return nil, err
	}
	var args []ruby.Value
	if description != "" {
		args = append(args, ruby.Str(description))
	}
	s.reserved(e.metadata, pos, map[string]ruby.Value{
		"description": ruby.Str(description), "full_description": ruby.Str(e.FullDescription()),
		"description_args": ruby.NewArray(args...), "described_class": g.described(), "example_group": g.metadata,
	})
	e.object = s.in.NewObject(s.exampleClass, e)
	g.examples = append(g.examples, e)
	e.scope = fmt.Sprintf("%s.%d", g.scope, len(g.examples))
	return e, nil
}

// run runs the example with the hooks around it.
func (e *Example) run() {
	s := e.group.suite
	e.Status, e.Err, e.Message, e.Wanted, e.Found = Passed, nil, "", "", ""
	if reason, skip := s.reasonOf(lookup(e.metadata, "skip"), "No reason given"); skip {
		e.Status, e.Message = Pending, reason
		return
	}
	e.pending, e.isPending = s.reasonOf(lookup(e.metadata, "pending"), "No reason given")
	s.enter(e.scope)
	s.in.Refill()
	s.current, s.last, s.gathering = e, lastExpectation{}, nil
	defer func() {
		s.undouble()
		s.current = nil
	}()
	e.instance = s.in.NewObject(e.group.class, &instance{group: e.group, example: e, memo: map[string]ruby.Value{}})
	s.setIVars(e.instance, e.group.store)

	err := s.includeInExample(e)
	if err == nil {
		err = s.runAround(e)
	}
	e.end(err)
	e.describe()
}

// body runs what stands between the around hooks: before hooks, the block, after hooks.
// Of several exceptions it gives the first, as RSpec gives all.
func (e *Example) body() error {
	s := e.group.suite
	err := s.runEachHooks(e, "before")
	if err == nil {
		err = s.gathered(e, func() error {
			_, err := s.in.Exec(e.block, e.instance, e.object)
			return err
		})
	}
	if err == nil {
		err = s.verifyDoubles()
	}
	var r *ruby.Raise
	if err != nil && !errors.As(err, &r) {
		return err
	}
	e.note(err)
	if after := s.runEachHooks(e, "after"); after != nil && err == nil {
		err = after
	}
	return err
}

// note keeps the exception where hooks find it.
func (e *Example) note(err error) {
	if r := (*ruby.Raise)(nil); errors.As(err, &r) && !r.IsA("RSpec::Core::Pending::SkipDeclaredInExample") {
		e.Err = err
	}
}

// end makes the verdict of what the example ended with.
func (e *Example) end(err error) {
	s := e.group.suite
	var r *ruby.Raise
	raised := errors.As(err, &r)
	e.Err = err
	switch {
	case errors.Is(err, ruby.ErrOpen):
		e.Status = Open
	case err != nil && !raised:
		e.Status, e.Message = Stopped, err.Error()
	case raised && r.IsA("RSpec::Core::Pending::SkipDeclaredInExample"):
		e.Status, e.Message, e.Err = Pending, r.Message(), nil
	case raised && e.isPending:
		e.Status, e.Message = Pending, e.pending
	case raised:
		e.Status, e.Message = Failed, messageOf(r)
	case e.isPending:
		e.Status = Failed
		e.Message = "Expected pending '" + e.pending + "' to fail. No error was raised."
		e.Err = s.in.RaiseClass(s.pendingFixed, "%s", e.Message)
	default:
		e.Status = Passed
	}
}

// messageOf is what RSpec prints of an exception.
func messageOf(r *ruby.Raise) string {
	if r.IsA("RSpec::Expectations::ExpectationNotMetError") {
		return r.Message()
	}
	return r.ClassName() + ":\n  " + r.Message()
}

// describe takes the description from the last expectation.
func (e *Example) describe() {
	if e.description != "" {
		return
	}
	s := e.group.suite
	defer func() { s.last = lastExpectation{} }()
	if s.last.verb == "" {
		return
	}
	text, err := s.describedMatcher(s.last.matcher)
	var r *ruby.Raise
	switch {
	case err == nil:
		e.generated = s.last.verb + " " + text
	case errors.As(err, &r):
		e.generated = "example at " + s.location(e.Pos) + " (Got an error when generating description from matcher: " + r.ClassName() + ": " + r.Message() + ")"
	}
	e.metadata.Set(ruby.Symbol("description"), ruby.Str(e.generated))
	e.metadata.Set(ruby.Symbol("full_description"), ruby.Str(e.FullDescription()))
}

// defineExampleObject defines what hooks and blocks can ask the example.
func (s *Suite) defineExampleObject() {
	k := s.exampleClass
	of := func(c *ruby.Call) *Example { return c.Self.(*ruby.Object).Data.(*Example) }
	def := func(name string, fn func(c *ruby.Call, e *Example) (ruby.Value, error)) {
		k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return fn(c, of(c)) })
	}
	def("metadata", func(c *ruby.Call, e *Example) (ruby.Value, error) { return e.metadata, nil })
	def("description", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Str(e.Description()), nil })
	def("full_description", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Str(e.FullDescription()), nil })
	def("location", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Str(s.location(e.Pos)), nil })
	def("file_path", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Str(s.relative(e.Pos.File)), nil })
	def("example_group", func(c *ruby.Call, e *Example) (ruby.Value, error) { return e.group.class, nil })
	def("id", func(c *ruby.Call, e *Example) (ruby.Value, error) {
		return ruby.Str(s.relative(e.Pos.File) + "[" + e.scope + "]"), nil
	})
	def("pending?", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Bool(e.isPending), nil })
	def("skipped?", func(c *ruby.Call, e *Example) (ruby.Value, error) {
		return ruby.Bool(ruby.Truthy(lookup(e.metadata, "skip"))), nil
	})
	def("exception", func(c *ruby.Call, e *Example) (ruby.Value, error) {
		if r := (*ruby.Raise)(nil); errors.As(e.Err, &r) {
			return r.Exception, nil
		}
		return ruby.Nil{}, nil
	})
	def("run", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Nil{}, e.body() })
	def("call", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Nil{}, e.body() })
	def("run_with_retry", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Nil{}, e.body() })
	def("to_s", func(c *ruby.Call, e *Example) (ruby.Value, error) { return ruby.Str(e.FullDescription()), nil })
}
