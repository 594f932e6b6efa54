package rspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// change is the Data of expect { }.to change { }: a value before and after the block.
type change struct {
	s     *Suite
	m     *matcher
	label string // what is looked at, as messages name it
	value func() (ruby.Value, error)

	from, to, by  ruby.Value // nil: not said
	words         string     // what was said, in its order
	relation      string     // "by", "by at least", "by at most"
	before, after ruby.Value
	given         bool // a block
	wrongStart    bool // from was not met, and the block was not run
}

func (s *Suite) change(c *ruby.Call) (*matcher, error) {
	ch := &change{s: s, m: &matcher{name: "change", block: true, only: true}}
	switch {
	case len(c.Args) == 2:
		object, name := c.Args[0], c.NameArg(1)
		ch.value = func() (ruby.Value, error) { return s.in.Call(object, name) }
		class := s.in.ClassOf(object).Name() + "#"
		if k, ok := object.(*ruby.Class); ok {
			class = k.Name() + "."
		}
		ch.label = "`" + class + name + "`"
	case c.Block != nil:
		block := c.Block
		ch.value = func() (ruby.Value, error) { return s.in.Yield(block) }
		ch.label = "result"
		if text := s.quoted(block, "change"); text != "" {
			ch.label = "`" + text + "`"
		}
	default:
		return nil, s.in.Raise("ArgumentError", "`change` requires either an object and message (`change(obj, :msg)`) or a block (`change { }`).")
	}
	said := func(word string, to *ruby.Value) ruby.Func {
		return func(c *ruby.Call) (ruby.Value, error) {
			*to = c.Arg(0)
			text, err := s.describe1(c.Arg(0))
			ch.words += " " + word + " " + text
			if to == &ch.by {
				ch.relation = word
			}
			return nil, err
		}
	}
	m := ch.m
	m.chain = map[string]ruby.Func{
		"by": said("by", &ch.by), "by_at_least": said("by at least", &ch.by), "by_at_most": said("by at most", &ch.by),
		"from": said("from", &ch.from), "to": said("to", &ch.to),
	}
	m.match = ch.matches
	m.unmatch = func(a ruby.Value) (bool, error) {
		word := ""
		switch {
		case ch.by != nil:
			word = strings.ReplaceAll(ch.relation, " ", "_")
		case ch.to != nil:
			word = "to"
		}
		if word != "" {
			return false, s.in.Raise("NotImplementedError", "`expect { }.not_to change { }.%s()` is not supported", word)
		}
		if ok, err := ch.run(a); !ok || err != nil {
			return false, err
		}
		changed, err := ch.changed()
		return !changed, err
	}
	m.describe = func() (string, error) { return "change " + ch.label + ch.words, nil }
	m.fail, m.failNot = ch.failure, ch.failureNot
	return m, nil
}

// run looks, runs the block, and looks again. It does not run the block when the value was
// not what it should begin as.
func (ch *change) run(a ruby.Value) (bool, error) {
	ch.wrongStart = false
	block, ok := a.(*ruby.Proc)
	if ch.given = ok; !ok {
		return false, nil
	}
	var err error
	if ch.before, err = ch.look(); err != nil {
		return false, err
	}
	if ch.from != nil {
		ok, err := ch.s.valuesMatch(ch.from, ch.before)
		if err != nil || !ok {
			ch.wrongStart = true
			return false, err
		}
	}
	if _, err := ch.s.in.Yield(block); err != nil {
		return false, err
	}
	ch.after, err = ch.look()
	return err == nil, err
}

// look gives the value as it is now: a copy of what the block may change in place.
func (ch *change) look() (ruby.Value, error) {
	v, err := ch.value()
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case *ruby.String, *ruby.Array, *ruby.Hash:
		return ch.s.in.Call(v, "dup")
	}
	return v, nil
}

func (ch *change) changed() (bool, error) {
	same, err := ch.s.in.Equal(ch.before, ch.after)
	return !same, err
}

func (ch *change) matches(a ruby.Value) (bool, error) {
	if ok, err := ch.run(a); !ok || err != nil {
		return false, err
	}
	s := ch.s
	if ch.by != nil {
		delta, err := s.in.Call(ch.after, "-", ch.before)
		if err != nil {
			return false, err
		}
		if ch.relation == "by" {
			return s.valuesMatch(ch.by, delta)
		}
		op := map[string]string{"by at least": ">=", "by at most": "<="}[ch.relation]
		v, err := s.in.Call(delta, op, ch.by)
		return ruby.Truthy(orNil(v)), err
	}
	changed, err := ch.changed()
	if err != nil || !changed || ch.to == nil {
		return changed, err
	}
	return s.valuesMatch(ch.to, ch.after)
}

// failure is said when the value is not what it should have become.
func (ch *change) failure() (string, error) {
	head := "expected " + ch.label
	if !ch.given {
		return head + " to have changed" + ch.words + ", but was not given a block", nil
	}
	before, err := ch.s.format(ch.before)
	if err != nil {
		return "", err
	}
	if ch.wrongStart {
		return ch.began(before)
	}
	after, err := ch.s.format(ch.after)
	if err != nil {
		return "", err
	}
	changed, err := ch.changed()
	switch {
	case err != nil:
		return "", err
	case ch.by != nil:
		delta, err := ch.s.in.Call(ch.after, "-", ch.before)
		if err != nil {
			return "", err
		}
		text, err := ch.s.format(delta)
		return head + " to have changed" + ch.words + ", but was changed by " + text, err
	case !changed && ch.words != "":
		return head + " to have changed" + ch.words + ", but did not change", nil
	case !changed:
		return head + " to have changed, but is still " + before, nil
	}
	want, err := ch.s.describe1(orNil(ch.to))
	return head + " to have changed to " + want + ", but is now " + after, err
}

func (ch *change) failureNot() (string, error) {
	head := "expected " + ch.label
	if !ch.given {
		return head + " not to have changed" + ch.words + ", but was not given a block", nil
	}
	before, err := ch.s.format(ch.before)
	if err != nil || ch.wrongStart {
		text, beganErr := ch.began(before)
		return text, firstOf(err, beganErr)
	}
	after, err := ch.s.format(ch.after)
	return head + " not to have changed, but did change from " + before + " to " + after, err
}

func (ch *change) began(before string) (string, error) {
	want, err := ch.s.describe1(ch.from)
	return "expected " + ch.label + " to have initially been " + want + ", but was " + before, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
