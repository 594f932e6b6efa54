package template

import (
	"math/big"
	"slices"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// node is evaluated configuration: what both languages become before anything is
// known about the types that a component wants.
type node struct {
	kind  nodeKind
	pos   Pos
	leaf           // of a scalar
	list  []*node  // of a list
	items []*entry // of an object or block, in source order
}

type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	objectNode // an object value
	blockNode  // an HCL block: may be repeated under one name
)

// entry is a named part of an object or block.
type entry struct {
	name string
	pos  Pos // of the name
	*node
}

// leaf is a scalar value.
type leaf struct {
	val    cty.Value // string, number, bool or null, unmarked; NilVal when open
	open   bool      // depends on values that are known only after connect
	source string    // source text, when open
	secret bool
	vars   []string          // variables that it comes from
	scope  *scope            // renders {{ }} in strings; nil: there is nothing to render
	once   *rendered         // first rendering: uuid and the like must not change
	late   map[string]string // answers {{build `X`}}; nil before connect
}

// scope is what {{ }} in the strings of one component may know.
type scope struct {
	env    *interpolate.Env
	secret func(variable string) bool
	// unset tells of variables whose absence has been reported; nil: there are none.
	unset func(variable string) bool
	// legacy: as in legacy JSON a string where a list is wanted is cut at commas, and
	// names of options differ in case at will.
	legacy bool
}

type rendered struct {
	sync.Once
	text string
	err  error
}

func (n *node) isNull() bool { return n.kind == scalarNode && !n.open && n.val.IsNull() }

// get returns the last entry of a name, or nil.
func (n *node) get(name string) *entry {
	for _, e := range slices.Backward(n.items) {
		if e.name == name {
			return e
		}
	}
	return nil
}

// without returns a copy that lacks the named entries.
func (n *node) without(names ...string) *node {
	c := *n
	c.items = slices.DeleteFunc(slices.Clone(n.items), func(e *entry) bool { return slices.Contains(names, e.name) })
	return &c
}

// over returns a copy in which the entries of o replace those of the same names.
func (n *node) over(o *node) *node {
	var names []string
	for _, e := range o.items {
		names = append(names, e.name)
	}
	c := n.without(names...)
	c.items = append(c.items, o.items...)
	return c
}

// isOpen tells whether any part of the node is not known before connect.
func (n *node) isOpen() bool {
	if n.kind == scalarNode {
		if n.open {
			return true
		}
		use, err := n.use()
		return err == nil && use.Late() && n.late == nil
	}
	return slices.ContainsFunc(n.list, (*node).isOpen) ||
		slices.ContainsFunc(n.items, func(e *entry) bool { return e.isOpen() })
}

// raw returns a string's text before rendering.
func (l *leaf) raw() (string, bool) {
	if l.open || l.val == cty.NilVal || l.val.IsNull() || l.val.Type() != cty.String {
		return "", false
	}
	return l.val.AsString(), true
}

// use tells what the placeholders of a string refer to.
func (l *leaf) use() (interpolate.Use, error) {
	s, ok := l.raw()
	if !ok || l.scope == nil {
		return interpolate.Use{}, nil
	}
	return interpolate.Inspect(s)
}

// isSecret tells whether the value holds something sensitive.
func (l *leaf) isSecret() bool {
	if l.secret || l.scope == nil || l.scope.secret == nil {
		return l.secret
	}
	use, err := l.use()
	return err == nil && slices.ContainsFunc(use.Users, l.scope.secret)
}

// variables lists the variables that the value comes from.
func (l *leaf) variables() []string {
	use, err := l.use()
	if err != nil {
		return l.vars
	}
	return append(slices.Clone(l.vars), use.Users...)
}

// user is the value of a user variable; HCL has none.
func (l *leaf) user(name string) (value string, known bool) {
	if l.scope == nil || l.scope.env.User == nil {
		return "", false
	}
	return l.scope.env.User(name)
}

// text renders a scalar as a string. data answers {{.Name}}.
func (l *leaf) text(data any) (string, error) {
	s, ok := l.raw()
	if !ok {
		return scalarText(l.val), nil
	}
	if l.scope == nil || !interpolate.Has(s) {
		return s, nil
	}
	if data != nil || l.late != nil || l.once == nil {
		return interpolate.Render(s, l.scope.env, data, l.late)
	}
	l.once.Do(func() { l.once.text, l.once.err = interpolate.Render(s, l.scope.env, nil, nil) })
	return l.once.text, l.once.err
}

// scalarText is how a value that is not a string reads as one.
func scalarText(v cty.Value) string {
	switch {
	case v == cty.NilVal || v.IsNull():
		return ""
	case v.Type() == cty.Bool && v.True():
		return "true"
	case v.Type() == cty.Bool:
		return "false"
	case v.Type() == cty.Number:
		return numberText(v.AsBigFloat())
	case v.Type() == cty.String:
		return v.AsString()
	}
	return ""
}

func numberText(f *big.Float) string {
	// The exponent is asked first: 1e999999999 as an integer would fill the memory.
	if f.MantExp(nil) < 1024 {
		if i, acc := f.Int(nil); acc == big.Exact {
			return i.String()
		}
	}
	return f.Text('g', -1)
}
