package rspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// yielded is what came by the block that expect { |block| } passes on.
type yielded struct {
	given bool
	calls [][]ruby.Value
}

// yields runs the block of an expectation with a block of its own, which notes what it is
// yielded.
func (s *Suite) yields(a ruby.Value) (*yielded, error) {
	y := &yielded{}
	block, ok := a.(*ruby.Proc)
	if !ok {
		return y, nil
	}
	y.given = true
	probe := s.in.NewProc(0, -1, func(c *ruby.Call) (ruby.Value, error) {
		y.calls = append(y.calls, append([]ruby.Value(nil), c.Args...))
		return ruby.Nil{}, nil
	})
	_, err := s.in.Yield(block, probe)
	return y, err
}

// yieldMatcher is one of the matchers of what a block is yielded.
type yieldMatcher struct {
	name     string
	list     string // of what is expected, for the description
	met      func(y *yielded) (bool, error)
	want     string // "yield control", for messages
	bad      func(y *yielded) (string, error)
	unwanted func(y *yielded) (string, error)
}

func (s *Suite) yieldMatcher(w yieldMatcher) *matcher {
	m := &matcher{name: w.name, block: true, only: true}
	y := &yielded{}
	test := func(want bool) func(ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			var err error
			if y, err = s.yields(a); err != nil || !y.given {
				return false, err
			}
			ok, err := w.met(y)
			return ok == want, err
		}
	}
	m.match, m.unmatch = test(true), test(false)
	m.describe = func() (string, error) { return words(w.name) + w.list, nil }
	message := func(to string, why func(*yielded) (string, error)) func() (string, error) {
		return func() (string, error) {
			if !y.given {
				return "expected given block " + to + w.want + " but was not a block", nil
			}
			text, err := why(y)
			return "expected given block " + to + w.want + text, err
		}
	}
	m.fail, m.failNot = message("to ", w.bad), message("not to ", w.unwanted)
	return m
}

func (s *Suite) defineYields() {
	s.word("yield_control", 0, 0, func(c *ruby.Call) (*matcher, error) { return s.yieldControl(), nil })
	s.word("yield_with_no_args", 0, 0, func(c *ruby.Call) (*matcher, error) { return s.yieldWithNoArgs(), nil })
	s.word("yield_with_args", 0, -1, func(c *ruby.Call) (*matcher, error) { return s.yieldWithArgs(c.Args) })
	s.word("yield_successive_args", 0, -1, func(c *ruby.Call) (*matcher, error) { return s.yieldSuccessive(c.Args) })
}

func (s *Suite) yieldControl() *matcher {
	times := &counting{s: s}
	said := func(y *yielded) (string, error) {
		text := strings.Replace(times.describe(), " exactly", "", 1)
		if len(y.calls) == 0 {
			return text + " but did not yield", nil
		}
		return text + " but yielded " + howOften(len(y.calls)), nil
	}
	m := s.yieldMatcher(yieldMatcher{
		name: "yield_control", want: "yield control", bad: said, unwanted: said,
		met: func(y *yielded) (bool, error) {
			if !times.wanted() {
				return len(y.calls) > 0, nil
			}
			return times.met(len(y.calls)), nil
		},
	})
	m.chain = times.chain()
	return m
}

// once is the arguments of the only time that a block was yielded to.
func (s *Suite) once(y *yielded, name string) ([]ruby.Value, error) {
	if len(y.calls) > 1 {
		return nil, s.in.Raise("RuntimeError", "The given block yielded multiple times when you used the `%s` matcher. Use `yield_successive_args` for that case.", name)
	}
	return y.calls[0], nil
}

func (s *Suite) yieldWithNoArgs() *matcher {
	return s.yieldMatcher(yieldMatcher{
		name: "yield_with_no_args", want: "yield with no arguments",
		met: func(y *yielded) (bool, error) {
			if len(y.calls) == 0 {
				return false, nil
			}
			args, err := s.once(y, "yield_with_no_args")
			return len(args) == 0, err
		},
		bad: func(y *yielded) (string, error) {
			if len(y.calls) == 0 {
				return ", but did not yield", nil
			}
			text, err := s.format(ruby.NewArray(y.calls[0]...))
			return ", but yielded with arguments: " + text, err
		},
		unwanted: func(*yielded) (string, error) { return ", but did", nil },
	})
}

// wantedAndGot says what was expected and what came.
func (s *Suite) wantedAndGot(head, word, pad string, want, got []ruby.Value) (string, error) {
	a, err := s.format(ruby.NewArray(want...))
	if err != nil {
		return "", err
	}
	b, err := s.format(ruby.NewArray(got...))
	return head + "\n" + word + a + "\n" + pad + b, err
}

func (s *Suite) argumentList(args []ruby.Value) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	text, err := s.format(ruby.NewArray(args...))
	if err != nil {
		return "", err
	}
	return "(" + text[1:len(text)-1] + ")", nil
}

func (s *Suite) yieldWithArgs(given []ruby.Value) (*matcher, error) {
	want := append([]ruby.Value(nil), given...)
	list, err := s.argumentList(want)
	if err != nil {
		return nil, err
	}
	return s.yieldMatcher(yieldMatcher{
		name: "yield_with_args", want: "yield with arguments", list: list,
		met: func(y *yielded) (bool, error) {
			if len(y.calls) == 0 {
				return false, nil
			}
			args, err := s.once(y, "yield_with_args")
			if err != nil || len(want) == 0 {
				return len(args) > 0, err
			}
			return s.valuesMatch(ruby.NewArray(want...), ruby.NewArray(args...))
		},
		bad: func(y *yielded) (string, error) {
			switch {
			case len(y.calls) == 0:
				return ", but did not yield", nil
			case len(want) == 0 || len(y.calls[0]) == 0:
				return ", but yielded with no arguments", nil
			}
			return s.wantedAndGot(", but yielded with unexpected arguments", "expected: ", "     got: ", want, y.calls[0])
		},
		unwanted: func(y *yielded) (string, error) {
			if len(want) == 0 {
				return ", but did", nil
			}
			return s.wantedAndGot(", but yielded with expected arguments", "expected not: ", "         got: ", want, y.calls[0])
		},
	}), nil
}

func (s *Suite) yieldSuccessive(given []ruby.Value) (*matcher, error) {
	want := append([]ruby.Value(nil), given...)
	list, err := s.argumentList(want)
	if err != nil {
		return nil, err
	}
	came := func(y *yielded) []ruby.Value {
		var all []ruby.Value
		for _, args := range y.calls {
			if len(args) == 1 {
				all = append(all, args[0])
			} else {
				all = append(all, ruby.NewArray(args...))
			}
		}
		return all
	}
	return s.yieldMatcher(yieldMatcher{
		name: "yield_successive_args", want: "yield successively with arguments", list: list,
		met: func(y *yielded) (bool, error) {
			return s.valuesMatch(ruby.NewArray(want...), ruby.NewArray(came(y)...))
		},
		bad: func(y *yielded) (string, error) {
			return s.wantedAndGot(", but yielded with unexpected arguments", "expected: ", "     got: ", want, came(y))
		},
		unwanted: func(y *yielded) (string, error) {
			return s.wantedAndGot(", but yielded with expected arguments", "expected not: ", "         got: ", want, came(y))
		},
	}), nil
}
