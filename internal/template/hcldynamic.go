package template

import (
	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// dynamicBlock is one block that a dynamic block stands for.
type dynamicBlock struct {
	name   string
	pos    Pos
	labels []string
	body   hclv2.Body
	ctx    *hclv2.EvalContext
}

var dynamicSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "for_each", Required: true}, {Name: "iterator"}, {Name: "labels"}},
	Blocks:     []hclv2.BlockHeaderSchema{{Type: "content"}},
}

// each calls f for every block that dynamic block b stands for. One that goes
// over values not known yet stands for none.
func (e *evaluator) each(b *hclv2.Block, ctx *hclv2.EvalContext, f func(dynamicBlock)) {
	content, diags := b.Body.Content(dynamicSchema)
	e.diags = append(e.diags, e.r.convert(diags)...)
	pos := e.r.pos(b.DefRange)
	if len(content.Blocks) != 1 {
		e.diags.add(pos, "", "dynamic block needs one content block, not %d", len(content.Blocks))
		return
	}
	if diags.HasErrors() {
		return
	}
	d := dynamicBlock{name: b.Labels[0], pos: pos, body: content.Blocks[0].Body}
	iterator := d.name
	if a := content.Attributes["iterator"]; a != nil {
		if iterator = hclv2.ExprAsKeyword(a.Expr); iterator == "" {
			e.diags.add(e.r.pos(a.Expr.Range()), "", "iterator is a name without quotes")
			return
		}
	}
	over := content.Attributes["for_each"].Expr
	list, dd := e.value(over, ctx)
	e.diags = append(e.diags, dd...)
	list, marks := list.Unmark()
	switch {
	case dd.Err() != nil || !list.IsKnown():
		return
	case list.IsNull() || !list.CanIterateElements():
		e.diags.add(e.r.pos(over.Range()), "", "for_each needs a list, set or map")
		return
	}
	for it := list.ElementIterator(); it.Next(); {
		k, v := it.Element()
		if list.Type().IsSetType() {
			k = v
		}
		d.ctx = ctx.NewChild()
		at := cty.ObjectVal(map[string]cty.Value{"key": k.WithMarks(marks), "value": v.WithMarks(marks)})
		d.ctx.Variables = map[string]cty.Value{iterator: at, "each": at}
		d.labels = nil
		if a := content.Attributes["labels"]; a != nil {
			n := e.expr(a.Expr, d.ctx)
			for _, l := range n.list {
				d.labels = append(d.labels, scalarText(l.val))
			}
		}
		f(d)
	}
}
