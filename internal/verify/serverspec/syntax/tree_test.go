package syntax

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
)

// tree prints a tree as it is: types, and fields that are not zero, without places.
func tree(n Node) string {
	if n == nil {
		return "nil"
	}
	var b strings.Builder
	printTree(&b, reflect.ValueOf(n))
	return b.String()
}

var posType = reflect.TypeFor[Pos]()

func printTree(b *strings.Builder, v reflect.Value) {
	if n, ok := v.Interface().(*big.Int); ok {
		b.WriteString(n.String())
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		printTree(b, v.Elem())
	case reflect.Struct:
		b.WriteString("(" + v.Type().Name())
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type == posType || v.Field(i).IsZero() {
				continue
			}
			b.WriteString(" " + f.Name + ":")
			printTree(b, v.Field(i))
		}
		b.WriteString(")")
	case reflect.Slice:
		b.WriteString("[")
		for i := range v.Len() {
			if i > 0 {
				b.WriteString(" ")
			}
			printTree(b, v.Index(i))
		}
		b.WriteString("]")
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v.Interface())
	}
}

var nodeType = reflect.TypeFor[Node]()

// walk calls do for each node of a tree.
func walk(n Node, do func(Node)) {
	if n != nil {
		walkValue(reflect.ValueOf(n), do)
	}
}

func walkValue(v reflect.Value, do func(Node)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*big.Int]() {
			return
		}
		if v.Type().Implements(nodeType) {
			do(v.Interface().(Node))
		}
		walkValue(v.Elem(), do)
	case reflect.Interface:
		if !v.IsNil() {
			walkValue(v.Elem(), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walkValue(v.Field(i), do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), do)
		}
	}
}
