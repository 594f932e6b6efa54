package ruby

import (
	"math"
	"math/big"
	"slices"
	"strings"
)

// Equal is ==.
func (in *Interp) Equal(a, b Value) (bool, error) {
	if err := in.nest(); err != nil {
		return false, err
	}
	defer func() { in.depth-- }()
	switch a := a.(type) {
	case Nil, Bool, Symbol, *Class:
		if o, ok := b.(*Object); !ok || o == nil {
			return a == b, nil
		}
		return false, nil
	case Int, *Big, Float:
		if isNumber(b) {
			c, ok := compareNumbers(a, b)
			return ok && c == 0, nil
		}
		if o, ok := b.(*Object); ok {
			return in.truth(o, "==", a)
		}
		return false, nil
	case *String:
		if o, ok := b.(*String); ok {
			return a.String() == o.String() && !foreign(a, o), nil
		}
		if o, ok := b.(*Object); ok && in.findMethod(in.dispatchClass(o), "to_str") != nil {
			return in.truth(o, "==", a)
		}
		return false, nil
	case *Array:
		return in.equalArrays(a, b)
	case *Hash:
		return in.equalHashes(a, b)
	case *Range:
		o, ok := b.(*Range)
		if !ok || a.Exclusive != o.Exclusive {
			return false, nil
		}
		if ok, err := in.Equal(a.Lo, o.Lo); !ok || err != nil {
			return false, err
		}
		return in.Equal(a.Hi, o.Hi)
	case *Regexp:
		o, ok := b.(*Regexp)
		return ok && a.source == o.source && a.flags == o.flags, nil
	case *Time:
		o, ok := b.(*Time)
		return ok && a.t.Equal(o.t), nil
	case *Match:
		return a == b, nil
	case *Proc:
		o, ok := b.(*Proc)
		return ok && (a == o || a.method != nil && a.method == o.method && a.receiver == o.receiver), nil
	}
	return in.truth(a, "==", b)
}

func (in *Interp) truth(recv Value, name string, args ...Value) (bool, error) {
	v, err := in.Call(recv, name, args...)
	return err == nil && Truthy(v), err
}

func (in *Interp) equalArrays(a *Array, b Value) (bool, error) {
	o, ok := b.(*Array)
	if !ok || len(a.elems) != len(o.elems) {
		return false, nil
	}
	if a == o {
		return true, nil
	}
	for i := range a.elems {
		if i >= len(o.elems) {
			return false, nil
		}
		if ok, err := in.Equal(a.elems[i], o.elems[i]); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (in *Interp) equalHashes(a *Hash, b Value) (bool, error) {
	o, ok := b.(*Hash)
	if !ok || a.Len() != o.Len() {
		return false, nil
	}
	for k, v := range a.All() {
		id, err := in.keyOf(o, k)
		if err != nil {
			return false, err
		}
		w, ok := o.get(id)
		if !ok {
			return false, nil
		}
		if ok, err := in.Equal(v, w); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func isNumber(v Value) bool {
	switch v.(type) {
	case Int, *Big, Float:
		return true
	}
	return false
}

// compareNumbers is <=> of Integers and Floats; false for NaN.
func compareNumbers(a, b Value) (int, bool) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	x, xBig := bigOf(a)
	y, yBig := bigOf(b)
	if xBig && yBig {
		return x.Cmp(y), true
	}
	f, g := 0.0, 0.0
	f, _ = toFloat(a)
	g, _ = toFloat(b)
	if math.IsNaN(f) || math.IsNaN(g) {
		return 0, false
	}
	if !math.IsInf(f, 0) && !math.IsInf(g, 0) {
		return bigFloat(a).Cmp(bigFloat(b)), true
	}
	switch {
	case f < g:
		return -1, true
	case f > g:
		return 1, true
	}
	return 0, true
}

func bigFloat(v Value) *big.Float {
	if n, ok := bigOf(v); ok {
		return new(big.Float).SetInt(n)
	}
	f, _ := toFloat(v)
	return big.NewFloat(f)
}

// compare is <=>; false when it gives nil.
func (in *Interp) compare(a, b Value) (int, bool, error) {
	if err := in.nest(); err != nil {
		return 0, false, err
	}
	defer func() { in.depth-- }()
	switch x := a.(type) {
	case Int, *Big, Float:
		if isNumber(b) {
			c, ok := compareNumbers(a, b)
			return c, ok, nil
		}
		return 0, false, nil
	case *String:
		if y, ok := b.(*String); ok {
			return strings.Compare(x.String(), y.String()), true, nil
		}
		return 0, false, nil
	case Symbol:
		if y, ok := b.(Symbol); ok {
			return strings.Compare(string(x), string(y)), true, nil
		}
		return 0, false, nil
	case *Array:
		y, ok := b.(*Array)
		if !ok {
			return 0, false, nil
		}
		for i := 0; i < len(x.elems) && i < len(y.elems); i++ {
			if c, ok, err := in.compare(x.elems[i], y.elems[i]); !ok || err != nil || c != 0 {
				return c, ok, err
			}
		}
		c, ok := compareNumbers(Int(len(x.elems)), Int(len(y.elems)))
		return c, ok, nil
	case *Time:
		if y, ok := b.(*Time); ok {
			return x.t.Compare(y.t), true, nil
		}
		return 0, false, nil
	}
	v, err := in.Call(a, "<=>", b)
	if err != nil {
		return 0, false, err
	}
	switch v := v.(type) {
	case Int:
		return int(v), true, nil
	case Float:
		return int(v), true, nil
	}
	return 0, false, nil
}

// order is compare for sorting: what cannot be compared is an ArgumentError.
func (in *Interp) order(a, b Value) (int, error) {
	c, ok, err := in.compare(a, b)
	if err == nil && !ok {
		err = in.comparisonFailed(a, b)
	}
	return c, err
}

func (in *Interp) comparisonFailed(a, b Value) error {
	text := in.ClassOf(b).Name()
	switch b.(type) {
	case Nil, Bool, Int, Float:
		text = in.inspectOr(b)
	}
	return in.Raise("ArgumentError", "comparison of %s with %s failed", in.ClassOf(a).Name(), text)
}

// sort sorts stably by a comparison that may fail.
func (in *Interp) sort(list []Value, cmp func(a, b Value) (int, error)) error {
	var failed error
	slices.SortStableFunc(list, func(a, b Value) int {
		if failed != nil {
			return 0
		}
		if failed = in.step(); failed != nil {
			return 0
		}
		// Go asks with the later element first, Ruby with the earlier one; messages tell.
		c, err := cmp(b, a)
		if err != nil {
			failed = err
		}
		return -c
	})
	return failed
}

// blockOrder compares by what a block says.
func (c *Call) blockOrder(a, b Value) (int, error) {
	v, err := c.Yield(a, b)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case Int:
		return int(v), nil
	case Float:
		return int(math.Copysign(math.Ceil(math.Abs(float64(v))), float64(v))), nil
	case *Big:
		return v.v.Sign(), nil
	}
	return 0, c.In.comparisonFailed(a, b)
}

// CaseEqual is pattern === v, as case and rescue use it.
func (in *Interp) CaseEqual(pattern, v Value) (bool, error) { return in.truth(pattern, "===", v) }

// same is equal?: the very same object.
func same(a, b Value) bool {
	switch x := a.(type) {
	case *Big:
		y, ok := b.(*Big)
		return ok && x.v.Cmp(y.v) == 0
	case Float:
		y, ok := b.(Float)
		return ok && (x == y)
	}
	return a == b
}
