package rspec

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineCollections defines include, contain_exactly, all, cover and have_attributes.
func (s *Suite) defineCollections() {
	for _, name := range []string{"include", "a_string_including", "a_collection_including", "a_hash_including", "including"} {
		s.word(name, 1, -1, func(c *ruby.Call) (*matcher, error) {
			m := s.includes(append([]ruby.Value(nil), c.Args...))
			s.named(m, name, "include")
			return m, nil
		})
	}
	s.matchers.Define("contain_exactly", 0, -1, func(c *ruby.Call) (ruby.Value, error) { return s.containExactly(c.Args), nil })
	s.matchers.Define("match_array", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		if len(c.Args) == 1 {
			return s.containExactly(elements(c.Args[0])), nil
		}
		return s.containExactly(c.Args), nil
	})
	s.word("all", 1, 1, func(c *ruby.Call) (*matcher, error) { return s.all(c.Args[0]), nil })
	s.word("cover", 1, -1, func(c *ruby.Call) (*matcher, error) { return s.cover(c.Args), nil })
	s.word("have_attributes", 1, 1, func(c *ruby.Call) (*matcher, error) { return s.haveAttributes(c.Hash(0)), nil })
	s.word("be_empty", 0, 0, func(c *ruby.Call) (*matcher, error) { return s.predicate("be_empty", "empty?", nil, nil), nil })
}

// includes is include. Of a hash it takes keys, or pairs.
func (s *Suite) includes(expected []ruby.Value) *matcher {
	m := &matcher{name: "include"}
	times := &counting{s: s}
	m.chain = times.chain()
	var left []ruby.Value
	can, counted := true, 0
	test := func(negate bool) func(a ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			left = nil
			var err error
			if can, err = s.in.Responds(a, "include?"); err != nil || !can {
				return false, err
			}
			if times.wanted() {
				if len(expected) != 1 {
					return false, s.in.Raise("NotImplementedError", "Count constraint supported only when testing for a single value being included")
				}
				left = expected
				if counted, err = s.countOf(a, expected[0]); err != nil {
					return false, err
				}
				return times.met(counted) != negate, nil
			}
			for _, e := range expected {
				if err := s.eachIncluded(a, e, func(one ruby.Value, in bool) {
					if in == negate {
						left = append(left, one)
					}
				}); err != nil {
					return false, err
				}
			}
			return len(left) == 0, nil
		}
	}
	m.match, m.unmatch = test(false), test(true)
	readable := func(list []ruby.Value) (string, error) {
		merged, hashes := ruby.NewHash(), len(list) > 0
		for _, v := range list {
			h, ok := v.(*ruby.Hash)
			if hashes = hashes && ok; !hashes {
				break
			}
			for k, e := range h.All() {
				merged.Set(k, e)
			}
		}
		if hashes {
			text, err := s.whole(merged)
			return " " + text, err
		}
		return s.list(list)
	}
	m.describe = func() (string, error) {
		text, err := readable(expected)
		return spacious("include" + text + times.describe()), err
	}
	message := func(to string) func() (string, error) {
		return func() (string, error) {
			got, err := s.format(m.actual)
			if err != nil {
				return "", err
			}
			if !can {
				text, err := m.describe()
				return "expected " + got + " " + to + " " + text + ", but it does not respond to `include?`", err
			}
			text, err := readable(left)
			if times.wanted() {
				text += times.describe() + times.got(counted)
			}
			return spacious("expected " + got + " " + to + " include" + text), err
		}
	}
	m.fail, m.failNot = message("to"), message("not to")
	return m
}

// eachIncluded tells for one expectation, or each pair of a hash, whether a holds it.
func (s *Suite) eachIncluded(a, expected ruby.Value, tell func(one ruby.Value, in bool)) error {
	h, isHash := a.(*ruby.Hash)
	if !isHash {
		ok, err := s.holds(a, expected)
		tell(expected, ok)
		return err
	}
	pairs, ok := expected.(*ruby.Hash)
	if !ok {
		_, in := h.Get(expected)
		for k := range h.All() {
			if in {
				break
			}
			var err error
			if in, err = s.valuesMatch(expected, k); err != nil {
				return err
			}
		}
		tell(expected, in)
		return nil
	}
	for k, want := range pairs.All() {
		in := false
		have, ok := h.Get(k)
		for other, v := range h.All() {
			if ok {
				break
			}
			var err error
			if ok, err = s.valuesMatch(k, other); err != nil {
				return err
			}
			have = v
		}
		if ok {
			var err error
			if in, err = s.valuesMatch(want, have); err != nil {
				return err
			}
		}
		one := ruby.NewHash()
		one.Set(k, want)
		tell(one, in)
	}
	return nil
}

