package hcl

import (
	"errors"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// maxSize bounds a value in bytes: texts and lists that double each other would
// otherwise fill the memory in a few lines.
const maxSize = 16 << 20

// TooLarge tells whether a value is larger than 16 MiB. It walks the value until a
// budget is used up: values may share their parts, so that a small one can be
// endless to walk.
func TooLarge(v cty.Value) bool {
	budget := maxSize
	spend(v, &budget)
	return budget < 0
}

const elementCost = 64

func spend(v cty.Value, budget *int) {
	v, _ = v.Unmark()
	*budget -= elementCost
	if *budget < 0 || !v.IsKnown() || v.IsNull() {
		return
	}
	if v.Type() == cty.String {
		*budget -= len(v.AsString())
		return
	}
	if !v.CanIterateElements() {
		return
	}
	for it := v.ElementIterator(); it.Next() && *budget >= 0; {
		_, e := it.Element()
		spend(e, budget)
	}
}

var errTooLarge = errors.New("result is larger than 16 MiB")

// checked makes a function that asks check about its arguments, known and not
// null, before it works.
func checked(f function.Function, check func(args []cty.Value) error) function.Function {
	spec := &function.Spec{Description: f.Description(), Params: f.Params(), VarParam: f.VarParam()}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		if err := checkKnown(args, check); err != nil {
			return cty.DynamicPseudoType, err
		}
		return f.ReturnTypeForValues(args)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) }
	return function.New(spec)
}

func checkKnown(args []cty.Value, check func(args []cty.Value) error) error {
	plain := make([]cty.Value, len(args))
	for i, a := range args {
		plain[i], _ = a.UnmarkDeep()
		if !plain[i].IsWhollyKnown() || plain[i].IsNull() {
			return nil
		}
	}
	return check(plain)
}

// bounded puts limits on the functions whose result can be much larger than what
// they are given.
func bounded(all map[string]function.Function) {
	for name, size := range map[string]func(args []cty.Value) int{
		"replace": func(a []cty.Value) int {
			return textLen(a[0]) + strings.Count(textOf(a[0]), textOf(a[1]))*textLen(a[2])
		},
		"regex_replace": func(a []cty.Value) int { return (textLen(a[0]) + 1) * (textLen(a[2]) + 1) / 16 }, // at most; a text rarely matches everywhere
		"indent":        func(a []cty.Value) int { return (strings.Count(textOf(a[1]), "\n") + 1) * whole(a[0]) },
		"join":          joinSize,
		"setproduct":    productSize,
		"format":        func(a []cty.Value) int { return formatSize(textOf(a[0])) + total(a) },
		"formatlist":    func(a []cty.Value) int { return formatSize(textOf(a[0])) + total(a) },
		"jsonencode":    total,
		"yamlencode":    total,
	} {
		all[name] = checked(all[name], func(args []cty.Value) error {
			if n := size(args); n > maxSize || n < 0 {
				return errTooLarge
			}
			return nil
		})
	}
}

func total(args []cty.Value) int {
	budget := maxSize
	for _, a := range args {
		spend(a, &budget)
	}
	return maxSize - budget
}

func textOf(v cty.Value) string {
	if v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

func textLen(v cty.Value) int { return len(textOf(v)) }

func whole(v cty.Value) int {
	if v.Type() != cty.Number {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	return int(min(max(n, 0), maxSize+1))
}

func joinSize(args []cty.Value) int {
	n := total(args)
	for _, l := range args[1:] {
		if l.CanIterateElements() {
			n += l.LengthInt() * textLen(args[0])
		}
	}
	return n
}

func productSize(args []cty.Value) int {
	n := 1
	for _, a := range args {
		if a.CanIterateElements() {
			n = min(n*a.LengthInt(), maxSize)
		}
	}
	return n * elementCost
}

// formatSize adds the widths and precisions that a format asks for.
func formatSize(format string) int {
	total, n := 0, 0
	for _, c := range format {
		if c >= '0' && c <= '9' {
			n = min(n*10+int(c-'0'), maxSize+1)
			continue
		}
		total, n = min(total+n, maxSize+1), 0
	}
	return total + n
}
