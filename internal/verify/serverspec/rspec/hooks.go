package rspec

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// hook is one before, after or around.
type hook struct {
	block *ruby.Proc
	when  *ruby.Hash // metadata of the examples that it is for; nil: all
}

// hooks of a group or of the configuration, by "before each" and the like.
type hooks struct {
	byKind map[string][]hook
}

func (h *hooks) add(when, scope string, one hook) {
	if h.byKind == nil {
		h.byKind = map[string][]hook{}
	}
	key := when + " " + scope
	if when == "after" { // the last declared runs first
		h.byKind[key] = append([]hook{one}, h.byKind[key]...)
		return
	}
	h.byKind[key] = append(h.byKind[key], one)
}

func (h *hooks) prepend(when, scope string, one hook) {
	h.add(when, scope, one)
	key := when + " " + scope
	list := h.byKind[key]
	if when != "after" {
		h.byKind[key] = append([]hook{one}, list[:len(list)-1]...)
	}
}

func (h *hooks) of(when, scope string) []hook { return h.byKind[when+" "+scope] }

var hookWords = []string{"before", "after", "around", "prepend_before", "append_before", "prepend_after", "append_after"}

func (s *Suite) defineHooks() {
	for _, name := range hookWords {
		s.base.DefineSingleton(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			g := s.groupOf(c.Self)
			if g == nil {
				return s.addHook(c, &s.config.hooks)
			}
			return s.addHook(c, &g.hooks)
		})
	}
}

// addHook reads one hook: before(:each, :slow) { }.
func (s *Suite) addHook(c *ruby.Call, to *hooks) (ruby.Value, error) {
	c.Args = append([]ruby.Value(nil), c.Args...)
	scope, first := "each", 0
	if name, ok := c.Arg(0).(ruby.Symbol); ok {
		switch name {
		case "each", "example":
			first = 1
		case "all", "context":
			scope, first = "all", 1
		case "suite":
			scope, first = "suite", 1
		}
	}
	when := takeMetadata(c, first)
	if when.Len() == 0 {
		when = nil
	}
	if c.Block == nil {
		return nil, s.in.Raise("ArgumentError", "no block given for `%s` hook", c.Name)
	}
	h := hook{c.Block, when}
	switch c.Name {
	case "before", "append_before":
		to.add("before", scope, h)
	case "prepend_before":
		to.prepend("before", scope, h)
	case "after", "prepend_after":
		to.add("after", scope, h)
	case "append_after":
		key := "after " + scope
		to.add("after", scope, h)
		to.byKind[key] = append(to.byKind[key][1:], h)
	case "around":
		to.add("around", "each", h)
	}
	return ruby.Nil{}, nil
}

// meets tells whether a hook is for examples with that metadata.
func (s *Suite) meets(h hook, m *ruby.Hash) (bool, error) {
	if h.when == nil {
		return true, nil
	}
	for k, v := range h.when.All() {
		if ok, err := s.applies(k, v, m); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// runContextHooks runs before(:all) or after(:all). Those of the configuration run in the
// outermost groups alone.
func (s *Suite) runContextHooks(g *Group, self ruby.Value, when string) error {
	list := g.hooks.of(when, "all")
	if g.parent == nil || len(s.config.hooks.of(when, "all")) > 0 {
		var common []hook
		for _, h := range s.config.hooks.of(when, "all") {
			if g.parent == nil || h.when != nil {
				common = append(common, h)
			}
		}
		if when == "before" {
			list = append(common, list...)
		} else {
			list = append(append([]hook(nil), list...), common...)
		}
	}
	var first error
	for _, h := range list {
		if ok, err := s.meets(h, g.metadata); err != nil {
			return err
		} else if !ok {
			continue
		}
		if _, err := s.in.Exec(h.block, self, self); err != nil {
			var r *ruby.Raise
			if when == "before" || !errors.As(err, &r) {
				return err
			}
			if first == nil {
				first = err
			}
		}
	}
	return first
}

// runEachHooks runs the hooks of an example: before hooks from the outside, after hooks
// from the inside.
func (s *Suite) runEachHooks(e *Example, when string) error {
	var chain []*hooks
	for g := e.inner(); g != nil; g = g.parent {
		chain = append(chain, &g.hooks)
	}
	chain = append(chain, &s.config.hooks)
	if when == "before" {
		for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
			chain[i], chain[j] = chain[j], chain[i]
		}
	}
	var first error
	for _, level := range chain {
		for _, h := range level.of(when, "each") {
			if ok, err := s.meets(h, e.metadata); err != nil {
				return err
			} else if !ok {
				continue
			}
			if _, err := s.in.Exec(h.block, e.instance, e.object); err != nil {
				var r *ruby.Raise
				if when == "before" || !errors.As(err, &r) {
					return err
				}
				if first == nil {
					first = err
				}
			}
		}
	}
	return first
}

// runAround runs the example within its around hooks.
func (s *Suite) runAround(e *Example) error {
	var list []hook // outermost first
	for g := e.inner(); g != nil; g = g.parent {
		list = append(append([]hook(nil), g.hooks.of("around", "each")...), list...)
	}
	list = append(append([]hook(nil), s.config.hooks.of("around", "each")...), list...)
	var result error
	inner := func() error { result = e.body(); return result }
	for i := len(list) - 1; i >= 0; i-- {
		h, next := list[i], inner
		ok, err := s.meets(h, e.metadata)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		inner = func() error {
			run := s.in.NewProc(0, -1, func(c *ruby.Call) (ruby.Value, error) {
				var r *ruby.Raise
				if err := next(); err != nil && !errors.As(err, &r) {
					return nil, err
				}
				return ruby.Nil{}, nil
			})
			_, err := s.in.Exec(h.block, e.instance, s.procsy(e, run))
			return err
		}
	}
	if err := inner(); err != nil && result == nil {
		return err
	}
	return result
}

// procsy is the example as around hooks get it: something to run, to call and to pass on
// as a block, that answers all that the example answers.
func (s *Suite) procsy(e *Example, run *ruby.Proc) ruby.Value {
	o := s.in.NewObject(s.exampleClass, e)
	words := s.in.NewModule()
	call := func(*ruby.Call) (ruby.Value, error) { return s.in.Yield(run) }
	for _, name := range []string{"run", "call", "run_with_retry"} {
		words.Define(name, 0, -1, call)
	}
	words.Define("to_proc", 0, 0, func(*ruby.Call) (ruby.Value, error) { return run, nil })
	s.extend(o, words)
	return o
}
