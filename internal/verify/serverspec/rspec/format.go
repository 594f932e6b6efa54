package rspec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// maxFormatted is how long a value may be in a message or description; of longer ones
// the middle is left out.
const maxFormatted = 200

func itoa(n int) string { return strconv.Itoa(n) }

// format is how RSpec shows a value.
func (s *Suite) format(v ruby.Value) (string, error) {
	text, err := s.show(v, true)
	if err != nil {
		return "", err
	}
	r := []rune(text)
	if len(r) < maxFormatted {
		return text, nil
	}
	return string(r[:maxFormatted/2+1]) + "..." + string(r[len(r)-maxFormatted/2:]), nil
}

// whole is how a value inspects itself, with matchers by their descriptions.
func (s *Suite) whole(v ruby.Value) (string, error) { return s.show(v, false) }

// show writes a value out. With sorted, hashes whose keys are names have them in order.
func (s *Suite) show(v ruby.Value, sorted bool) (string, error) {
	end, err := s.in.Nest()
	if err != nil {
		return "", err
	}
	defer end()
	switch v.(type) {
	case *ruby.Array, *ruby.Hash:
		for _, outer := range s.showing {
			if outer == v { // a structure that contains itself
				return s.in.Inspect(v)
			}
		}
		s.showing = append(s.showing, v)
		defer func() { s.showing = s.showing[:len(s.showing)-1] }()
	}
	switch v := v.(type) {
	case *ruby.Array:
		var parts []string
		for _, e := range v.Elems() {
			text, err := s.show(e, sorted)
			if err != nil {
				return "", err
			}
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case *ruby.Hash:
		return s.showHash(v, sorted)
	case *ruby.Object:
		if s.isMatcher(v) {
			text, err := s.describedMatcher(v)
			return "(" + text + ")", err
		}
	}
	return s.in.Inspect(v)
}

func (s *Suite) showHash(h *ruby.Hash, sorted bool) (string, error) {
	type pair struct{ key, text string }
	var pairs []pair
	names := true
	for k, v := range h.All() {
		key, err := s.show(k, sorted)
		if err != nil {
			return "", err
		}
		value, err := s.show(v, sorted)
		if err != nil {
			return "", err
		}
		names = names && isName(k)
		pairs = append(pairs, pair{describedName(k), key + "=>" + value})
	}
	if sorted && names {
		slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	}
	var parts []string
	for _, p := range pairs {
		parts = append(parts, p.text)
	}
	return "{" + strings.Join(parts, ", ") + "}", nil
}

// describe is how RSpec speaks of a value in a message: a matcher by its description.
func (s *Suite) describe1(v ruby.Value) (string, error) {
	if s.isMatcher(v) {
		return s.describedMatcher(v)
	}
	return s.format(v)
}

// list is the values at the end of a sentence: " 1, 2, and 3".
func (s *Suite) list(values []ruby.Value) (string, error) {
	parts := make([]string, 0, len(values))
	for _, v := range values {
		text, err := s.format(v)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	switch n := len(parts); n {
	case 0:
		return "", nil
	case 1:
		return " " + parts[0], nil
	case 2:
		return " " + parts[0] + " and " + parts[1], nil
	default:
		return " " + strings.Join(parts[:n-1], ", ") + ", and " + parts[n-1], nil
	}
}

// sentence is list for one value, of which an array stands for its elements.
func (s *Suite) sentence(v ruby.Value) (string, error) {
	switch v := v.(type) {
	case nil, ruby.Nil:
		return " nil", nil
	case ruby.Bool:
		if !v {
			return " false", nil
		}
	case *ruby.Array:
		return s.list(v.Elems())
	}
	return s.list([]ruby.Value{v})
}

// spacious puts blanks around the arrows of hashes, as some descriptions have them.
func spacious(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if i > 0 && strings.HasPrefix(text[i:], "=>") && i+2 < len(text) && !blank(text[i-1]) && !blank(text[i+2]) {
			b.WriteString(" => ")
			i++
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func blank(c byte) bool { return strings.IndexByte(" \t\n\r\v\f", c) >= 0 }

// words makes a sentence of a name.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// elements is the array that a value stands for.
func elements(v ruby.Value) []ruby.Value {
	if a, ok := v.(*ruby.Array); ok {
		return a.Elems()
	}
	return []ruby.Value{v}
}

// renamed is a matcher's description under another name.
func (s *Suite) renamed(inner ruby.Value, base, name string) (string, error) {
	text, err := s.describedMatcher(inner)
	return strings.Replace(text, words(base), words(name), 1), err
}

// said is what a method that returns a text returns.
func (s *Suite) said(v ruby.Value, method string) (string, error) {
	got, err := s.in.Call(v, method)
	if err != nil {
		return "", err
	}
	return s.in.ToS(got)
}

func (s *Suite) formatAll(list []ruby.Value) ([]string, error) {
	parts := make([]string, 0, len(list))
	for _, v := range list {
		text, err := s.show(v, true)
		if err != nil {
			return nil, err
		}
		parts = append(parts, text)
	}
	return parts, nil
}
