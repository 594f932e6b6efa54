package rspec

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// defineWords lets a configuration give groups and examples words of its own, and metadata
// that follows from other metadata.
func (s *Suite) defineWords(k *ruby.Class) {
	k.Define("alias_example_to", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		c.Args = append([]ruby.Value(nil), c.Args...)
		name := c.NameArg(0)
		s.config.words[name] = takeMetadata(c, 1)
		s.base.DefineSingleton(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.it(c, s.groupOf(c.Self)) })
		return ruby.Nil{}, nil
	})
	k.Define("alias_example_group_to", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		c.Args = append([]ruby.Value(nil), c.Args...)
		name := c.NameArg(0)
		s.config.words[name] = takeMetadata(c, 1)
		s.base.DefineSingleton(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.describe(c, s.groupOf(c.Self)) })
		words := s.in.NewModule()
		words.Define(name, 0, -1, s.describeTop)
		s.extend(s.in.Main, words)
		if rspec, ok := s.constant("RSpec"); ok {
			rspec.DefineSingleton(name, 0, -1, s.describeTop)
		}
		return ruby.Nil{}, nil
	})
	for _, name := range []string{"alias_it_behaves_like_to", "alias_it_should_behave_like_to"} {
		k.Define(name, 1, 2, func(c *ruby.Call) (ruby.Value, error) {
			before := c.OptStr(1, "")
			if before != "" {
				before += " "
			}
			s.defineNest(c.NameArg(0), before)
			return ruby.Nil{}, nil
		})
	}
	k.Define("define_derived_metadata", 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		c.Args = append([]ruby.Value(nil), c.Args...)
		block := c.Block
		if when := takeMetadata(c, 0); block != nil {
			s.config.derived = append(s.config.derived, hook{block, when})
		}
		return ruby.Nil{}, nil
	})
}

// derive gives metadata what the configuration derives from it.
func (s *Suite) derive(m *ruby.Hash, pos syntax.Pos) error {
	if len(s.config.derived) == 0 {
		return nil
	}
	s.reserved(m, pos, nil)
	for _, d := range s.config.derived {
		if ok, err := s.meets(d, m); err != nil {
			return err
		} else if ok {
			if _, err := s.in.Yield(d.block, m); err != nil {
				return err
			}
		}
	}
	return nil
}
