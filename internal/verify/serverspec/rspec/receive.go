package rspec

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// message is the Data of receive(:name): which calls it is for, how many there are to be,
// and what they give.
type message struct {
	name    string
	several []*message   // of receive_messages
	with    []ruby.Value // nil: any arguments
	only    bool         // with was said
	allowed bool         // it need not come
	answers []answer
	block   *ruby.Proc
	yields  [][]ruby.Value
	own     bool // and_call_original

	kind  string // "", "at least", "at most"
	times int
	set   bool // how often was said
	count int
	told  bool // an error has told of it already
}

// answer is a value, or an exception to raise.
type answer struct {
	value ruby.Value
	raise []ruby.Value
}

func messageOfValue(v ruby.Value) *message {
	if o, ok := v.(*ruby.Object); ok {
		m, _ := o.Data.(*message)
		return m
	}
	return nil
}

func (s *Suite) defineReceive() {
	k := s.receiveClass
	s.matchers.Define("receive", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		return s.in.NewObject(k, &message{name: c.NameArg(0), block: c.Block}), nil
	})
	s.matchers.Define("receive_messages", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		all := &message{}
		for name, v := range c.Hash(0).All() {
			all.several = append(all.several, &message{name: describedName(name), allowed: true, answers: []answer{{value: v}}})
		}
		return s.in.NewObject(k, all), nil
	})
	def := func(name string, fn func(c *ruby.Call, m *message)) {
		k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			m := messageOfValue(c.Self)
			fn(c, m)
			if c.Block != nil && m.block == nil {
				m.block = c.Block
			}
			return c.Self, nil
		})
	}
	def("with", func(c *ruby.Call, m *message) { m.with, m.only = append([]ruby.Value(nil), c.Args...), true })
	def("and_return", func(c *ruby.Call, m *message) {
		for _, v := range c.Args {
			m.answers = append(m.answers, answer{value: v})
		}
	})
	def("and_raise", func(c *ruby.Call, m *message) {
		m.answers = append(m.answers, answer{raise: append([]ruby.Value{}, c.Args...)})
	})
	def("and_yield", func(c *ruby.Call, m *message) { m.yields = append(m.yields, append([]ruby.Value(nil), c.Args...)) })
	def("and_call_original", func(c *ruby.Call, m *message) { m.own = true })
	count := func(name, kind string, n int) {
		def(name, func(c *ruby.Call, m *message) {
			m.kind, m.times, m.set = kind, n, true
			if n < 0 {
				if word, ok := c.Arg(0).(ruby.Symbol); ok {
					m.times = map[string]int{"once": 1, "twice": 2, "thrice": 3}[string(word)]
				} else {
					m.times = c.Int(0)
				}
			}
		})
	}
	count("once", "", 1)
	count("twice", "", 2)
	count("thrice", "", 3)
	count("never", "", 0)
	count("exactly", "", -1)
	count("at_least", "at least", -1)
	count("at_most", "at most", -1)
	def("times", func(*ruby.Call, *message) {})
	def("time", func(*ruby.Call, *message) {})
	def("matches?", func(*ruby.Call, *message) {})
	for _, name := range []string{"ordered", "and_throw", "and_wrap_original", "and_invoke"} {
		k.Define(name, 0, -1, func(c *ruby.Call) (ruby.Value, error) {
			return nil, &ruby.Unsupported{Pos: c.Pos, Construct: "RSpec's receive with " + name}
		})
	}
	k.Define("description", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		m := messageOfValue(c.Self)
		list, err := m.list(s)
		return ruby.Str("receive " + m.name + "(" + list + ") " + countedTimes(m.least())), err
	})
}

// list is the arguments that a call is to have.
func (m *message) list(s *Suite) (string, error) {
	if !m.only {
		return "*(any args)", nil
	}
	return s.arguments(m.with, "no args")
}

func (m *message) least() int {
	if !m.set {
		return 1
	}
	return m.times
}

func (m *message) met() bool {
	switch m.kind {
	case "at least":
		return m.count >= m.times
	case "at most":
		return m.count <= m.times
	}
	return m.count == m.least()
}

// full tells whether no further call is to come, and over whether one too many has.
func (m *message) full() bool {
	return (!m.allowed || m.set) && m.kind != "at least" && m.count >= m.least()
}
func (m *message) over() bool {
	return (!m.allowed || m.set) && m.kind != "at least" && m.count > m.least()
}

// wanted is how often calls are to come, and with what.
func (m *message) wanted(s *Suite) (string, error) {
	text := countedTimes(m.least())
	if m.kind != "" {
		text = m.kind + " " + text
	}
	if !m.only {
		return text + " with any arguments", nil
	}
	list, err := s.arguments(m.with, "no args")
	return text + " with arguments: (" + list + ")", err
}

// missed says that fewer calls came than were to.
func (m *message) missed(s *Suite, head string) (string, error) {
	list, err := m.list(s)
	if err != nil {
		return "", err
	}
	want, err := m.wanted(s)
	text := head + "(" + list + ")\n    expected: " + want + "\n    received: " + countedTimes(m.count)
	if !m.only {
		text += " with any arguments"
	}
	return text, err
}

func countedTimes(n int) string {
	if n == 1 {
		return "1 time"
	}
	return fmt.Sprintf("%d times", n)
}

