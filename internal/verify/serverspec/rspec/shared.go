package rspec

import (
	"slices"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// sharedExamples are declared once and included under their name.
type sharedExamples struct {
	name  ruby.Value // String or Symbol
	block *ruby.Proc
	when  *ruby.Hash // metadata of groups that include them by themselves; nil: none
}

var (
	sharedWords = []string{"shared_examples", "shared_examples_for", "shared_context"}
	nestWords   = map[string]string{"it_behaves_like": "behaves like ", "it_should_behave_like": "it should behave like "}
)

func (s *Suite) defineShared() {
	for _, name := range sharedWords {
		s.base.DefineSingleton(name, 1, -1, func(c *ruby.Call) (ruby.Value, error) {
			g := s.groupOf(c.Self)
			if g == nil {
				return s.shareTop(c)
			}
			one, err := s.readShared(c)
			g.shared = append(g.shared, one)
			return ruby.Nil{}, err
		})
	}
	for _, name := range []string{"include_examples", "include_context"} {
		s.base.DefineSingleton(name, 1, -1, func(c *ruby.Call) (ruby.Value, error) {
			return s.include(c, s.groupOf(c.Self), c.Args[0], c.Args[1:])
		})
	}
	for name, before := range nestWords {
		s.defineNest(name, before)
	}
}

// defineNest defines a word for shared examples in a group of their own, whose title begins
// with before.
func (s *Suite) defineNest(name, before string) {
	s.base.DefineSingleton(name, 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		title, err := s.in.ToS(c.Args[0])
		if err != nil {
			return nil, err
		}
		g, err := s.newGroup(s.groupOf(c.Self), []ruby.Value{ruby.Str(before + title)}, ruby.NewHash(), c.Pos)
		if err != nil {
			return nil, err
		}
		if _, err := s.include(c, g, c.Args[0], c.Args[1:]); err != nil {
			return nil, err
		}
		return g.class, nil
	})
}

func (s *Suite) readShared(c *ruby.Call) (sharedExamples, error) {
	c.Args = append([]ruby.Value(nil), c.Args...)
	when := takeMetadata(c, 1)
	if when.Len() == 0 {
		when = nil
	}
	if c.Block == nil {
		return sharedExamples{}, s.in.Raise("ArgumentError", "Shared example group %s was declared without a block", describedName(c.Args[0]))
	}
	return sharedExamples{c.Args[0], c.Block, when}, nil
}

func (s *Suite) shareTop(c *ruby.Call) (ruby.Value, error) {
	one, err := s.readShared(c)
	if err == nil {
		s.shared = append(s.shared, one)
	}
	return ruby.Nil{}, err
}

// find looks for shared examples from the innermost group to the outside. The last that
// were declared under a name count.
func (s *Suite) find(g *Group, name ruby.Value) (*ruby.Proc, error) {
	look := func(list []sharedExamples) (*ruby.Proc, error) {
		for i := len(list) - 1; i >= 0; i-- {
			eq, err := s.in.Equal(list[i].name, name)
			if err != nil || eq {
				return list[i].block, err
			}
			if describedName(list[i].name) == describedName(name) && isName(name) && isName(list[i].name) {
				return list[i].block, nil
			}
		}
		return nil, nil
	}
	for ; g != nil; g = g.parent {
		if b, err := look(g.shared); b != nil || err != nil {
			return b, err
		}
	}
	return look(s.shared)
}

func isName(v ruby.Value) bool {
	switch v.(type) {
	case *ruby.String, ruby.Symbol:
		return true
	}
	return false
}

func describedName(v ruby.Value) string {
	switch v := v.(type) {
	case *ruby.String:
		return v.String()
	case ruby.Symbol:
		return string(v)
	case *ruby.Class:
		return v.Name()
	}
	return ""
}

