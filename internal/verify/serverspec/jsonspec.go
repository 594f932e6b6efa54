package serverspec

import (
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// excluded are the keys that json_spec leaves out of comparisons unless told otherwise.
var excluded = []string{"id", "created_at", "updated_at"}

// defineJSONSpec defines be_json_eql of the gem json_spec. Its other matchers, and those
// of gems that are taken without being read, say that they are not there: as predicates of
// the subject, which RSpec would take them for, they would fail.
func (r *run) defineJSONSpec() {
	r.suite.Define("be_json_eql", func(c *ruby.Call) (*rspec.Words, error) {
		expected := c.Arg(0)
		path := ""
		without := map[string]bool{}
		for _, k := range excluded {
			without[k] = true
		}
		m := &rspec.Words{Chains: []string{"at_path", "excluding", "including", "to_file"}}
		m.Given = func(chain string, v ruby.Value) {
			switch chain {
			case "at_path":
				path = plain(v)
			case "excluding":
				without[plain(v)] = true
			case "including":
				delete(without, plain(v))
			}
		}
		m.Match = func(subject ruby.Value) (bool, error) {
			have, err := r.json(subject)
			if err != nil {
				return false, err
			}
			want, err := r.json(expected)
			if err != nil {
				return false, err
			}
			if path != "" {
				for key := range strings.SplitSeq(path, "/") {
					if have, err = r.into(have, key); err != nil {
						return false, err
					}
				}
			}
			return r.in.Equal(strip(want, without), strip(have, without))
		}
		m.Describe = func() string {
			if path != "" {
				return `equal JSON at path "` + path + `"`
			}
			return "equal JSON"
		}
		return m, nil
	})
	for _, name := range []string{"include_json", "have_json_path", "have_json_size", "have_json_type", "have_json_keys"} {
		r.suite.Define(name, func(c *ruby.Call) (*rspec.Words, error) {
			return nil, &ruby.Unsupported{Pos: c.Pos, Construct: "the matcher " + name}
		})
	}
}

// json parses a text as json_spec does, where any value is a document.
func (r *run) json(v ruby.Value) (ruby.Value, error) {
	text, err := r.in.ToS(v)
	if err != nil {
		return nil, err
	}
	class, _ := r.in.Object.Const("JSON")
	list, err := r.in.Call(class, "parse", ruby.Str("["+text+"]"))
	if err != nil {
		return nil, err
	}
	return r.in.Call(list, "first")
}

// into is the value under a key or at a place of a list.
func (r *run) into(v ruby.Value, key string) (ruby.Value, error) {
	switch v := v.(type) {
	case *ruby.Hash:
		if got, ok := v.Get(ruby.Str(key)); ok {
			return got, nil
		}
	case *ruby.Array:
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < v.Len() {
			return v.Elems()[n], nil
		}
	}
	return nil, r.in.Raise("KeyError", "Missing JSON path %q", key)
}

func strip(v ruby.Value, without map[string]bool) ruby.Value {
	switch v := v.(type) {
	case *ruby.Hash:
		h := ruby.NewHash()
		for k, e := range v.All() {
			if text, ok := k.(*ruby.String); !ok || !without[text.String()] {
				h.Set(k, strip(e, without))
			}
		}
		return h
	case *ruby.Array:
		var list []ruby.Value
		for _, e := range v.Elems() {
			list = append(list, strip(e, without))
		}
		return ruby.NewArray(list...)
	}
	return v
}