// arguments are as messages write them.
func (s *Suite) arguments(args []ruby.Value, none string) (string, error) {
	if len(args) == 0 {
		return none, nil
	}
	var parts []string
	for _, a := range args {
		text, err := s.describe1(a)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", "), nil
}

// answer is what one call gives.
func (m *message) answer(s *Suite, of *mocked, c *ruby.Call) (ruby.Value, error) {
	var last ruby.Value = ruby.Nil{}
	for _, args := range m.yields {
		v, err := c.Yield(args...)
		if err != nil {
			return nil, err
		}
		last = v
	}
	switch {
	case m.own && of.original != nil:
		return of.original(c)
	case m.own:
		return nil, s.in.Raise("NoMethodError", "undefined method `%s'", m.name)
	case len(m.answers) > 0:
		a := m.answers[min(max(m.count-1, 0), len(m.answers)-1)]
		if a.raise != nil {
			return s.in.Call(s.in.Main, "raise", a.raise...)
		}
		return a.value, nil
	case m.block != nil:
		return s.in.Yield(m.block, c.Args...)
	}
	return last, nil
}

// fits tells whether a call is one that a message is for.
func (s *Suite) fits(m *message, args []ruby.Value) (bool, error) {
	if !m.only {
		return true, nil
	}
	want := m.with
	if n := len(want); n > 0 {
		switch w := matcherOf(want[n-1]); {
		case w != nil && w.name == "any_args":
			if want = want[:n-1]; len(args) < len(want) {
				return false, nil
			}
			args = args[:len(want)]
		case w != nil && w.name == "no_args":
			want = want[:n-1]
		}
	}
	return s.valuesMatch(ruby.NewArray(want...), ruby.NewArray(args...))
}

// defineArguments defines what stands for arguments of a kind.
func (s *Suite) defineArguments() {
	for _, name := range []string{"anything", "any_args", "no_args"} {
		s.word(name, 0, 0, func(c *ruby.Call) (*matcher, error) {
			return &matcher{match: func(ruby.Value) (bool, error) { return true, nil }, describe: func() (string, error) {
				if name == "anything" {
					return name, nil
				}
				return "*(" + words(name) + ")", nil
			}}, nil
		})
	}
	for name, method := range map[string]string{"kind_of": "kind_of?", "instance_of": "instance_of?"} {
		s.word(name, 1, 1, func(c *ruby.Call) (*matcher, error) {
			return s.kindOf(words(strings.TrimSuffix(method, "?"))+" ", method, c.Args[0]), nil
		})
	}
	s.word("hash_including", 1, -1, func(c *ruby.Call) (*matcher, error) { return s.includes(append([]ruby.Value(nil), c.Args...)), nil })
	s.word("array_including", 1, -1, func(c *ruby.Call) (*matcher, error) { return s.includes(append([]ruby.Value(nil), c.Args...)), nil })
	s.word("boolean", 0, 0, func(c *ruby.Call) (*matcher, error) {
		return &matcher{match: func(v ruby.Value) (bool, error) { _, ok := v.(ruby.Bool); return ok, nil }}, nil
	})
}

// expectMessage is expect(x).to receive(:m), which the end of the example judges.
func (s *Suite) expectMessage(t *target, m *message, positive bool, block *ruby.Proc) error {
	if !positive {
		m.kind, m.times, m.set = "", 0, true
	}
	for _, one := range m.several {
		one.allowed = false
	}
	return s.take(t.value, m, block)
}

// defineHaveReceived defines the matcher of what an object has received until now.
func (s *Suite) defineHaveReceived() {
	s.word("have_received", 1, 1, func(c *ruby.Call) (*matcher, error) {
		want := &message{name: c.NameArg(0)}
		m := &matcher{name: "have_received", chain: map[string]ruby.Func{}}
		for _, name := range []string{"with", "once", "twice", "thrice", "exactly", "at_least", "at_most", "times", "time", "never"} {
			m.chain[name] = func(c *ruby.Call) (ruby.Value, error) {
				o := s.in.NewObject(s.receiveClass, want)
				_, err := s.in.Call(o, name, c.Args...)
				return nil, err
			}
		}
		head := ""
		count := func(a ruby.Value) error {
			of := s.mockedOf(a, want.name)
			if of == nil {
				of = &mocked{object: a, name: want.name}
			}
			want.count = 0
			for _, args := range of.calls {
				ok, err := s.fits(want, args)
				if err != nil {
					return err
				}
				if ok {
					want.count++
				}
			}
			var err error
			head, err = of.shown(s)
			return err
		}
		m.match = func(a ruby.Value) (bool, error) {
			err := count(a)
			if !want.set {
				return want.count == 1 || want.count > 0 && want.kind == "at least", err
			}
			return want.met(), err
		}
		m.unmatch = func(a ruby.Value) (bool, error) { err := count(a); return want.count == 0, err }
		m.describe = func() (string, error) {
			list, err := want.list(s)
			return "have received " + want.name + "(" + list + ") " + countedTimes(want.least()), err
		}
		m.fail = func() (string, error) { return want.missed(s, head) }
		m.failNot = func() (string, error) {
			want.times, want.set, want.kind = 0, true, ""
			text, err := want.missed(s, head)
			return text, err
		}
		return m, nil
	})
}
