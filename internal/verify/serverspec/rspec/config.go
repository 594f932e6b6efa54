package rspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// config is what RSpec.configure set.
type config struct {
	hooks      hooks
	modules    []mixin
	inclusive  *ruby.Hash // examples to run; nil: all
	exclusive  *ruby.Hash
	whenAny    *ruby.Hash // filter_run_when_matching: only if an example matches
	anyway     bool       // run all where no example is met
	settings   map[string]ruby.Value
	contexts   []sharedUse
	derived    []hook                // define_derived_metadata
	words      map[string]*ruby.Hash // alias_example_to and alias_example_group_to, with their metadata
	chainWords bool                  // custom matchers have their chains in their descriptions
	object     *ruby.Object
}

// mixin is a module that groups include or extend.
type mixin struct {
	module *ruby.Class
	extend bool
	when   *ruby.Hash
}

// sharedUse is include_context of RSpec.configure.
type sharedUse struct {
	name ruby.Value
	when *ruby.Hash
}

func newConfig() config {
	return config{words: map[string]*ruby.Hash{}, settings: map[string]ruby.Value{}, exclusive: ruby.NewHash(), whenAny: ruby.NewHash()}
}

// Setting is what the configuration has under a name that RSpec itself does not know, such
// as those of Specinfra; nil without one.
func (s *Suite) Setting(name string) ruby.Value { return s.config.settings[name] }

// Set is config.name = value.
func (s *Suite) Set(name string, v ruby.Value) { s.config.settings[name] = v }

// Tag is --tag of the command line and of .rspec: "slow", "~slow", "type:web".
func (s *Suite) Tag(tag string) {
	rest, out := strings.CutPrefix(tag, "~")
	name, value, has := strings.Cut(rest, ":")
	var v ruby.Value = ruby.True
	if has {
		v = ruby.Str(strings.TrimPrefix(value, ":"))
	}
	if out {
		s.config.exclusive.Set(ruby.Symbol(name), v)
		return
	}
	if s.config.inclusive == nil {
		s.config.inclusive = ruby.NewHash()
	}
	s.config.inclusive.Set(ruby.Symbol(name), v)
}

func (s *Suite) defineConfiguration(rspec *ruby.Class) {
	s.config.object = s.in.NewObject(s.configClass, nil)
	rspec.DefineSingleton("configure", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return c.YieldBody(s.config.object) })
	rspec.DefineSingleton("configuration", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.config.object, nil })
	k := s.configClass
	for _, name := range hookWords {
		k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.addHook(c, &s.config.hooks) })
	}
	mix := func(extend bool) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) {
			c.Args = append([]ruby.Value(nil), c.Args...)
			when := takeMetadata(c, 1)
			m := mixin{module: c.Class(0), extend: extend}
			if when.Len() > 0 {
				m.when = when
			}
			s.config.modules = append(s.config.modules, m)
			for k, g := range s.groups {
				if ok, err := s.meets(hook{when: m.when}, g.metadata); err != nil {
					return nil, err
				} else if ok {
					if err := s.mix(m, k); err != nil {
						return nil, err
					}
				}
			}
			return ruby.Nil{}, nil
		}
	}
	k.Define("include", 1, -1, mix(false))
	k.Define("extend", 1, -1, mix(true))
	k.Define("prepend", 1, -1, mix(false))
	k.Define("include_context", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		c.Args = append([]ruby.Value(nil), c.Args...)
		when := takeMetadata(c, 1)
		s.config.contexts = append(s.config.contexts, sharedUse{c.Args[0], when})
		return ruby.Nil{}, nil
	})
	s.defineWords(k)
	s.defineFilters()
	block := func(names ...string) {
		for _, name := range names {
			k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
				if c.Block == nil {
					return ruby.Nil{}, nil
				}
				return c.Yield(s.in.NewObject(s.configClass, nil))
			})
		}
	}
	block("expect_with", "mock_with")
	k.Define("include_chain_clauses_in_custom_matcher_descriptions=", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		s.config.chainWords = ruby.Truthy(c.Args[0])
		return c.Args[0], nil
	})
	k.Define("add_setting", 1, 2, func(c *ruby.Call) (ruby.Value, error) {
		if h, ok := c.Arg(1).(*ruby.Hash); ok {
			s.config.settings[c.NameArg(0)] = orNil(h.Symbol("default"))
			return ruby.Nil{}, nil
		}
		if _, ok := s.config.settings[c.NameArg(0)]; !ok {
			s.config.settings[c.NameArg(0)] = ruby.Nil{}
		}
		return ruby.Nil{}, nil
	})
	k.Define("method_missing", 1, -1, s.configMissing)
	k.Define("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.True, nil })
}

