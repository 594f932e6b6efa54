package rspec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Group is one describe or context.
type Group struct {
	Description string
	Pos         syntax.Pos

	suite    *Suite
	class    *ruby.Class
	parent   *Group
	args     []ruby.Value // of describe
	full     string
	metadata *ruby.Hash // with what is inherited
	hooks    hooks
	shared   []sharedExamples
	lets     *ruby.Class // the blocks of let and subject, below the class's own methods
	examples []*Example
	children []*Group
	store    map[string]ruby.Value // instance variables that before(:all) left
	scope    string
	// metaBlocks are the shared examples that are here because of metadata.
	metaBlocks []*ruby.Proc
}

var groupWords = []string{"describe", "context", "example_group", "xdescribe", "xcontext", "fdescribe", "fcontext"}

func (s *Suite) defineGroups() {
	for _, name := range groupWords {
		s.base.DefineSingleton(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			g := s.groupOf(c.Self)
			if g == nil {
				return s.describeTop(c)
			}
			return s.describe(c, g)
		})
	}
	def := s.base.DefineSingleton
	def("its", 1, -1, s.its)
	def("described_class", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.groupOf(c.Self).described(), nil })
	def("metadata", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.groupOf(c.Self).metadata, nil })
	def("parent_groups", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		var list []ruby.Value
		for g := s.groupOf(c.Self); g != nil; g = g.parent {
			list = append(list, g.class)
		}
		return ruby.NewArray(list...), nil
	})
	def("top_level_description", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		g := s.groupOf(c.Self)
		for g.parent != nil {
			g = g.parent
		}
		return ruby.Str(g.Description), nil
	})
	def("top_level?", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Bool(s.groupOf(c.Self).parent == nil), nil })
	def("file_path", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Str(s.relative(s.groupOf(c.Self).Pos.File)), nil })
	def("location", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Str(s.location(s.groupOf(c.Self).Pos)), nil })
	def("examples", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		var list []ruby.Value
		for _, e := range s.groupOf(c.Self).examples {
			list = append(list, e.object)
		}
		return ruby.NewArray(list...), nil
	})
	def("description", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Str(s.groupOf(c.Self).Description), nil })
	s.base.Define("described_class", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		if g := s.groupOf(s.in.ClassOf(c.Self)); g != nil {
			return g.described(), nil
		}
		return ruby.Nil{}, nil
	})
}

// groupOf is the group of a class, or of the one above that has one.
func (s *Suite) groupOf(v ruby.Value) *Group {
	for k, _ := v.(*ruby.Class); k != nil; k = k.Superclass() {
		if g := s.groups[k]; g != nil {
			return g
		}
	}
	return nil
}

func (s *Suite) describeTop(c *ruby.Call) (ruby.Value, error) { return s.describe(c, nil) }

// describe declares a group and runs its block.
func (s *Suite) describe(c *ruby.Call, parent *Group) (ruby.Value, error) {
	if s.current != nil && parent != nil {
		return nil, s.in.Raise("NoMethodError", "`%s` is not available from within an example (e.g. an `it` block) or from constructs that run in the scope of an example (e.g. `before`, `let`, etc). It is only available on an example group (e.g. a `describe` or `context` block).", c.Name)
	}
	args := append([]ruby.Value(nil), c.Args...)
	c.Args = args
	own := takeMetadata(c, 1)
	switch c.Name[0] {
	case 'x':
		own.Set(ruby.Symbol("skip"), ruby.Str("Temporarily skipped with "+c.Name))
	case 'f':
		if slices.Contains(groupWords, c.Name) {
			own.Set(ruby.Symbol("focus"), ruby.True)
		}
	}
	if more, ok := s.config.words[c.Name]; ok {
		own = inherit(more, own)
	}
	g, err := s.newGroup(parent, c.Args, own, s.place(c))
	if err != nil {
		return nil, err
	}
	if c.Block != nil {
		if _, err := s.in.ClassExec(c.Block, g.class, g.class); err != nil {
			return nil, err
		}
	}
	return g.class, nil
}

