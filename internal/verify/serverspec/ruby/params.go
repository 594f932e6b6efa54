package ruby

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// shape counts the kinds of a parameter list.
type shape struct {
	before, optional, after int // after: required ones behind a rest or optional ones
	rest                    bool
	keywords, keyRest       bool
	noKeys                  bool // **nil
	needed                  []string
}

func shapeOf(ps *syntax.Params) shape {
	var s shape
	for _, p := range ps.List {
		switch p.Kind {
		case syntax.Required, syntax.Destructure:
			if s.optional > 0 || s.rest {
				s.after++
			} else {
				s.before++
			}
		case syntax.Optional:
			s.optional++
		case syntax.Rest:
			s.rest = true
		case syntax.Keyword:
			s.keywords = true
			if p.Default == nil {
				s.needed = append(s.needed, p.Name)
			}
		case syntax.KeywordRest:
			if p.Name == "nil" {
				s.noKeys = true
			} else {
				s.keyRest = true
			}
		}
	}
	if ps.Forward {
		s.rest = true
	}
	return s
}

// bindMethod gives a method's or lambda's parameters their values, and refuses any
// number of arguments that they do not take.
func (in *Interp) bindMethod(f *frame, ps *syntax.Params, args []Value, block *Proc) error {
	if ps == nil {
		if n := len(args); n > 0 {
			if h, ok := args[n-1].(*Hash); !ok || n > 1 || !h.keywords || h.Len() > 0 {
				return in.arityError(len(args), 0, 0)
			}
		}
		return nil
	}
	s := shapeOf(ps)
	args, keys := in.splitKeywords(args, s, ps.Forward)
	required := s.before + s.after
	if len(args) < required || !s.rest && len(args) > required+s.optional {
		max := required + s.optional
		if s.rest {
			max = -1
		}
		if len(s.needed) > 0 && keys == nil {
			return in.Raise("ArgumentError", "wrong number of arguments (given %d, expected %s; required keyword%s: %s)",
				len(args), arityText(required, max), plural(len(s.needed)), strings.Join(s.needed, ", "))
		}
		return in.arityError(len(args), required, max)
	}
	return in.bind(f, ps, s, args, keys, block)
}

func arityText(min, max int) string {
	switch {
	case max < 0:
		return Int(min).String() + "+"
	case max > min:
		return Int(min).String() + ".." + Int(max).String()
	}
	return Int(min).String()
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// splitKeywords takes the keyword arguments off the end. Without parameters for them they
// stay, as a hash.
func (in *Interp) splitKeywords(args []Value, s shape, forward bool) ([]Value, *Hash) {
	n := len(args)
	if n == 0 || forward {
		return args, nil
	}
	h, ok := args[n-1].(*Hash)
	if !ok || !h.keywords {
		return args, nil
	}
	if s.keywords || s.keyRest {
		return args[:n-1], h
	}
	if h.Len() == 0 {
		return args[:n-1], nil
	}
	plain := h.clone()
	plain.keywords = false
	return append(append([]Value(nil), args[:n-1]...), plain), nil
}

// bindBlock gives a block's parameters their values, in the forgiving way of procs or
// the strict one of lambdas.
func (in *Interp) bindBlock(f *frame, b *syntax.Block, args []Value, block *Proc, lambda bool) error {
	ps := b.Params
	if ps == nil {
		n := b.Numbered
		if lambda && (n > 0 || f.act.method == nil) && len(args) != n {
			return in.arityError(len(args), n, n)
		}
		if n > 1 && len(args) == 1 {
			if a, ok := args[0].(*Array); ok {
				args = a.elems
			}
		}
		f.implicit = args
		return nil
	}
	if lambda {
		return in.bindMethod(f, ps, args, block)
	}
	s := shapeOf(ps)
	args, keys := in.splitKeywords(args, s, ps.Forward)
	places := s.before + s.optional + s.after
	if len(args) == 1 && (places > 1 || ps.TrailingComma || (s.rest || s.keywords || s.keyRest) && places > 0) {
		if a, ok := in.asArray(args[0]); ok {
			args = a
		}
	}
	args = append([]Value(nil), args...)
	if len(args) > places && !s.rest {
		args = args[:places]
	}
	for len(args) < s.before+s.after {
		args = append(args, Nil{})
	}
	return in.bind(f, ps, s, args, keys, block)
}

func (in *Interp) asArray(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case *Array:
		return v.elems, true
	case *Object:
		if in.findMethod(in.dispatchClass(v), "to_ary") != nil {
			if got, err := in.Call(v, "to_ary"); err == nil {
				if a, ok := got.(*Array); ok {
					return a.elems, true
				}
			}
		}
	}
	return nil, false
}