// include runs shared examples in a group, then the block that goes with them.
func (s *Suite) include(c *ruby.Call, g *Group, name ruby.Value, args []ruby.Value) (ruby.Value, error) {
	if g == nil {
		return nil, s.in.Raise("NoMethodError", "%s is for groups", c.Name)
	}
	b, err := s.find(g, name)
	if err != nil {
		return nil, err
	}
	if b == nil {
		what := "examples"
		if c.Name == "include_context" {
			what = "context"
		}
		text, err := s.in.Inspect(name)
		if err != nil {
			return nil, err
		}
		return nil, s.in.Raise("ArgumentError", "Could not find shared %s %s", what, text)
	}
	if _, err := s.in.ClassExec(b, g.class, args...); err != nil {
		return nil, err
	}
	if c.Block != nil {
		if _, err := s.in.ClassExec(c.Block, g.class, args...); err != nil {
			return nil, err
		}
	}
	return ruby.Nil{}, nil
}

// includeByMetadata includes what was declared or configured for groups like this one.
func (s *Suite) includeByMetadata(g *Group) error {
	for _, m := range s.config.modules {
		if ok, err := s.meets(hook{when: m.when}, g.metadata); err != nil || !ok || g.parent != nil && m.when == nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.mix(m, g.class); err != nil {
			return err
		}
	}
	list, err := s.sharedFor(g.parent, g.metadata)
	if err != nil {
		return err
	}
	for _, block := range list {
		if g.parent != nil && slices.Contains(g.parent.metaBlocks, block) {
			continue // what is above has it already
		}
		g.metaBlocks = append(g.metaBlocks, block)
		if _, err := s.in.ClassExec(block, g.class); err != nil {
			return err
		}
	}
	if g.parent != nil {
		g.metaBlocks = append(g.metaBlocks, g.parent.metaBlocks...)
	}
	return nil
}

// sharedFor is the shared examples for metadata like this, in a group below around.
func (s *Suite) sharedFor(around *Group, m *ruby.Hash) ([]*ruby.Proc, error) {
	var list []*ruby.Proc
	for _, one := range s.shared {
		if one.when == nil {
			continue
		}
		if ok, err := s.meets(hook{when: one.when}, m); err != nil {
			return nil, err
		} else if ok {
			list = append(list, one.block)
		}
	}
	for _, use := range s.config.contexts {
		if ok, err := s.meets(hook{when: use.when}, m); err != nil {
			return nil, err
		} else if ok {
			b, err := s.find(around, use.name)
			if err != nil {
				return nil, err
			}
			if b == nil {
				return nil, s.in.Raise("ArgumentError", "Could not find shared context %q", describedName(use.name))
			}
			list = append(list, b)
		}
	}
	return list, nil
}

// includeInExample gives an example what its own metadata asks for and its group has not: a
// group of its own, below the one that it stands in, for the time that it runs.
func (s *Suite) includeInExample(e *Example) error {
	var modules []mixin
	for _, m := range s.config.modules {
		if m.when == nil || m.extend {
			continue
		}
		inGroup, err := s.meets(hook{when: m.when}, e.group.metadata)
		if err != nil {
			return err
		}
		if ok, err := s.meets(hook{when: m.when}, e.metadata); err != nil {
			return err
		} else if ok && !inGroup {
			modules = append(modules, m)
		}
	}
	blocks, err := s.sharedFor(e.group, e.metadata)
	if err != nil {
		return err
	}
	blocks = slices.DeleteFunc(blocks, func(b *ruby.Proc) bool { return slices.Contains(e.group.metaBlocks, b) })
	if len(modules) == 0 && len(blocks) == 0 {
		return nil
	}
	own := &Group{suite: s, parent: e.group, Pos: e.Pos, metadata: e.metadata, full: e.group.full, Description: e.group.Description, scope: e.scope, store: e.group.store}
	own.args = e.group.args
	own.class = s.in.NewClass(e.group.class)
	s.groups[own.class] = own
	own.lets = s.in.NewModule()
	own.class.Include(own.lets)
	for _, m := range modules {
		if err := s.mix(m, own.class); err != nil {
			return err
		}
	}
	for _, b := range blocks {
		if _, err := s.in.ClassExec(b, own.class); err != nil {
			return err
		}
	}
	around := e.group
	e.instance = s.in.NewObject(own.class, &instance{group: own, example: e, memo: map[string]ruby.Value{}})
	s.setIVars(e.instance, around.store)
	e.own = own
	return nil
}