func (s *Suite) newGroup(parent *Group, args []ruby.Value, own *ruby.Hash, pos syntax.Pos) (*Group, error) {
	g := &Group{suite: s, parent: parent, args: args, Pos: pos}
	super, full := s.base, ""
	var above *ruby.Hash
	if parent != nil {
		super, full, above = parent.class, parent.full, parent.metadata
		parent.children = append(parent.children, g)
		g.scope = fmt.Sprintf("%s/%d", parent.scope, len(parent.children))
	} else {
		s.top = append(s.top, g)
		g.scope = fmt.Sprintf("g%d", len(s.top))
	}
	var before ruby.Value
	if parent != nil && len(parent.args) > 0 {
		before = parent.args[len(parent.args)-1]
	}
	for i, a := range args {
		if i > 0 && !ruby.Truthy(a) {
			continue // what was meant for the call inside the describe's parentheses
		}
		text, err := s.in.ToS(a)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			g.Description = text
		} else {
			g.Description = s.joined(g.Description, before, text)
		}
		if full == "" && i == 0 {
			full = text
		} else {
			full = s.joined(full, before, text)
		}
		before = a
	}
	g.full = full
	g.class = s.in.NewClass(super)
	s.serial++
	s.base.SetConst(fmt.Sprintf("Nested_%d", s.serial), g.class)
	s.groups[g.class] = g
	g.lets = s.in.NewModule()
	g.class.Include(g.lets)
	g.metadata = inherit(above, own)
	if err := s.derive(g.metadata, pos); err != nil {
		return nil, err
	}
	values := map[string]ruby.Value{
		"description": ruby.Str(g.Description), "full_description": ruby.Str(full),
		"description_args": ruby.NewArray(args...), "described_class": g.described(),
	}
	if parent != nil {
		values["parent_example_group"] = parent.metadata
	}
	s.reserved(g.metadata, pos, values)
	return g, s.includeByMetadata(g)
}

// described is the subject of the description: the first argument of the innermost group
// that has one that is not a text.
func (g *Group) described() ruby.Value {
	for ; g != nil; g = g.parent {
		if len(g.args) == 0 {
			continue
		}
		switch g.args[0].(type) {
		case *ruby.String, ruby.Nil, nil:
		default:
			return g.args[0]
		}
	}
	return ruby.Nil{}
}

// selected tells whether an example of the group or below is to run.
func (g *Group) selected() bool {
	for _, e := range g.examples {
		if e.selected {
			return true
		}
	}
	for _, c := range g.children {
		if c.selected() {
			return true
		}
	}
	return false
}

// titles are the descriptions of the groups around, outermost first.
func (g *Group) titles() []string {
	if g == nil {
		return nil
	}
	return append(g.parent.titles(), g.Description)
}

// run runs the examples of the group, then the groups in it. store has the instance
// variables that before(:all) of the groups around left.
func (g *Group) run(store map[string]ruby.Value, tell func(*Example)) {
	if !g.selected() {
		return
	}
	s := g.suite
	self := s.in.NewObject(g.class, &instance{group: g})
	s.setIVars(self, store)
	s.enter(g.scope + " before all")
	err := s.runContextHooks(g, self, "before")
	switch {
	case err == nil:
		g.store = s.iVars(self)
		for _, e := range g.examples {
			if e.selected {
				e.run()
				tell(e)
			}
		}
		for _, c := range g.children {
			c.run(g.store, tell)
		}
	default:
		g.failAll(err, tell)
		var r *ruby.Raise
		if !errors.As(err, &r) {
			return
		}
	}
	s.enter(g.scope + " after all")
	// RSpec reports what after(:all) raises beside the examples, whose verdicts stand.
	_ = s.runContextHooks(g, self, "after")
}

// failAll ends all examples of a group whose hook failed.
func (g *Group) failAll(err error, tell func(*Example)) {
	for _, e := range g.examples {
		if e.selected {
			e.end(err)
			tell(e)
		}
	}
	for _, c := range g.children {
		c.failAll(err, tell)
	}
}

func (s *Suite) iVars(v ruby.Value) map[string]ruby.Value {
	all := map[string]ruby.Value{}
	list, err := s.in.Call(v, "instance_variables")
	if a, ok := list.(*ruby.Array); ok && err == nil {
		for _, name := range a.Elems() {
			n := string(name.(ruby.Symbol))
			all[n] = s.in.IVar(v, n)
		}
	}
	return all
}

func (s *Suite) setIVars(v ruby.Value, all map[string]ruby.Value) {
	for name, value := range all {
		s.in.SetIVar(v, name, value)
	}
}