// configMissing keeps settings, most of which change nothing here: formats, colours,
// profiles and such.
func (s *Suite) configMissing(c *ruby.Call) (ruby.Value, error) {
	name := c.NameArg(0)
	if set, ok := strings.CutSuffix(name, "="); ok {
		s.config.settings[set] = orNil(c.Arg(1))
		return c.Arg(1), nil
	}
	if v, ok := s.config.settings[strings.TrimSuffix(name, "?")]; ok && len(c.Args) == 1 {
		return v, nil
	}
	if len(c.Args) > 1 {
		s.config.settings[name] = c.Arg(1)
	}
	return ruby.Nil{}, nil
}

func (s *Suite) mix(m mixin, k *ruby.Class) error {
	if m.extend {
		_, err := s.in.Call(k, "extend", m.module)
		return err
	}
	_, err := s.in.Call(k, "include", m.module)
	return err
}

func (s *Suite) defineFilters() {
	k := s.configClass
	filter := func(to func() *ruby.Hash) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) {
			c.Args = append([]ruby.Value(nil), c.Args...)
			for key, v := range takeMetadata(c, 0).All() {
				to().Set(key, v)
			}
			return ruby.Nil{}, nil
		}
	}
	inclusive := func() *ruby.Hash {
		if s.config.inclusive == nil {
			s.config.inclusive = ruby.NewHash()
		}
		return s.config.inclusive
	}
	exclusive := func() *ruby.Hash { return s.config.exclusive }
	for _, name := range []string{"filter_run", "filter_run_including", "filter=", "inclusion_filter="} {
		k.Define(name, 1, -1, filter(inclusive))
	}
	for _, name := range []string{"filter_run_excluding", "exclusion_filter="} {
		k.Define(name, 1, -1, filter(exclusive))
	}
	k.Define("filter_run_when_matching", 1, -1, filter(func() *ruby.Hash { return s.config.whenAny }))
	k.Define("exclusion_filter", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.config.exclusive, nil })
	k.Define("inclusion_filter", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return inclusive(), nil })
	k.Define("run_all_when_everything_filtered=", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		s.config.anyway = ruby.Truthy(c.Args[0])
		return c.Args[0], nil
	})
}

// filter decides which examples run. :if and :unless in metadata always count.
func (s *Suite) filter() {
	inclusive := s.config.inclusive
	if s.config.whenAny.Len() > 0 && s.match(func(e *Example) bool { return s.any(s.config.whenAny, e.metadata) }) {
		inclusive = inherit(inclusive, s.config.whenAny)
	}
	if inclusive != nil && inclusive.Len() > 0 {
		if s.match(func(e *Example) bool { return s.any(inclusive, e.metadata) && !s.excluded(e) }) || !s.config.anyway {
			return
		}
	}
	s.match(func(e *Example) bool { return !s.excluded(e) })
}

func (s *Suite) excluded(e *Example) bool {
	if v, ok := e.metadata.Get(ruby.Symbol("if")); ok && !ruby.Truthy(v) {
		return true
	}
	if v, ok := e.metadata.Get(ruby.Symbol("unless")); ok && ruby.Truthy(v) {
		return true
	}
	return s.any(s.config.exclusive, e.metadata)
}

// any tells whether metadata meets one of the conditions.
func (s *Suite) any(conditions, m *ruby.Hash) bool {
	for k, v := range conditions.All() {
		if ok, err := s.applies(k, v, m); ok && err == nil {
			return true
		}
	}
	return false
}

// match selects examples and tells whether any is.
func (s *Suite) match(want func(*Example) bool) bool {
	found := false
	var walk func(g *Group)
	walk = func(g *Group) {
		for _, e := range g.examples {
			e.selected = want(e)
			found = found || e.selected
		}
		for _, c := range g.children {
			walk(c)
		}
	}
	for _, g := range s.top {
		walk(g)
	}
	return found
}
