package spec

import (
	"math/big"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template"
)

// fromTree makes a mapping of a template's body. Blocks of one name that stand
// beside each other become one: file "/a" {} file "/b" {}.
func fromTree(t template.Tree) *node {
	n := &node{pos: t.Pos, shape: mapping}
	for _, item := range t.Items {
		f := field{name: item.Name, pos: item.Pos}
		if item.Body != nil {
			f.value = fromTree(*item.Body)
			f.value.pos = item.Pos
		} else {
			f.value = fromCty(item.Value, item.Pos)
		}
		if item.Secret {
			f.value.markSecret()
		}
		n.fields = append(n.fields, f)
	}
	return n
}

// fromCty makes a node of a value. All its parts stand where the value stands.
func fromCty(v cty.Value, pos template.Pos) *node {
	v, marks := v.Unmark()
	n := ctyNode(v, pos)
	if len(marks) > 0 {
		n.markSecret()
	}
	return n
}

func ctyNode(v cty.Value, pos template.Pos) *node {
	n := &node{pos: pos}
	switch {
	case v == cty.NilVal || v.IsNull():
		return n
	case !v.IsKnown():
		n.shape, n.late, n.value = scalar, true, ""
		return n
	}
	switch t := v.Type(); {
	case t == cty.String:
		return newScalar(pos, v.AsString(), v.AsString())
	case t == cty.Bool:
		return newScalar(pos, v.True(), strconv.FormatBool(v.True()))
	case t == cty.Number:
		f := v.AsBigFloat()
		if i, accuracy := f.Int64(); accuracy == big.Exact {
			return newScalar(pos, i, strconv.FormatInt(i, 10))
		}
		x, _ := f.Float64()
		return newScalar(pos, x, strconv.FormatFloat(x, 'g', -1, 64))
	case t.IsObjectType() || t.IsMapType():
		n.shape = mapping
		for it := v.ElementIterator(); it.Next(); {
			key, value := it.Element()
			n.fields = append(n.fields, field{key.AsString(), pos, fromCty(value, pos)})
		}
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		n.shape = list
		for it := v.ElementIterator(); it.Next(); {
			_, value := it.Element()
			n.items = append(n.items, fromCty(value, pos))
		}
	}
	return n
}
