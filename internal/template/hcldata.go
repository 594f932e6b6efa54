package template

import (
	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
)

// dataBlock is a data source as declared.
type dataBlock struct {
	node      graphNode
	typ, name string
	body      hclv2.Body
}

func (r *hclReader) declareData(b *hclv2.Block) {
	d := &dataBlock{typ: b.Labels[0], name: b.Labels[1], body: b.Body}
	ref, pos := d.typ+"."+d.name, r.pos(b.DefRange)
	if old := r.data[ref]; old != nil {
		r.l.diags.add(pos, "the first is at "+old.node.pos.String(), "data source %q is declared twice", ref)
		return
	}
	r.checkKind("data", b)
	d.node = graphNode{
		name: "data." + ref, pos: pos,
		needs: func() []hclv2.Traversal { return bodyVariables(b.Body) },
		eval:  func(ctx *hclv2.EvalContext) cty.Value { return r.readData(d, ctx) },
	}
	r.data[ref] = d
}

// bodyVariables lists what the expressions of a body mention.
func bodyVariables(body hclv2.Body) []hclv2.Traversal {
	var list []hclv2.Traversal
	if native, ok := body.(*hclsyntax.Body); ok {
		for _, a := range native.Attributes {
			list = append(list, a.Expr.Variables()...)
		}
		for _, b := range native.Blocks {
			list = append(list, bodyVariables(b.Body)...)
		}
		return list
	}
	attrs, _ := body.JustAttributes() // what is wrong is told when the body is evaluated
	for _, a := range sorted(attrs) {
		list = append(list, a.Expr.Variables()...)
	}
	return list
}

// readData asks Options.Data for the value. Without it the value is not known, and
// what depends on it is as open as what is known only after connect.
func (r *hclReader) readData(d *dataBlock, ctx *hclv2.EvalContext) cty.Value {
	b := r.block(&Block{Type: d.typ, Name: d.name, Pos: d.node.pos, scope: r.scope("", "")})
	b.body = &hclBody{r: r, body: d.body, ctx: ctx, scope: b.scope, pos: d.node.pos}
	b.texts = r.l.texts
	r.l.tmpl.Data = append(r.l.tmpl.Data, b)
	if _, diags := b.eval(nil); diags.Err() != nil {
		r.l.diags = append(r.l.diags, diags...)
		return cty.DynamicVal
	}
	if r.l.opt.Data == nil || r.l.diags.Err() != nil {
		return cty.DynamicVal
	}
	v, err := r.l.opt.Data(b)
	if err != nil {
		r.l.diags.addErr(d.node.pos, err)
		return cty.DynamicVal
	}
	if hcl.TooLarge(v) {
		r.l.diags.add(d.node.pos, "", "value of data source %q is larger than 16 MiB", d.typ+"."+d.name)
		return cty.DynamicVal
	}
	r.declareMarked(v)
	return v
}

// unread tells whether values may be unknown because something before them is:
// data sources that are not read, or variables whose absence has been reported.
func (l *loader) unread() bool {
	return len(l.tmpl.Data) > 0 && l.opt.Data == nil || l.diags.Err() != nil
}

// Sensitive marks a value, e.g. one that a data source read: it and what is made
// of it are masked in output and enter keys as keyed digests only.
func Sensitive(v cty.Value) cty.Value { return v.Mark(sensitive{}) }

// declareMarked declares the sensitive parts of a value.
func (r *hclReader) declareMarked(v cty.Value) {
	_, marked := v.UnmarkDeepWithPaths()
	for _, m := range marked {
		if part, err := m.Path.Apply(v); err == nil {
			r.secrets.declare(part)
		}
	}
}
