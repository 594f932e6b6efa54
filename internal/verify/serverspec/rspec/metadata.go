package rspec

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// takeMetadata takes symbols and a hash off the end of the arguments of describe or it.
// first says how many of the arguments at the beginning are never metadata.
func takeMetadata(c *ruby.Call, first int) *ruby.Hash {
	own := ruby.NewHash()
	var given *ruby.Hash
	if len(c.Args) > first {
		given = c.Keywords()
	}
	n := len(c.Args)
	for n > first {
		if _, ok := c.Args[n-1].(ruby.Symbol); !ok {
			break
		}
		n--
	}
	for _, name := range c.Args[n:] {
		own.Set(name, ruby.True)
	}
	c.Args = c.Args[:n]
	if given != nil {
		for k, v := range given.All() {
			own.Set(k, v)
		}
	}
	return own
}

// inherit puts the metadata of a group under that of what it contains.
func inherit(parent, own *ruby.Hash) *ruby.Hash {
	all := ruby.NewHash()
	if parent != nil {
		for k, v := range parent.All() {
			all.Set(k, v)
		}
	}
	for k, v := range own.All() {
		all.Set(k, v)
	}
	return all
}

// reserved sets what RSpec itself keeps in metadata.
func (s *Suite) reserved(m *ruby.Hash, pos syntax.Pos, values map[string]ruby.Value) {
	m.Set(ruby.Symbol("file_path"), ruby.Str(s.relative(pos.File)))
	m.Set(ruby.Symbol("absolute_file_path"), ruby.Str(pos.File))
	m.Set(ruby.Symbol("line_number"), ruby.Int(pos.Line))
	m.Set(ruby.Symbol("location"), ruby.Str(s.location(pos)))
	for _, k := range []string{"description", "full_description", "described_class", "description_args", "example_group", "parent_example_group", "block"} {
		if v, ok := values[k]; ok {
			m.Set(ruby.Symbol(k), v)
		}
	}
}

// relative is how RSpec writes a path below the directory that it was started in.
func (s *Suite) relative(file string) string {
	if rest, ok := strings.CutPrefix(file, s.Root+"/"); ok && s.Root != "" {
		return "./" + rest
	}
	return file
}

func (s *Suite) location(pos syntax.Pos) string {
	return fmt.Sprintf("%s:%d", s.relative(pos.File), pos.Line)
}

var methodLike = regexp.MustCompile(`^(?:#|::|\.)`)

// joined puts two parts of a description together.
func (s *Suite) joined(parent string, parentValue ruby.Value, child string) string {
	switch k := parentValue.(type) {
	case *ruby.Class:
		if k != nil && methodLike.MatchString(child) {
			return parent + child
		}
	}
	return parent + " " + child
}

// reasonOf is the reason in skip: or pending: metadata; ok is false without any.
func (s *Suite) reasonOf(v ruby.Value, otherwise string) (reason string, ok bool) {
	switch v := v.(type) {
	case nil, ruby.Nil:
		return "", false
	case ruby.Bool:
		return otherwise, bool(v)
	case *ruby.String:
		return v.String(), true
	}
	text, err := s.in.ToS(v)
	return text, err == nil
}

// lookup is a value of metadata, or Nil.
func lookup(m *ruby.Hash, name string) ruby.Value {
	if v, ok := m.Get(ruby.Symbol(name)); ok {
		return v
	}
	return ruby.Nil{}
}

// applies tells whether metadata meets a condition of a filter or hook.
func (s *Suite) applies(key, want ruby.Value, m *ruby.Hash) (bool, error) {
	have, ok := m.Get(key)
	switch w := want.(type) {
	case *ruby.Proc:
		if n, _ := s.in.Call(w, "arity"); n == ruby.Int(2) {
			v, err := s.in.Yield(w, orNil(have), m)
			return ruby.Truthy(v), err
		}
		v, err := s.in.Yield(w, orNil(have))
		return ruby.Truthy(v), err
	case *ruby.Regexp:
		if !ok || ruby.IsNil(have) {
			return false, nil
		}
		text, err := s.in.ToS(have)
		if err != nil {
			return false, err
		}
		return s.in.CaseEqual(w, ruby.Str(text))
	case ruby.Bool:
		return bool(w) == ruby.Truthy(orNil(have)), nil
	}
	if !ok {
		return false, nil
	}
	if eq, err := s.in.Equal(want, have); eq || err != nil {
		return eq, err
	}
	a, err := s.in.ToS(want)
	if err != nil {
		return false, err
	}
	b, err := s.in.ToS(have)
	return a == b, err
}

func orNil(v ruby.Value) ruby.Value {
	if v == nil {
		return ruby.Nil{}
	}
	return v
}
