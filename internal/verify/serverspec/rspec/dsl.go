package rspec

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// custom is the Data of a matcher that a spec defined with RSpec::Matchers.define.
type custom struct {
	name     string
	context  ruby.Value // the example that made it
	expected []ruby.Value
	actual   ruby.Value
	chained  string
}

// declared is what the block of RSpec::Matchers.define says, for the class of one matcher.
type declared struct {
	blocks map[string]*ruby.Proc // by "match", "failure_message" …
	rescue ruby.Value            // of match_unless_raises
	takes  bool                  // blocks
	notify bool                  // what its own expectations say is said
}

func (s *Suite) defineDSLMatchers() {
	dsl := s.in.DefineModuleIn(s.matchers, "DSL")
	s.dslClass = s.in.DefineClassIn(dsl, "Matcher", s.in.Object)
	s.dslClass.Include(s.matchers)
	define := func(c *ruby.Call) (ruby.Value, error) {
		name, block := c.NameArg(0), c.Block
		if block == nil {
			return nil, s.in.Raise("ArgumentError", "a matcher needs a block")
		}
		on := s.matchers
		if k, ok := c.Self.(*ruby.Class); ok {
			on = k // a group, or a module that groups include
		}
		on.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.custom(name, block, c.Self, c.Args) })
		return ruby.Nil{}, nil
	}
	for _, name := range []string{"define", "matcher"} {
		s.matchers.DefineSingleton(name, 1, 1, define)
		dsl.Define(name, 1, 1, define)
	}
	for name, negated := range map[string]bool{"define_negated_matcher": true, "alias_matcher": false} {
		dsl.Define(name, 2, 3, func(c *ruby.Call) (ruby.Value, error) { return s.defineAlias(c, negated) })
	}
	s.extend(s.base, dsl)
	s.matchers.DefineSingleton("define_negated_matcher", 2, 2, func(c *ruby.Call) (ruby.Value, error) { return s.defineAlias(c, true) })
	s.matchers.DefineSingleton("alias_matcher", 2, 3, func(c *ruby.Call) (ruby.Value, error) { return s.defineAlias(c, false) })
	s.matchers.DefineSingleton("configuration", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.config.object, nil })

	for name, base := range aliases {
		s.matchers.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			inner, err := s.in.CallBlock(c.Self, base, c.Block, c.Args...)
			if err != nil {
				return nil, err
			}
			return s.alias(inner, base, name, false, nil), nil
		})
	}

	of := map[*ruby.Class]*declared{}
	words := s.in.NewModule()
	for _, name := range []string{"match", "match_when_negated", "failure_message", "failure_message_when_negated", "description", "match_unless_raises",
		"match_for_should", "match_for_should_not", "failure_message_for_should", "failure_message_for_should_not"} {
		words.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			d := of[c.Self.(*ruby.Class)]
			switch name {
			case "match_for_should":
				d.blocks["match"] = c.Block
			case "match_for_should_not":
				d.blocks["match_when_negated"] = c.Block
			case "failure_message_for_should":
				d.blocks["failure_message"] = c.Block
			case "failure_message_for_should_not":
				d.blocks["failure_message_when_negated"] = c.Block
			case "match_unless_raises":
				d.blocks["match"], d.rescue = c.Block, s.in.Exception
				if c.Has(0) {
					d.rescue = c.Args[0]
				}
			default:
				d.blocks[name] = c.Block
				if h, ok := c.Arg(0).(*ruby.Hash); ok {
					d.notify = ruby.Truthy(orNil(h.Symbol("notify_expectation_failures")))
				}
			}
			return ruby.Nil{}, nil
		})
	}
	words.Define("chain", 1, -1, s.chain)
	words.Define("diffable", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Nil{}, nil })
	words.Define("supports_block_expectations", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		of[c.Self.(*ruby.Class)].takes = true
		return ruby.Nil{}, nil
	})
	s.extend(s.dslClass, words)
	s.dslClass.DefineSingleton("declared_by", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		of[c.Self.(*ruby.Class)] = &declared{blocks: map[string]*ruby.Proc{}}
		return ruby.Nil{}, nil
	})
	s.composable(s.dslClass)
	s.dslClass.Define("values_match?", 2, 2, func(c *ruby.Call) (ruby.Value, error) {
		ok, err := s.valuesMatch(c.Args[0], c.Args[1])
		return ruby.Bool(ok), err
	})
	s.defineCustom(func(v ruby.Value) *declared { return of[s.in.ClassOf(v)] })
}

// custom makes one matcher: an object of a class of its own.
func (s *Suite) custom(name string, block *ruby.Proc, context ruby.Value, expected []ruby.Value) (ruby.Value, error) {
	k := s.in.NewClass(s.dslClass)
	if _, err := s.in.Call(k, "declared_by"); err != nil {
		return nil, err
	}
	o := s.in.NewObject(k, &custom{name: name, context: context, expected: append([]ruby.Value(nil), expected...)})
	_, err := s.in.ClassExec(block, k, expected...)
	return o, err
}

