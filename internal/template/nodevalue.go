package template

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// value turns a node into a plain value: lists are tuples, bodies are objects
// (a block that is repeated is a list of objects), strings are rendered except
// those with {{.Name}}, which stay as they are. Open parts are unknown.
func (n *node) value() (cty.Value, error) {
	switch n.kind {
	case listNode:
		vals := make([]cty.Value, 0, len(n.list))
		for _, e := range n.list {
			v, err := e.value()
			if err != nil {
				return cty.NilVal, err
			}
			vals = append(vals, v)
		}
		return cty.TupleVal(vals), nil
	case objectNode, blockNode:
		attrs := map[string]cty.Value{}
		for _, e := range n.items {
			v, err := e.value()
			if err != nil {
				return cty.NilVal, err
			}
			if old, again := attrs[e.name]; again && e.kind == blockNode {
				v = repeated(old, v)
			}
			attrs[e.name] = v
		}
		return cty.ObjectVal(attrs), nil
	}
	if n.open {
		return cty.DynamicVal, nil
	}
	s, isText := n.raw()
	if !isText || n.scope == nil || !interpolate.Has(s) {
		return n.val, nil
	}
	use, err := n.use()
	switch {
	case err != nil:
		return cty.NilVal, placed(n.pos, err)
	case len(use.Fields) > 0:
		return n.val, nil
	case use.Late() && n.late == nil:
		return cty.UnknownVal(cty.String), nil
	}
	out, err := n.text(nil)
	if err != nil {
		return cty.NilVal, placed(n.pos, err)
	}
	return cty.StringVal(out), nil
}

// repeated collects the values of a repeated block.
func repeated(old, v cty.Value) cty.Value {
	if old.Type().IsTupleType() {
		return cty.TupleVal(append(old.AsValueSlice(), v))
	}
	return cty.TupleVal([]cty.Value{old, v})
}

// anySecret tells whether any part is sensitive.
func (n *node) anySecret() bool {
	if n.kind == scalarNode {
		return n.isSecret()
	}
	for _, e := range n.list {
		if e.anySecret() {
			return true
		}
	}
	for _, e := range n.items {
		if e.anySecret() {
			return true
		}
	}
	return false
}

// placed makes a diagnostic of an error at a place.
func placed(p Pos, err error) error {
	var d Diagnostics
	d.addErr(p, err)
	return d
}
