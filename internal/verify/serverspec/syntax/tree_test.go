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