// holds is include? of anything but a hash, and of collections also by matchers.
func (s *Suite) holds(a, expected ruby.Value) (bool, error) {
	if !s.isMatcher(expected) || !isText(a) {
		v, err := s.in.Call(a, "include?", expected)
		if err != nil || ruby.Truthy(v) {
			return err == nil, err
		}
	}
	if ok, err := s.in.Responds(a, "any?"); err != nil || !ok {
		return false, err
	}
	found := false
	err := s.in.Each(a, func(v ruby.Value) error {
		if found {
			return nil
		}
		var err error
		found, err = s.valuesMatch(expected, v)
		return err
	})
	return found, err
}

func isText(v ruby.Value) bool {
	_, ok := v.(*ruby.String)
	return ok
}

func (s *Suite) countOf(a, expected ruby.Value) (int, error) {
	if isText(a) {
		v, err := s.in.Call(a, "scan", expected)
		return len(elements(v)), err
	}
	n := 0
	err := s.in.Each(a, func(v ruby.Value) error {
		ok, err := s.valuesMatch(expected, v)
		if ok {
			n++
		}
		return err
	})
	return n, err
}

// containExactly is contain_exactly and match_array.
func (s *Suite) containExactly(expected []ruby.Value) ruby.Value {
	m := &matcher{name: "contain_exactly"}
	var missing, extra []ruby.Value
	var have *ruby.Array
	m.match = func(a ruby.Value) (bool, error) {
		have = nil
		if list, ok := a.(*ruby.Array); ok {
			have = list
		} else if ok, err := s.in.Responds(a, "to_a"); err != nil || !ok || ruby.IsNil(a) {
			return false, err
		} else {
			v, err := s.in.Call(a, "to_a")
			if err != nil {
				return false, err
			}
			if have, ok = v.(*ruby.Array); !ok {
				return false, nil
			}
		}
		var err error
		missing, extra, err = s.pair(expected, have.Elems())
		return len(missing) == 0 && len(extra) == 0, err
	}
	m.describe = func() (string, error) {
		list, err := s.list(expected)
		return "contain exactly" + list, err
	}
	m.fail = func() (string, error) {
		if have == nil {
			got, err := s.format(m.actual)
			return "expected a collection that can be converted to an array with `#to_ary` or `#to_a`, but got " + got, err
		}
		var b strings.Builder
		for _, l := range []struct {
			text   string
			values []ruby.Value
			always bool
		}{{"expected collection contained:  ", expected, true}, {"actual collection contained:    ", have.Elems(), true},
			{"the missing elements were:      ", missing, false}, {"the extra elements were:        ", extra, false}} {
			if len(l.values) == 0 && !l.always {
				continue
			}
			text, err := s.format(s.sorted(l.values))
			if err != nil {
				return "", err
			}
			b.WriteString(l.text + text + "\n")
		}
		return b.String(), nil
	}
	m.failNot = func() (string, error) {
		got, err := s.format(m.actual)
		if err != nil {
			return "", err
		}
		list, err := s.list(expected)
		return "expected " + got + " not to contain exactly" + list, err
	}
	return s.matcher(m)
}

// sorted sorts values if they can be.
func (s *Suite) sorted(values []ruby.Value) ruby.Value {
	list := ruby.NewArray(append([]ruby.Value(nil), values...)...)
	v, err := s.in.Call(list, "sort")
	if r := (*ruby.Raise)(nil); err != nil && errors.As(err, &r) || err != nil {
		return list
	}
	return v
}

