package template

import (
	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
)

// local is a named expression.
type local struct {
	node      graphNode
	name      string
	expr      hclv2.Expression
	sensitive bool
}

func (r *hclReader) addLocal(l *local, pos Pos) {
	if old := r.locals[l.name]; old != nil {
		r.l.diags.add(pos, "the first is at "+old.node.pos.String(), "local %q is declared twice", l.name)
		return
	}
	l.node = graphNode{
		name: "local." + l.name, pos: pos,
		needs: l.expr.Variables,
		eval:  func(ctx *hclv2.EvalContext) cty.Value { return r.evalLocal(l, ctx) },
	}
	r.locals[l.name] = l
}

func (r *hclReader) declareLocals(b *hclv2.Block) {
	attrs, diags := b.Body.JustAttributes()
	r.report(diags)
	for _, a := range sorted(attrs) {
		r.addLocal(&local{name: a.Name, expr: a.Expr}, r.pos(a.NameRange))
	}
}

var localSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "expression", Required: true}, {Name: "sensitive"}},
}

func (r *hclReader) declareLocal(b *hclv2.Block) {
	content, diags := b.Body.Content(localSchema)
	r.report(diags)
	a := content.Attributes["expression"]
	if a == nil {
		return
	}
	l := &local{name: b.Labels[0], expr: a.Expr}
	if s := content.Attributes["sensitive"]; s != nil {
		v, diags := s.Expr.Value(nil)
		r.report(diags)
		l.sensitive = !diags.HasErrors() && v.Type() == cty.Bool && !v.IsNull() && v.True()
	}
	r.addLocal(l, r.pos(b.DefRange))
}

func (r *hclReader) localNames() []string { return sortedKeys(r.locals) }

func (r *hclReader) evalLocal(l *local, ctx *hclv2.EvalContext) cty.Value {
	v, hd := l.expr.Value(ctx)
	if hd.HasErrors() {
		r.l.diags = append(r.l.diags, r.explain(hd, l.expr)...)
		return cty.DynamicVal
	}
	r.report(hd)
	if hcl.TooLarge(v) {
		r.l.diags.add(l.node.pos, "", "local %q is larger than 16 MiB", l.name)
		return cty.DynamicVal
	}
	if l.sensitive {
		r.secrets.declare(v)
		v = v.Mark(sensitive{})
	}
	r.derive(l.expr, ctx, v)
	return v
}

// derive declares what an expression and the calls in it made of sensitive values:
// "Basic ${base64encode(var.login)}" must not show its second half in another place.
func (r *hclReader) derive(x hclv2.Expression, ctx *hclv2.EvalContext, v cty.Value) {
	node, ok := x.(hclsyntax.Node)
	if !ok || !v.ContainsMarked() {
		return
	}
	r.deriveMarked(v)
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hclv2.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			if part, diags := call.Value(ctx); !diags.HasErrors() { // else it needs a variable of a for expression
				r.deriveMarked(part)
			}
		}
		return nil
	})
}

// deriveMarked declares the sensitive parts of a value that was made of others.
func (r *hclReader) deriveMarked(v cty.Value) {
	_, marked := v.UnmarkDeepWithPaths()
	for _, m := range marked {
		if part, err := m.Path.Apply(v); err == nil {
			eachText(part, r.secrets.derive)
		}
	}
}
