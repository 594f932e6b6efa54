package serverspec

import (
	"errors"
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
		return ruby.Str(string(v))
	case resource.Time:
		return ruby.NewTime(time.Time(v))
	case resource.Version:
		return r.in.NewObject(r.versionClass, v)
	case resource.List:
		var list []ruby.Value
		for _, e := range v {
			list = append(list, r.toRuby(e))
		}
		return ruby.NewArray(list...)
	case resource.Hash:
		h := ruby.NewHash()
		for _, p := range v {
			h.Set(r.toRuby(p.Key), r.toRuby(p.Value))
		}
		return h
	}
	return ruby.Nil{}
}

// defineVersion defines what package's version is: comparable with texts.
func (r *run) defineVersion(outer *ruby.Class) {
	k := r.in.DefineClassIn(outer, "Version", r.in.Object)
	r.versionClass = k
	k.Include(r.in.Comparable)
	of := func(v ruby.Value) (resource.Version, error) {
		if o, ok := v.(*ruby.Object); ok {
			if version, ok := o.Data.(resource.Version); ok {
				return version, nil
			}
		}
		text, err := r.in.ToS(v)
		if err != nil {
			return "", err
		}
		version, err := resource.NewVersion(text)
		if err != nil {
			return "", r.in.Raise("ArgumentError", "%s", err.Error())
		}
		return version, nil
	}
	k.Define("<=>", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		other, err := of(c.Args[0])
		if err != nil {
			return nil, err
		}
		self, err := of(c.Self)
		return ruby.Int(self.Compare(other)), err
	})
	k.Define("==", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		other, err := of(c.Args[0])
		if raised := (*ruby.Raise)(nil); errors.As(err, &raised) {
			return ruby.False, nil
		}
		if err != nil {
			return nil, err
		}
		self, err := of(c.Self)
		return ruby.Bool(self.Compare(other) == 0), err
	})
	text := func(c *ruby.Call) (ruby.Value, error) {
		version, err := of(c.Self)
		return ruby.Str(string(version)), err
	}
	k.Define("to_s", 0, 0, text)
	k.Define("inspect", 0, 0, text)
	k.Define("version", 0, 0, text)
	k.Define("match", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		version, err := of(c.Self)
		if err != nil {
			return nil, err
		}
		return r.in.Call(ruby.Str(string(version)), "match", c.Args[0])
	})
}
