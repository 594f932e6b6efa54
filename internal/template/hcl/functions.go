package hcl

import (
	"maps"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions returns the functions of the language.
func Functions(e Env) map[string]function.Function {
	all := map[string]function.Function{
		"can":     tryfunc.CanFunc,
		"try":     tryfunc.TryFunc,
		"convert": typeexpr.ConvertFunc,

		"abs":       stdlib.AbsoluteFunc,
		"ceil":      stdlib.CeilFunc,
		"floor":     stdlib.FloorFunc,
		"log":       stdlib.LogFunc,
		"max":       stdlib.MaxFunc,
		"min":       stdlib.MinFunc,
		"parseint":  stdlib.ParseIntFunc,
		"pow":       stdlib.PowFunc,
		"signum":    stdlib.SignumFunc,
		"coalesce":  coalesce,
		"length":    length,
		"chunklist": stdlib.ChunklistFunc,

		"coalescelist":    stdlib.CoalesceListFunc,
		"compact":         stdlib.CompactFunc,
		"concat":          stdlib.ConcatFunc,
		"contains":        stdlib.ContainsFunc,
		"distinct":        stdlib.DistinctFunc,
		"element":         stdlib.ElementFunc,
		"flatten":         stdlib.FlattenFunc,
		"index":           index,
		"keys":            stdlib.KeysFunc,
		"lookup":          stdlib.LookupFunc,
		"merge":           stdlib.MergeFunc,
		"range":           stdlib.RangeFunc,
		"reverse":         stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc,
		"setproduct":      stdlib.SetProductFunc,
		"setunion":        stdlib.SetUnionFunc,
		"slice":           stdlib.SliceFunc,
		"sort":            stdlib.SortFunc,
		"values":          stdlib.ValuesFunc,
		"zipmap":          stdlib.ZipmapFunc,

		"chomp":         stdlib.ChompFunc,
		"format":        stdlib.FormatFunc,
		"formatlist":    stdlib.FormatListFunc,
		"indent":        stdlib.IndentFunc,
		"join":          stdlib.JoinFunc,
		"lower":         stdlib.LowerFunc,
		"regex":         stdlib.RegexFunc,
		"regexall":      stdlib.RegexAllFunc,
		"regex_replace": stdlib.RegexReplaceFunc,
		"replace":       stdlib.ReplaceFunc,
		"split":         stdlib.SplitFunc,
		"strrev":        stdlib.ReverseFunc,
		"substr":        stdlib.SubstrFunc,
		"title":         stdlib.TitleFunc,
		"trim":          stdlib.TrimFunc,
		"trimprefix":    stdlib.TrimPrefixFunc,
		"trimspace":     stdlib.TrimSpaceFunc,
		"trimsuffix":    stdlib.TrimSuffixFunc,
		"upper":         stdlib.UpperFunc,

		"formatdate": stdlib.FormatDateFunc,
		"timeadd":    stdlib.TimeAddFunc,
	}
	for _, more := range []map[string]function.Function{
		textFunctions(), listFunctions(), netFunctions(), encodeFunctions(), cryptoFunctions(),
		timeFunctions(e.Now.UTC()), e.fileFunctions(), e.envFunctions(),
	} {
		maps.Copy(all, more)
	}
	bounded(all)
	all["templatefile"] = e.templateFile(all)
	return all
}
