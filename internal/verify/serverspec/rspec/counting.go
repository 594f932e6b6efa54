package rspec

import "github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"

// counting is the part of a matcher that wants something a number of times: once, twice,
// exactly(3).times, at_least(2).times, at_most(:once).
type counting struct {
	s    *Suite
	kind string // "", "exactly", "at least", "at most"
	n    int
	set  bool
}

func (t *counting) chain() map[string]ruby.Func {
	set := func(kind string, n int) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) {
			t.kind, t.n, t.set = kind, n, true
			if n < 0 {
				switch v := c.Arg(0).(type) {
				case ruby.Symbol:
					t.n = map[string]int{"once": 1, "twice": 2, "thrice": 3}[string(v)]
				default:
					t.n = c.Int(0)
				}
			}
			return nil, nil
		}
	}
	same := func(*ruby.Call) (ruby.Value, error) { return nil, nil }
	return map[string]ruby.Func{
		"once": set("", 1), "twice": set("", 2), "thrice": set("", 3),
		"exactly": set("exactly", -1), "at_least": set("at least", -1), "at_most": set("at most", -1), "times": same, "time": same,
	}
}

func (t *counting) wanted() bool { return t.set }

func (t *counting) met(n int) bool {
	switch t.kind {
	case "at least":
		return n >= t.n
	case "at most":
		return n <= t.n
	}
	return n == t.n
}

func (t *counting) describe() string {
	switch {
	case !t.set:
		return ""
	case t.kind == "":
		return " " + howOften(t.n)
	}
	return " " + t.kind + " " + howOften(t.n)
}

// got says in a message how often it was.
func (t *counting) got(n int) string {
	if n == 0 {
		return " but it is not included"
	}
	return " but it is included " + howOften(n)
}

func howOften(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return itoa(n) + " times"
}