// chain is chain :name or chain(:name) { |x| @x = x } in a declaration.
func (s *Suite) chain(c *ruby.Call) (ruby.Value, error) {
	name, block := c.NameArg(0), c.Block
	var names []string
	for i := 1; i < len(c.Args); i++ {
		names = append(names, c.NameArg(i))
	}
	k := c.Self.(*ruby.Class)
	for _, n := range names {
		k.Define(n, 0, 0, func(c *ruby.Call) (ruby.Value, error) { return s.in.IVar(c.Self, "@"+n), nil })
	}
	k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		d := c.Self.(*ruby.Object).Data.(*custom)
		list, err := s.list(c.Args)
		if err != nil {
			return nil, err
		}
		d.chained += " " + words(name) + list
		if block == nil {
			for i, n := range names {
				s.in.SetIVar(c.Self, "@"+n, c.Arg(i))
			}
			return c.Self, nil
		}
		_, err = s.in.Exec(block, c.Self, c.Args...)
		return c.Self, err
	})
	return ruby.Nil{}, nil
}

func (s *Suite) defineCustom(of func(ruby.Value) *declared) {
	k := s.dslClass
	def := func(name string, fn func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error)) {
		k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			return fn(c, c.Self.(*ruby.Object).Data.(*custom), of(c.Self))
		})
	}
	run := func(c *ruby.Call, m *custom, b *ruby.Proc) (ruby.Value, error) {
		if n, _ := s.in.Call(b, "arity"); n == ruby.Int(0) {
			return s.in.Exec(b, c.Self)
		}
		return s.in.Exec(b, c.Self, orNil(m.actual))
	}
	matches := func(name string) func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		return func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
			m.actual = c.Arg(0)
			s.in.SetIVar(c.Self, "@actual", m.actual)
			b := d.blocks[name]
			if b == nil {
				if name == "match" {
					return nil, s.in.Raise("NoMethodError", "undefined method `matches?' for #<RSpec::Matchers::DSL::Matcher %s>", m.name)
				}
				v, err := s.in.Call(c.Self, "matches?", m.actual)
				return ruby.Bool(!ruby.Truthy(orNil(v))), err
			}
			if d.notify {
				return run(c, m, b)
			}
			gathering := s.gathering
			s.gathering = nil
			v, err := run(c, m, b)
			s.gathering = gathering
			var r *ruby.Raise
			if errors.As(err, &r) {
				if d.rescue != nil {
					ok, caseErr := s.in.CaseEqual(d.rescue, r.Exception)
					if ok || caseErr != nil {
						return ruby.False, caseErr
					}
				} else if r.IsA("RSpec::Expectations::ExpectationNotMetError") {
					return ruby.False, nil
				}
			}
			if err == nil && d.rescue != nil {
				return ruby.True, nil
			}
			return v, err
		}
	}
	def("matches?", matches("match"))
	def("does_not_match?", matches("match_when_negated"))
	def("description", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		if b := d.blocks["description"]; b != nil {
			return run(c, m, b)
		}
		text, err := s.defaultDescription(m)
		return ruby.Str(text), err
	})
	message := func(name, to string) {
		def(name, func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
			if b := d.blocks[name]; b != nil {
				return run(c, m, b)
			}
			got, err := s.describe1(orNil(m.actual))
			if err != nil {
				return nil, err
			}
			text, err := s.said(c.Self, "description")
			return ruby.Str("expected " + got + to + text), err
		})
	}
	message("failure_message", " to ")
	message("failure_message_when_negated", " not to ")
	def("expected", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		if len(m.expected) == 1 {
			return m.expected[0], nil
		}
		return ruby.NewArray(m.expected...), nil
	})
	def("expected_as_array", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		return ruby.NewArray(m.expected...), nil
	})
	def("actual", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) { return orNil(m.actual), nil })
	def("name", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) { return ruby.Symbol(m.name), nil })
	def("supports_block_expectations?", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) { return ruby.Bool(d.takes), nil })
	def("supports_value_expectations?", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) { return ruby.True, nil })
	def("diffable?", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) { return ruby.False, nil })
	def("method_missing", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		return s.in.CallBlock(m.context, c.NameArg(0), c.Block, c.Args[1:]...)
	})
	def("respond_to_missing?", func(c *ruby.Call, m *custom, d *declared) (ruby.Value, error) {
		ok, err := s.in.Responds(m.context, c.NameArg(0))
		return ruby.Bool(ok), err
	})
}

func (s *Suite) defaultDescription(m *custom) (string, error) {
	list := ""
	var err error
	if len(m.expected) == 1 && s.isMatcher(m.expected[0]) {
		list, err = s.describedMatcher(m.expected[0])
		list = " " + list
	} else if len(m.expected) == 1 {
		list, err = s.sentence(m.expected[0])
	} else {
		list, err = s.list(m.expected)
	}
	text := words(m.name) + list
	if s.config.chainWords {
		text += m.chained
	}
	return text, err
}

