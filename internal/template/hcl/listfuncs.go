package hcl

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func listFunctions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": fold(cty.Bool, cty.True, func(acc, v cty.Value) cty.Value { return acc.And(v) }),
		"anytrue": fold(cty.Bool, cty.False, func(acc, v cty.Value) cty.Value { return acc.Or(v) }),
		"sum":     fold(cty.Number, cty.Zero, func(acc, v cty.Value) cty.Value { return acc.Add(v) }),
	}
}

// fold makes a function over the elements of a list, set or tuple.
func fold(elem cty.Type, start cty.Value, step func(acc, v cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(elem),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].CanIterateElements() {
				return cty.UnknownVal(elem), function.NewArgError(0, errors.New("a list is needed"))
			}
			acc := start
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				v, err := convert.Convert(v, elem)
				if err != nil || v.IsNull() {
					return cty.UnknownVal(elem), function.NewArgErrorf(0, "every element must be a %s", elem.FriendlyName())
				}
				acc = step(acc, v)
			}
			return acc, nil
		},
	})
}

// length counts characters of a string, elements of anything else.
var length = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowMarked: true}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, marks := args[0].Unmark()
		var n cty.Value
		var err error
		switch ty := v.Type(); {
		case ty == cty.String:
			n, err = stdlib.Strlen(v)
		case ty.IsTupleType() || ty.IsObjectType() || ty.IsCollectionType():
			n = v.Length()
		default:
			err = function.NewArgError(0, errors.New("a string, list or map is needed"))
		}
		if err != nil {
			return cty.UnknownVal(cty.Number), err
		}
		return n.WithMarks(marks), nil
	},
})

// index finds the place of a value in a list.
var index = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "list", Type: cty.DynamicPseudoType},
		{Name: "value", Type: cty.DynamicPseudoType},
	},
	Type: function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		ty := args[0].Type()
		if !ty.IsListType() && !ty.IsTupleType() {
			return cty.UnknownVal(cty.Number), function.NewArgError(0, errors.New("a list is needed"))
		}
		for it := args[0].ElementIterator(); it.Next(); {
			i, v := it.Element()
			if eq, err := stdlib.Equal(v, args[1]); err == nil && eq.IsKnown() && eq.True() {
				return i, nil
			}
		}
		return cty.UnknownVal(cty.Number), fmt.Errorf("value is not in the list")
	},
})

// coalesce is the first argument that is neither null nor an empty string.
var coalesce = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "values", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, a := range args {
			types[i] = a.Type()
		}
		t, _ := convert.UnifyUnsafe(types)
		if t == cty.NilType {
			return t, errors.New("all arguments must have the same type")
		}
		return t, nil
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		for _, a := range args {
			v, err := convert.Convert(a, t)
			if err != nil {
				return cty.UnknownVal(t), err
			}
			if !v.IsKnown() {
				return cty.UnknownVal(t), nil
			}
			if !v.IsNull() && !v.RawEquals(cty.StringVal("")) {
				return v, nil
			}
		}
		return cty.UnknownVal(t), errors.New("all arguments are null or empty")
	},
})
