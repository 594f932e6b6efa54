package hcl

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// templateFile makes the function that renders a file as a string template, with
// the values of an object as its variables and all other functions.
func (e Env) templateFile(others map[string]function.Function) function.Function {
	inside := maps.Clone(others)
	inside["templatefile"] = function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "arguments", Type: cty.DynamicPseudoType, AllowNull: true},
		Type: func([]cty.Value) (cty.Type, error) {
			return cty.String, fmt.Errorf("templatefile cannot be used within a template file")
		},
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.UnknownVal(cty.String), nil },
	})
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "path", Type: cty.String},
			{Name: "vars", Type: cty.DynamicPseudoType},
		},
		Type: func(args []cty.Value) (cty.Type, error) {
			if !args[0].IsKnown() || !args[1].IsKnown() {
				return cty.DynamicPseudoType, nil
			}
			v, err := e.renderFile(args[0].AsString(), args[1], inside)
			return v.Type(), err
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return e.renderFile(args[0].AsString(), args[1], inside)
		},
	})
}

func (e Env) renderFile(path string, vars cty.Value, functions map[string]function.Function) (cty.Value, error) {
	text, err := e.fileText(path)
	if err != nil {
		return cty.DynamicVal, err
	}
	if len(text) > maxSize {
		return cty.DynamicVal, function.NewArgError(0, errTooLarge)
	}
	x, diags := parseTemplate(path, []byte(text))
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	ctx := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{}}
	if t := vars.Type(); !t.IsMapType() && !t.IsObjectType() {
		return cty.DynamicVal, function.NewArgErrorf(1, "an object with the file's variables is needed")
	}
	for it := vars.ElementIterator(); it.Next(); {
		k, v := it.Element()
		name := k.AsString()
		if !hclsyntax.ValidIdentifier(name) {
			return cty.DynamicVal, function.NewArgErrorf(1, "%q is not a name of a variable", name)
		}
		ctx.Variables[name] = v
	}
	for _, t := range x.Variables() {
		if _, known := ctx.Variables[t.RootName()]; !known {
			at := t.SourceRange().Start
			return cty.DynamicVal, function.NewArgErrorf(1, "%s:%d uses %q, which is not given", path, at.Line, t.RootName())
		}
	}
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return v, nil
}

// parseTemplate reads a string template such as the content of a file.
func parseTemplate(name string, src []byte) (hclsyntax.Expression, hcl.Diagnostics) {
	src = []byte(strings.TrimPrefix(string(src), "\ufeff"))
	tokens, _ := hclsyntax.LexTemplate(src, name, start)
	if diags := checkNesting(name, tokens); diags != nil {
		return nil, diags
	}
	x, diags := hclsyntax.ParseTemplate(src, name, start)
	if !diags.HasErrors() {
		boundLoops(x)
	}
	return x, diags
}