// aliases are other words for RSpec's own matchers.
var aliases = map[string]string{
	"a_truthy_value": "be_truthy", "a_falsey_value": "be_falsey", "a_falsy_value": "be_falsey", "a_nil_value": "be_nil", "a_value": "be",
	"an_instance_of": "be_an_instance_of", "a_kind_of": "be_a_kind_of", "a_value_between": "be_between", "a_value_within": "be_within", "within": "be_within",
	"a_block_changing": "change", "changing": "change", "a_collection_containing_exactly": "contain_exactly", "containing_exactly": "contain_exactly",
	"a_range_covering": "cover", "covering": "cover", "an_object_eq_to": "eq", "eq_to": "eq", "an_object_eql_to": "eql", "eql_to": "eql",
	"an_object_equal_to": "equal", "equal_to": "equal", "an_object_existing": "exist", "existing": "exist",
	"an_object_having_attributes": "have_attributes", "having_attributes": "have_attributes", "an_array_matching": "match_array",
	"a_block_outputting": "output", "a_block_raising": "raise_error", "raising": "raise_error", "an_object_responding_to": "respond_to", "responding_to": "respond_to",
	"an_object_satisfying": "satisfy", "satisfying": "satisfy", "a_block_throwing": "throw_symbol", "throwing": "throw_symbol",
	"a_block_yielding_control": "yield_control", "yielding_control": "yield_control", "a_block_yielding_with_args": "yield_with_args", "yielding_with_args": "yield_with_args",
	"a_block_yielding_with_no_args": "yield_with_no_args", "yielding_with_no_args": "yield_with_no_args",
	"a_block_yielding_successive_args": "yield_successive_args", "yielding_successive_args": "yield_successive_args",
}

// defineAlias is RSpec::Matchers.alias_matcher(:a_file, :be_file), and negated
// define_negated_matcher(:exclude, :include).
func (s *Suite) defineAlias(c *ruby.Call, negated bool) (ruby.Value, error) {
	name, base, describe := c.NameArg(0), c.NameArg(1), c.Block
	on := s.matchers
	if k, ok := c.Self.(*ruby.Class); ok {
		on = k
	}
	on.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		inner, err := s.in.CallBlock(c.Self, base, c.Block, c.Args...)
		if err != nil {
			return nil, err
		}
		return s.alias(inner, base, name, negated, describe), nil
	})
	return ruby.Nil{}, nil
}

// alias is a matcher under another name. Further words that it takes go to the matcher
// itself.
func (s *Suite) alias(inner ruby.Value, base, name string, negated bool, describe *ruby.Proc) ruby.Value {
	fail, failNot := "failure_message", "failure_message_when_negated"
	if negated {
		fail, failNot = failNot, fail
	}
	m := &matcher{name: name}
	m.match = func(a ruby.Value) (bool, error) { return s.matchValue(inner, a, negated) }
	m.unmatch = func(a ruby.Value) (bool, error) { return s.matchValue(inner, a, !negated) }
	m.describe = func() (string, error) {
		text, err := s.renamed(inner, base, name)
		if err != nil || describe == nil {
			return text, err
		}
		v, err := s.in.Yield(describe, ruby.Str(text))
		if err != nil {
			return "", err
		}
		return s.in.ToS(v)
	}
	message := func(method string) func() (string, error) {
		return func() (string, error) {
			text, err := s.said(inner, method)
			if err != nil || negated {
				return text, err
			}
			before, err := s.describedMatcher(inner)
			if err != nil {
				return "", err
			}
			after, err := m.describe()
			return strings.Replace(text, before, after, 1), err
		}
	}
	m.fail, m.failNot = message(fail), message(failNot)
	if of := matcherOf(inner); of != nil {
		m.block, m.only, m.jumps = of.block, of.only, of.jumps
	} else if ok, err := s.flag(inner, "supports_block_expectations?", false); err == nil {
		m.block = ok
	}
	m.other = func(c *ruby.Call) (ruby.Value, error) {
		if ok, err := s.in.Responds(inner, c.Name); err != nil || !ok {
			return nil, err
		}
		v, err := s.in.CallBlock(inner, c.Name, c.Block, c.Args...)
		if err == nil && s.isMatcher(v) {
			return s.alias(v, base, name, negated, describe), nil
		}
		return v, err
	}
	return s.matcher(m)
}

// Words is a matcher that Go defines as RSpec::Matchers.define would: with words that may
// follow it, each with one argument.
type Words struct {
	Expected []ruby.Value // what the matcher was given, for its description
	Chains   []string
	Given    func(chain string, v ruby.Value)
	Match    func(subject ruby.Value) (bool, error)
	Describe func() string // nil: its name and what it was given
}

// Define gives examples a matcher.
func (s *Suite) Define(name string, make func(c *ruby.Call) (*Words, error)) {
	s.matchers.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		w, err := make(c)
		if err != nil {
			return nil, err
		}
		m := &matcher{name: name, match: w.Match, chain: map[string]ruby.Func{}}
		for _, word := range w.Chains {
			m.chain[word] = func(c *ruby.Call) (ruby.Value, error) {
				w.Given(word, c.Arg(0))
				return nil, nil
			}
		}
		m.describe = func() (string, error) {
			if w.Describe != nil {
				return w.Describe(), nil
			}
			return s.defaultDescription(&custom{name: name, expected: w.Expected})
		}
		return s.matcher(m), nil
	})
}
