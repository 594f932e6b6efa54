package ruby

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// eval gives the value of an expression.
func (in *Interp) eval(f *frame, n syntax.Node) (Value, error) {
	switch n := n.(type) {
	case nil:
		return Nil{}, nil
	case *syntax.Body:
		return in.evalBody(f, n)
	case *syntax.Call:
		return in.evalCall(f, n)
	case *syntax.LocalVar:
		if v, ok := f.scope.get(n.Name); ok {
			return v, nil
		}
		if i := numbered(n.Name); i > 0 && i <= len(f.implicit) {
			return f.implicit[i-1], nil
		}
		return Nil{}, nil
	case *syntax.Nil:
		return Nil{}, nil
	case *syntax.True:
		return True, nil
	case *syntax.False:
		return False, nil
	case *syntax.Self:
		return f.self, nil
	case *syntax.Int:
		return Integer(n.Value), nil
	case *syntax.Float:
		return Float(n.Value), nil
	case *syntax.Text:
		return Str(n.Value), nil
	case *syntax.Str:
		return in.evalStr(f, n.Parts)
	case *syntax.Sym:
		s, err := in.evalText(f, n.Parts)
		return Symbol(s), err
	case *syntax.XStr:
		line, err := in.evalText(f, n.Parts)
		if err != nil {
			return nil, err
		}
		in.pos = n.Pos
		return in.send(f, f.self, "`", []Value{Str(line)}, nil, sendSelf)
	case *syntax.Regexp:
		return in.evalRegexp(f, n)
	case *syntax.Array:
		elems, err := in.evalElems(f, n.Elems)
		if err != nil {
			return nil, err
		}
		in.bytes += int64(len(elems))*16 + 32
		return NewArray(elems...), nil
	case *syntax.Hash:
		return in.evalHash(f, n)
	case *syntax.Range:
		return in.evalRange(f, n)
	case *syntax.IVar:
		return in.IVar(f.self, n.Name), nil
	case *syntax.GVar:
		return in.evalGlobal(f, n.Name)
	case *syntax.CVar:
		return in.evalClassVar(f, n)
	case *syntax.Const:
		return in.evalConst(f, n)
	case *syntax.Assign:
		v, err := in.eval(f, n.Value)
		if err != nil {
			return nil, err
		}
		if s, ok := n.Value.(*syntax.Splat); ok {
			if v, err = in.splat(f, s); err != nil {
				return nil, err
			}
		}
		return v, in.assign(f, n.Target, v)
	case *syntax.OpAssign:
		return in.evalOpAssign(f, n)
	case *syntax.MultiAssign:
		return in.evalMultiAssign(f, n)
	case *syntax.Super:
		return in.evalSuper(f, n)
	case *syntax.Yield:
		return in.evalYield(f, n)
	case *syntax.Splat:
		return in.splat(f, n)
	case *syntax.Lambda:
		p := in.newBlock(f, n.Block)
		p.lambda = true
		return p, nil
	}
	return in.evalFlow(f, n)
}

func (in *Interp) evalBody(f *frame, n *syntax.Body) (Value, error) {
	var v Value = Nil{}
	for _, e := range n.List {
		var err error
		if v, err = in.eval(f, e); err == nil {
			continue
		}
		if f.tolerant == nil || !spares(err) && f.tolerant != syntax.Node(n) || errors.Is(err, ErrOpen) || !in.Tolerate(err) {
			return nil, err
		}
		v = Nil{}
	}
	return v, nil
}

// evalStr makes a new string of its parts.
func (in *Interp) evalStr(f *frame, parts []syntax.Node) (Value, error) {
	s, err := in.evalText(f, parts)
	if err != nil {
		return nil, err
	}
	return Str(s), nil
}

func (in *Interp) evalText(f *frame, parts []syntax.Node) (string, error) {
	if len(parts) == 1 {
		if t, ok := parts[0].(*syntax.Text); ok {
			return t.Value, nil
		}
	}
	var b strings.Builder
	for _, p := range parts {
		if t, ok := p.(*syntax.Text); ok {
			b.WriteString(t.Value)
			continue
		}
		v, err := in.eval(f, p)
		if err != nil {
			return "", err
		}
		s, err := in.ToS(v)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), in.reserve(int64(b.Len()) + 32)
}

