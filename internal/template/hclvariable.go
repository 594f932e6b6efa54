package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// variable is an input variable of an HCL2 template.
type variable struct {
	name      string
	pos       Pos
	typ       cty.Type // NilType when neither type nor default say it
	defaults  *typeexpr.Defaults
	def       cty.Value // NilVal when there is none
	val       cty.Value // NilVal until it is set
	sensitive bool

	description string
	rules       []validation
}

type validation struct {
	condition hclv2.Expression
	message   string
}

var variableSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "type"}, {Name: "default"}, {Name: "description"}, {Name: "sensitive"}},
	Blocks:     []hclv2.BlockHeaderSchema{{Type: "validation"}},
}

var validationSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "condition", Required: true}, {Name: "error_message", Required: true}},
}

func (r *hclReader) addVariable(v *variable) {
	if old := r.vars[v.name]; old != nil {
		r.l.diags.add(v.pos, "the first is at "+old.pos.String(), "variable %q is declared twice", v.name)
		return
	}
	r.vars[v.name] = v
	r.order = append(r.order, v.name)
}

func (r *hclReader) declareVariable(b *hclv2.Block) {
	v := &variable{name: b.Labels[0], pos: r.pos(b.DefRange)}
	content, diags := b.Body.Content(variableSchema)
	r.report(diags)
	if a := content.Attributes["type"]; a != nil {
		var diags hclv2.Diagnostics
		v.typ, v.defaults, diags = typeexpr.TypeConstraintWithDefaults(a.Expr)
		r.report(diags)
		if diags.HasErrors() {
			v.typ = cty.DynamicPseudoType
		}
	}
	if a := content.Attributes["sensitive"]; a != nil {
		val, diags := a.Expr.Value(nil)
		r.report(diags)
		v.sensitive = !diags.HasErrors() && val.Type() == cty.Bool && val.IsKnown() && !val.IsNull() && val.True()
	}
	if a := content.Attributes["description"]; a != nil {
		if val, diags := a.Expr.Value(nil); !diags.HasErrors() && val.Type() == cty.String && !val.IsNull() {
			v.description = val.AsString()
		}
	}
	if a := content.Attributes["default"]; a != nil {
		r.setDefault(v, a)
	}
	for _, c := range content.Blocks {
		r.declareValidation(v, c)
	}
	r.addVariable(v)
}

// setDefault evaluates a default: constants and functions, env among them.
func (r *hclReader) setDefault(v *variable, a *hclv2.Attribute) {
	if r.defs == nil {
		r.defs = &hclv2.EvalContext{Functions: r.functions(r.l.opt.getenv)}
	}
	val, diags := a.Expr.Value(r.defs)
	r.report(diags)
	v.def = cty.DynamicVal
	if diags.HasErrors() {
		return
	}
	if v.typ == cty.NilType {
		v.typ = val.Type()
		if val.IsNull() || v.typ.Equals(cty.EmptyTuple) || v.typ.Equals(cty.EmptyObject) {
			v.typ = cty.DynamicPseudoType // nothing is said of what it holds
		}
	}
	val, err := v.convert(val)
	if err != nil {
		r.l.diags.add(r.pos(a.Expr.Range()), "", "default of variable %q: %s", v.name, err)
		return
	}
	v.def = val
}

// convert makes a value fit the variable's type.
func (v *variable) convert(val cty.Value) (cty.Value, error) {
	if v.typ == cty.NilType {
		return val, nil
	}
	if v.defaults != nil && !val.IsNull() {
		val = v.defaults.Apply(val)
	}
	out, err := convert.Convert(val, v.typ)
	if err != nil {
		return cty.DynamicVal, typeError(err)
	}
	return out, nil
}

// typeError says where inside a value the wrong type is.
func typeError(err error) error {
	var at cty.PathError
	if !errors.As(err, &at) || len(at.Path) == 0 {
		return err
	}
	where := ""
	for _, step := range at.Path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			where += "." + step.Name
		case cty.IndexStep:
			where += "[" + scalarText(step.Key) + "]"
		}
	}
	return fmt.Errorf("%s: %w", strings.TrimPrefix(where, "."), err)
}

func (r *hclReader) declareValidation(v *variable, b *hclv2.Block) {
	content, diags := b.Body.Content(validationSchema)
	r.report(diags)
	cond, msg := content.Attributes["condition"], content.Attributes["error_message"]
	if cond == nil || msg == nil {
		return
	}
	text, diags := msg.Expr.Value(r.root)
	r.report(diags)
	if diags.HasErrors() || text.IsNull() || text.Type() != cty.String {
		return
	}
	v.rules = append(v.rules, validation{cond.Expr, text.AsString()})
}

// declareVariables reads the old form: variables { name = default }.
func (r *hclReader) declareVariables(b *hclv2.Block) {
	attrs, diags := b.Body.JustAttributes()
	r.report(diags)
	for _, a := range sorted(attrs) {
		v := &variable{name: a.Name, pos: r.pos(a.NameRange)}
		r.setDefault(v, a)
		r.addVariable(v)
	}
}

// public is the variable as users of the package see it.
func (v *variable) public() Variable {
	p := Variable{Name: v.name, Sensitive: v.sensitive, Pos: v.pos, Value: valueText(v.val)}
	if v.def != cty.NilVal {
		p.Default = valueText(v.def)
	}
	return p
}

// valueText is a value as text: JSON for what is not a string.
func valueText(v cty.Value) string {
	if v == cty.NilVal {
		return ""
	}
	v, _ = v.UnmarkDeep()
	switch {
	case !v.IsWhollyKnown() || v.IsNull():
		return ""
	case v.Type().IsPrimitiveType():
		return scalarText(v)
	}
	b, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return ""
	}
	var raw json.RawMessage = b
	return string(raw)
}