// bind assigns; args has at least as many values as are required.
func (in *Interp) bind(f *frame, ps *syntax.Params, s shape, args []Value, keys *Hash, block *Proc) error {
	if ps.Forward {
		// Keywords among them stay keywords: they are passed on as they came.
		f.scope.declare("(rest)", NewArray(args...))
		f.scope.declare("(block)", procOrNil(block))
		args = args[:min(s.before, len(args))]
	}
	spare := len(args) - s.before - s.after
	at, used := 0, 0
	for _, p := range ps.List {
		switch p.Kind {
		case syntax.Required:
			f.scope.declare(p.Name, args[at])
			at++
		case syntax.Destructure:
			if err := in.declareTargets(f, p.Pattern, args[at]); err != nil {
				return err
			}
			at++
		case syntax.Optional:
			if used < spare {
				f.scope.declare(p.Name, args[at])
				at, used = at+1, used+1
				continue
			}
			v, err := in.eval(f, p.Default)
			if err != nil {
				return err
			}
			f.scope.declare(p.Name, v)
		case syntax.Rest:
			n := max(spare-used, 0)
			f.scope.declare(orName(p.Name, "(rest)"), NewArray(append([]Value(nil), args[at:at+n]...)...))
			at, used = at+n, used+n
		case syntax.BlockParam:
			f.scope.declare(orName(p.Name, "(block)"), procOrNil(block))
		}
	}
	if s.keywords || s.keyRest {
		return in.bindKeywords(f, ps, s, keys)
	}
	return nil
}

func orName(name, anonymous string) string {
	if name == "" {
		return anonymous
	}
	return name
}

func procOrNil(p *Proc) Value {
	if p == nil {
		return Nil{}
	}
	return p
}

func (in *Interp) bindKeywords(f *frame, ps *syntax.Params, s shape, keys *Hash) error {
	left := NewHash()
	if keys != nil {
		left = keys.clone()
		left.keywords = false
	}
	var missing []string
	for _, p := range ps.List {
		if p.Kind != syntax.Keyword {
			continue
		}
		v, ok := left.Get(Symbol(p.Name))
		switch {
		case ok:
			left.Delete(Symbol(p.Name))
		case p.Default == nil:
			missing = append(missing, ":"+p.Name)
			continue
		default:
			var err error
			if v, err = in.eval(f, p.Default); err != nil {
				return err
			}
		}
		f.scope.declare(p.Name, v)
	}
	if len(missing) > 0 {
		return in.Raise("ArgumentError", "missing keyword%s: %s", plural(len(missing)), strings.Join(missing, ", "))
	}
	for _, p := range ps.List {
		if p.Kind == syntax.KeywordRest {
			f.scope.declare(orName(p.Name, "(keywords)"), left)
		}
	}
	if !s.keyRest && left.Len() > 0 {
		var names []string
		for k := range left.All() {
			names = append(names, in.inspectOr(k))
		}
		return in.Raise("ArgumentError", "unknown keyword%s: %s", plural(len(names)), strings.Join(names, ", "))
	}
	return nil
}

// declareTargets takes an array apart for a parameter such as (a, b).
func (in *Interp) declareTargets(f *frame, t *syntax.Targets, v Value) error {
	for _, n := range t.List {
		declareNames(f.scope, n)
	}
	return in.assignTargets(f, t, v)
}

func declareNames(s *scope, n syntax.Node) {
	switch n := n.(type) {
	case *syntax.LocalVar:
		s.declare(n.Name, Nil{})
	case *syntax.Splat:
		declareNames(s, n.Value)
	case *syntax.Targets:
		for _, n := range n.List {
			declareNames(s, n)
		}
	}
}