func (in *Interp) evalRegexp(f *frame, n *syntax.Regexp) (Value, error) {
	var b strings.Builder
	for _, p := range n.Parts {
		if t, ok := p.(*syntax.Text); ok {
			b.WriteString(t.Value)
			continue
		}
		v, err := in.eval(f, p)
		if err != nil {
			return nil, err
		}
		if r, ok := v.(*Regexp); ok {
			b.WriteString(r.embedded())
			continue
		}
		s, err := in.ToS(v)
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	in.pos = n.Pos
	return in.newRegexp(b.String(), n.Flags)
}

// evalElems evaluates a list in which splats may stand.
func (in *Interp) evalElems(f *frame, nodes []syntax.Node) ([]Value, error) {
	elems := make([]Value, 0, len(nodes))
	for _, n := range nodes {
		if s, ok := n.(*syntax.Splat); ok {
			a, err := in.splat(f, s)
			if err != nil {
				return nil, err
			}
			elems = append(elems, a.elems...)
			continue
		}
		v, err := in.eval(f, n)
		if err != nil {
			return nil, err
		}
		if h, ok := v.(*Hash); ok {
			h.keywords = false
		}
		elems = append(elems, v)
	}
	return elems, nil
}

// splat is what *x gives.
func (in *Interp) splat(f *frame, n *syntax.Splat) (*Array, error) {
	if n.Value == nil {
		if v, ok := f.scope.get("(rest)"); ok {
			return v.(*Array), nil
		}
		return NewArray(), nil
	}
	v, err := in.eval(f, n.Value)
	if err != nil {
		return nil, err
	}
	return in.toA(v)
}

// toA converts as Array() and splats do.
func (in *Interp) toA(v Value) (*Array, error) {
	switch v := v.(type) {
	case *Array:
		return v, nil
	case Nil:
		return NewArray(), nil
	case *String, Symbol, Int, Float, Bool, *Proc, *Class:
		return NewArray(v), nil
	}
	if ok, err := in.responds(v, "to_a", true); err != nil || !ok {
		return NewArray(v), err
	}
	got, err := in.Call(v, "to_a")
	if err != nil {
		return nil, err
	}
	if a, ok := got.(*Array); ok {
		return a, nil
	}
	return NewArray(v), nil
}

func (in *Interp) evalHash(f *frame, n *syntax.Hash) (Value, error) {
	h := NewHash()
	for _, p := range n.Pairs {
		if p.Key == nil {
			v, err := in.evalPairSplat(f, p.Value)
			if err != nil {
				return nil, err
			}
			for k, e := range v.All() {
				if err := in.hashSet(h, k, e); err != nil {
					return nil, err
				}
			}
			continue
		}
		k, err := in.eval(f, p.Key)
		if err != nil {
			return nil, err
		}
		v, err := in.eval(f, p.Value)
		if err != nil {
			return nil, err
		}
		positional(v)
		if s, ok := k.(*String); ok && !s.frozen {
			k = s.frozenCopy()
		}
		if err := in.hashSet(h, k, v); err != nil {
			return nil, err
		}
	}
	in.bytes += int64(len(n.Pairs))*64 + 64
	h.keywords = !n.Braces
	return h, nil
}

func (in *Interp) evalPairSplat(f *frame, n syntax.Node) (*Hash, error) {
	if n == nil {
		v, _ := f.scope.get("(keywords)")
		h, _ := v.(*Hash)
		return h, nil
	}
	v, err := in.eval(f, n)
	if err != nil {
		return nil, err
	}
	if h, ok := v.(*Hash); ok {
		return h, nil
	}
	if ok, _ := in.responds(v, "to_hash", true); ok {
		if v, err = in.Call(v, "to_hash"); err != nil {
			return nil, err
		}
		if h, ok := v.(*Hash); ok {
			return h, nil
		}
	}
	return nil, in.Raise("TypeError", "no implicit conversion of %s into Hash", in.described(v))
}

func (in *Interp) evalRange(f *frame, n *syntax.Range) (Value, error) {
	lo, err := in.eval(f, n.Lo)
	if err != nil {
		return nil, err
	}
	hi, err := in.eval(f, n.Hi)
	if err != nil {
		return nil, err
	}
	return in.newRange(lo, hi, n.Exclusive)
}

func (in *Interp) newRange(lo, hi Value, exclusive bool) (Value, error) {
	if !IsNil(lo) && !IsNil(hi) {
		if _, ok, err := in.compare(lo, hi); err != nil || !ok {
			if err != nil && spares(err) {
				return nil, err
			}
			return nil, in.Raise("ArgumentError", "bad value for range")
		}
	}
	return &Range{lo, hi, exclusive}, nil
}

func (in *Interp) evalGlobal(f *frame, name string) (Value, error) {
	m, _ := f.act.match.(*Match)
	switch name {
	case "$~":
		if m == nil {
			return Nil{}, nil
		}
		return m, nil
	case "$$":
		return in.pid()
	case "$&", "$`", "$'", "$+":
		if m == nil {
			return Nil{}, nil
		}
		return m.special(name[1]), nil
	case "$!":
		if n := len(in.handling); n > 0 {
			return in.handling[n-1], nil
		}
		return Nil{}, nil
	case "$@":
		if n := len(in.handling); n > 0 {
			return in.Call(in.handling[n-1], "backtrace")
		}
		return Nil{}, nil
	}
	if len(name) > 1 && name[1] >= '1' && name[1] <= '9' {
		i := 0
		fmt.Sscanf(name[1:], "%d", &i)
		if m == nil {
			return Nil{}, nil
		}
		return m.Group(i), nil
	}
	if full, ok := englishGlobals(name); ok && in.loaded["English"] {
		return in.evalGlobal(f, full)
	}
	return in.Global(name), nil
}

// englishGlobals are the long names that require "English" gives.
func englishGlobals(name string) (string, bool) {
	switch name {
	case "$CHILD_STATUS":
		return "$?", true
	case "$ERROR_INFO":
		return "$!", true
	case "$ERROR_POSITION":
		return "$@", true
	case "$LAST_MATCH_INFO":
		return "$~", true
	case "$MATCH":
		return "$&", true
	case "$PREMATCH":
		return "$`", true
	case "$POSTMATCH":
		return "$'", true
	case "$PROGRAM_NAME":
		return "$0", true
	case "$PID", "$PROCESS_ID":
		return "$$", true
	case "$INPUT_RECORD_SEPARATOR", "$RS":
		return "$/", true
	case "$OUTPUT_FIELD_SEPARATOR", "$OFS":
		return "$,", true
	}
	return "", false
}
