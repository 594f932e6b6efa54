package rspec

import (
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
	text, err := s.whole(v)
	if err != nil {
		return "", err
	}
	r := []rune(text)
	if len(r) < maxFormatted {
		return text, nil
	}
	return string(r[:maxFormatted/2+1]) + "..." + string(r[len(r)-maxFormatted/2:]), nil
}

// whole is format without leaving anything out.
func (s *Suite) whole(v ruby.Value) (string, error) {
	switch v := v.(type) {
	case *ruby.Array:
		parts, err := s.formatAll(v.Elems())
		return "[" + strings.Join(parts, ", ") + "]", err
	case *ruby.Hash:
		var parts []string
		for k, e := range v.All() {
			key, err := s.whole(k)
			if err != nil {
				return "", err
			}
			value, err := s.whole(e)
			if err != nil {
				return "", err
			}
			parts = append(parts, key+"=>"+value)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	case *ruby.Object:
		if s.isMatcher(v) {
			text, err := s.describedMatcher(v)
			return "(" + text + ")", err
		}
	}
	return s.in.Inspect(v)
}

func (s *Suite) formatAll(list []ruby.Value) ([]string, error) {
	parts := make([]string, 0, len(list))
	for _, v := range list {
		text, err := s.whole(v)
		if err != nil {
			return nil, err
		}
		parts = append(parts, text)
	}
	return parts, nil
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