// pair finds the largest set of pairs of expected and actual elements that match, and
// gives what is left of both.
func (s *Suite) pair(expected, actual []ruby.Value) (missing, extra []ruby.Value, err error) {
	fits := make([][]int, len(expected))
	for i, e := range expected {
		for j, a := range actual {
			ok, err := s.valuesMatch(e, a)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				fits[i] = append(fits[i], j)
			}
		}
	}
	owner := make([]int, len(actual)) // 1 + index of the expected element that has it
	var try func(i int, seen []bool) bool
	try = func(i int, seen []bool) bool {
		for _, j := range fits[i] {
			if seen[j] {
				continue
			}
			seen[j] = true
			if owner[j] == 0 || try(owner[j]-1, seen) {
				owner[j] = i + 1
				return true
			}
		}
		return false
	}
	for i, e := range expected {
		if !try(i, make([]bool, len(actual))) {
			missing = append(missing, e)
		}
	}
	for j, a := range actual {
		if owner[j] == 0 {
			extra = append(extra, a)
		}
	}
	return missing, extra, nil
}

func (s *Suite) all(inner ruby.Value) *matcher {
	m := &matcher{name: "all"}
	var failed []string
	iterable := true
	m.match = func(a ruby.Value) (bool, error) {
		failed = nil
		var err error
		if iterable, err = s.in.Responds(a, "each_with_index"); err != nil || !iterable {
			return false, err
		}
		i := 0
		err = s.in.Each(a, func(v ruby.Value) error {
			ok, err := s.matchValue(inner, v, false)
			if err == nil && !ok {
				var text string
				text, err = s.said(inner, "failure_message")
				if !strings.HasPrefix(text, "\n") {
					text = "\n" + text
				}
				failed = append(failed, indented("object at index "+itoa(i)+" failed to match:"+indented(strings.TrimRight(text, "\n"))))
			}
			i++
			return err
		})
		return err == nil && len(failed) == 0, err
	}
	m.unmatch = func(ruby.Value) (bool, error) {
		return false, s.in.Raise("NotImplementedError", "`expect().not_to all( matcher )` is not supported.")
	}
	m.describe = func() (string, error) {
		text, err := s.describedMatcher(inner)
		return spacious("all " + text), err
	}
	m.fail = func() (string, error) {
		got, err := s.format(m.actual)
		if err != nil {
			return "", err
		}
		text, err := m.describe()
		head := "expected " + got + " to " + text
		if !iterable {
			return head + ", but was not iterable", err
		}
		return strings.Join(append([]string{head}, failed...), "\n\n"), err
	}
	return m
}

func (s *Suite) cover(expected []ruby.Value) *matcher {
	m := &matcher{name: "cover", expected: ruby.NewArray(expected...)}
	each := func(want bool) func(a ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			for _, e := range expected {
				v, err := s.in.Call(a, "cover?", e)
				if err != nil || ruby.Truthy(v) != want {
					return false, err
				}
			}
			return true, nil
		}
	}
	m.match, m.unmatch = each(true), each(false)
	return m
}

func (s *Suite) haveAttributes(expected *ruby.Hash) *matcher {
	m := &matcher{name: "have_attributes"}
	values := ruby.NewHash()
	each := func(want bool) func(a ruby.Value) (bool, error) {
		return func(a ruby.Value) (bool, error) {
			values = ruby.NewHash()
			all := true
			for k, e := range expected.All() {
				name := describedName(k)
				if ok, err := s.in.Responds(a, name); err != nil || !ok {
					return false, err
				}
				v, err := s.in.Call(a, name)
				if err != nil {
					return false, err
				}
				values.Set(k, v)
				ok, err := s.valuesMatch(e, v)
				if err != nil {
					return false, err
				}
				all = all && ok == want
			}
			return all, nil
		}
	}
	m.match, m.unmatch = each(true), each(false)
	m.describe = func() (string, error) {
		text, err := s.format(expected)
		return spacious("have attributes " + text), err
	}
	m.fail = func() (string, error) {
		got, err := s.format(m.actual)
		if err != nil {
			return "", err
		}
		want, err := s.format(expected)
		if err != nil {
			return "", err
		}
		had, err := s.format(values)
		return spacious("expected " + got + " to have attributes " + want + " but had attributes " + had), err
	}
	return m
}
