package serverspec

import (
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// toResource makes an argument of a spec one that resources take.
func (r *run) toResource(v ruby.Value) (resource.Value, error) {
	end, err := r.in.Nest()
	if err != nil {
		return nil, err
	}
	defer end()
	switch v := v.(type) {
	case nil, ruby.Nil:
		return nil, nil
	case ruby.Bool:
		return resource.Bool(v), nil
	case ruby.Int:
		return resource.Int(v), nil
	case ruby.Float:
		return resource.Float(v), nil
	case ruby.Symbol:
		return resource.Symbol(v), nil
	case *ruby.String:
		return resource.String(v.String()), nil
	case *ruby.Time:
		return resource.Time(v.Time()), nil
	case *ruby.Regexp:
		options := ""
		for _, flag := range "imx" {
			if v.Has(byte(flag)) {
				options += string(flag)
			}
		}
		return resource.Regexp{Source: v.Source(), Options: options}, nil
	case *ruby.Array:
		list := resource.List{}
		for _, e := range v.Elems() {
			one, err := r.toResource(e)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, nil
	case *ruby.Hash:
		h := resource.Hash{}
		for k, e := range v.All() {
			key, err := r.toResource(k)
			if err != nil {
				return nil, err
			}
			value, err := r.toResource(e)
			if err != nil {
				return nil, err
			}
			h = append(h, resource.Pair{Key: key, Value: value})
		}
		return h, nil
	}
	text, err := r.in.ToS(v)
	return resource.String(text), err
}

// toRuby makes a value of an answer one of the spec.
func (r *run) toRuby(v resource.Value) ruby.Value {
	switch v := v.(type) {
	case resource.Bool:
		return ruby.Bool(v)
	case resource.Int:
		return ruby.Int(v)
	case resource.Float:
		return ruby.Float(v)
	case resource.Symbol:
		return ruby.Symbol(v)
	case resource.String:
		return r.printed(string(v))
	case resource.Time:
		return ruby.NewTime(time.Time(v))
	case resource.Version:
		return r.in.NewObject(r.versionClass, v)
	case resource.List:
		var list []ruby.Value
		for _, e := range v {
			list = append(list, r.parsedValue(e))
		}
		return ruby.NewArray(list...)
	case resource.Hash:
		h := ruby.NewHash()
		for _, p := range v {
			h.Set(r.parsedValue(p.Key), r.parsedValue(p.Value))
		}
		return h
	}
	return ruby.Nil{}
}

// printed is what a command printed. ServerSpec reads bytes: a text with other than ASCII
// in it is not equal to one of the spec, and to look for such a one in it is an error.
func (r *run) printed(text string) ruby.Value {
	if r.spec.options.Strict || strings.IndexFunc(text, func(c rune) bool { return c >= 0x80 }) < 0 {
		return ruby.Str(text)
	}
	return ruby.Binary([]byte(text))
}

// parsedValue is toRuby for what stands in JSON or YAML, where texts are texts.
func (r *run) parsedValue(v resource.Value) ruby.Value {
	if text, ok := v.(resource.String); ok {
		return ruby.Str(string(text))
	}
	return r.toRuby(v)
}

// defineVersion defines what package's version is: comparable with texts, and no text
// itself, so that no match finds anything in it.
func (r *run) defineVersion(outer *ruby.Class) {
	k := r.in.DefineClassIn(outer, "Version", r.in.Object)
	r.versionClass = k
	k.Include(r.in.Comparable)
	self := func(c *ruby.Call) resource.Version { return c.Self.(*ruby.Object).Data.(resource.Version) }
	compare := func(c *ruby.Call) (int, error) {
		switch other := c.Args[0].(type) {
		case *ruby.Object:
			if version, ok := other.Data.(resource.Version); ok {
				return self(c).Compare(version), nil
			}
		case *ruby.String:
			version, err := resource.NewVersion(other.String())
			if err != nil {
				return 0, r.in.Raise("ArgumentError", "%s", err.Error())
			}
			return self(c).Compare(version), nil
		}
		_, err := r.in.Call(c.Args[0], "epoch")
		return 0, err
	}
	k.Define("<=>", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		n, err := compare(c)
		return ruby.Int(n), err
	})
	k.Define("==", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		n, err := compare(c)
		return ruby.Bool(n == 0), err
	})
	k.Define("inspect", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Str(string(self(c))), nil })
	k.Define("epoch", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		epoch, _ := self(c).Split()
		return ruby.Int(epoch), nil
	})
	k.Define("version", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		_, rest := self(c).Split()
		return ruby.Str(rest), nil
	})
}
