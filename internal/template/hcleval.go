package template

import (
	"slices"
	"sort"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// sensitive is the mark of sensitive values; it follows them through expressions.
type sensitive struct{}

// hclBody is the body of a component in HCL.
type hclBody struct {
	r     *hclReader
	body  hclv2.Body
	ctx   *hclv2.EvalContext
	scope *scope
	build string // build.name: of the build block, "" when it has none
	pos   Pos
}

func (b *hclBody) eval(late map[string]string) (*node, Diagnostics) {
	e := &evaluator{r: b.r, scope: b.scope, build: b.build, late: late}
	n := e.body(b.body, b.ctx)
	n.pos = b.pos
	return n, e.diags
}

// evaluator turns HCL into nodes. It changes nothing of its reader.
type evaluator struct {
	r     *hclReader
	scope *scope
	build string
	late  map[string]string
	diags Diagnostics
}

// body evaluates a body of which nothing is known.
func (e *evaluator) body(body hclv2.Body, ctx *hclv2.EvalContext) *node {
	n := &node{kind: blockNode, pos: e.r.pos(body.MissingItemRange())}
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		e.otherBody(n, body, ctx)
		return n
	}
	type part struct {
		off  int
		attr *hclsyntax.Attribute
		blk  *hclsyntax.Block
	}
	var parts []part
	for _, a := range native.Attributes {
		parts = append(parts, part{a.NameRange.Start.Byte, a, nil})
	}
	for _, b := range native.Blocks {
		parts = append(parts, part{b.TypeRange.Start.Byte, nil, b})
	}
	sort.Slice(parts, func(i, j int) bool { return parts[i].off < parts[j].off })
	for _, p := range parts {
		switch {
		case p.attr != nil:
			n.items = append(n.items, &entry{p.attr.Name, e.r.pos(p.attr.NameRange), e.expr(p.attr.Expr, ctx)})
		case p.blk.Type == "dynamic" && len(p.blk.Labels) == 1:
			e.each(p.blk.AsHCLBlock(), ctx, func(b dynamicBlock) {
				n.items = append(n.items, e.labelled(b.name, b.pos, b.labels, e.body(b.body, b.ctx)))
			})
		default:
			pos := e.r.pos(p.blk.TypeRange)
			inner := e.body(p.blk.Body, ctx)
			inner.pos = pos
			n.items = append(n.items, e.labelled(p.blk.Type, pos, p.blk.Labels, inner))
		}
	}
	return n
}

// labelled wraps a body into one block for each label.
func (e *evaluator) labelled(name string, pos Pos, labels []string, body *node) *entry {
	for _, l := range slices.Backward(labels) {
		body = &node{kind: blockNode, pos: pos, items: []*entry{{l, pos, body}}}
	}
	return &entry{name, pos, body}
}

// otherBody evaluates a body of JSON, where everything is an attribute.
func (e *evaluator) otherBody(n *node, body hclv2.Body, ctx *hclv2.EvalContext) {
	content, rest, diags := body.PartialContent(&hclv2.BodySchema{
		Blocks: []hclv2.BlockHeaderSchema{{Type: "dynamic", LabelNames: []string{"type"}}},
	})
	e.diags = append(e.diags, e.r.convert(diags)...)
	attrs, diags := rest.JustAttributes()
	e.diags = append(e.diags, e.r.convert(diags)...)
	list := make([]*hclv2.Attribute, 0, len(attrs))
	for _, a := range attrs {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].NameRange.Start.Byte < list[j].NameRange.Start.Byte })
	for _, a := range list {
		n.items = append(n.items, &entry{a.Name, e.r.pos(a.NameRange), e.expr(a.Expr, ctx)})
	}
	for _, b := range content.Blocks {
		e.each(b, ctx, func(d dynamicBlock) {
			n.items = append(n.items, e.labelled(d.name, d.pos, d.labels, e.body(d.body, d.ctx)))
		})
	}
}

// expr evaluates an expression. Lists and objects that are written out keep the
// places of their parts.
func (e *evaluator) expr(x hclv2.Expression, ctx *hclv2.EvalContext) *node {
	pos := e.r.pos(x.Range())
	if elems, diags := hclv2.ExprList(x); !diags.HasErrors() {
		n := &node{kind: listNode, pos: pos}
		for _, el := range elems {
			n.list = append(n.list, e.expr(el, ctx))
		}
		return n
	}
	if pairs, diags := hclv2.ExprMap(x); !diags.HasErrors() {
		return e.object(pairs, pos, ctx)
	}
	v, diags := e.value(x, ctx)
	e.diags = append(e.diags, diags...)
	return e.node(v, leafInfo{pos: pos, source: e.r.sourceOf(x.Range()), vars: variableNames(x)}, false)
}

func (e *evaluator) object(pairs []hclv2.KeyValuePair, pos Pos, ctx *hclv2.EvalContext) *node {
	n := &node{kind: objectNode, pos: pos}
	at := map[string]int{}
	for _, p := range pairs {
		k, diags := e.value(p.Key, ctx)
		e.diags = append(e.diags, diags...)
		if diags.Err() != nil {
			continue
		}
		k, _ = k.Unmark()
		kpos := e.r.pos(p.Key.Range())
		if !k.IsKnown() && e.r.l.unread() {
			continue
		}
		if !k.IsKnown() || k.IsNull() || k.Type() != cty.String && k.Type() != cty.Number && k.Type() != cty.Bool {
			e.diags.add(kpos, "a key is a string that is known before the build starts", "this cannot be a key")
			continue
		}
		name := scalarText(k)
		item := &entry{name, kpos, e.expr(p.Value, ctx)}
		if i, again := at[name]; again {
			n.items[i] = item
			continue
		}
		at[name] = len(n.items)
		n.items = append(n.items, item)
	}
	return n
}

// leafInfo is where a value comes from.
type leafInfo struct {
	pos    Pos
	source string
	vars   []string
}

// node turns a value into nodes.
func (e *evaluator) node(v cty.Value, info leafInfo, secret bool) *node {
	v, marks := v.Unmark()
	secret = secret || len(marks) > 0
	n := &node{pos: info.pos, leaf: leaf{vars: info.vars, secret: secret, scope: e.scope, once: &rendered{}, late: e.late}}
	ty := v.Type()
	switch {
	case !v.IsKnown():
		n.open, n.source = true, info.source
	case v.IsNull():
		n.val = cty.NullVal(cty.String)
	case ty.IsPrimitiveType():
		n.val = v
	case ty.IsListType() || ty.IsSetType() || ty.IsTupleType():
		n.kind = listNode
		for it := v.ElementIterator(); it.Next(); {
			_, el := it.Element()
			n.list = append(n.list, e.node(el, info, secret))
		}
	case ty.IsMapType() || ty.IsObjectType():
		n.kind = objectNode
		for it := v.ElementIterator(); it.Next(); {
			k, el := it.Element()
			k, _ = k.Unmark()
			n.items = append(n.items, &entry{k.AsString(), info.pos, e.node(el, info, secret)})
		}
	default:
		e.diags.add(info.pos, "", "a value of type %s cannot be used here", ty.FriendlyName())
		n.val = cty.NullVal(cty.String)
	}
	return n
}

// value evaluates an expression with build.* in scope.
func (e *evaluator) value(x hclv2.Expression, ctx *hclv2.EvalContext) (cty.Value, Diagnostics) {
	build, diags := e.buildObject(x)
	if diags.Err() != nil {
		return cty.DynamicVal, diags
	}
	if build != cty.NilVal {
		ctx = ctx.NewChild()
		ctx.Variables = map[string]cty.Value{"build": build}
	}
	v, hd := x.Value(ctx)
	if hd.HasErrors() {
		return cty.DynamicVal, append(diags, e.r.explain(hd, x)...)
	}
	if e.late == nil { // what is known later is made of the same calls
		e.r.derive(x, ctx, v)
	}
	return v, append(diags, e.r.convert(hd)...)
}

// buildObject makes the value of "build" with what the expression asks of it.
func (e *evaluator) buildObject(x hclv2.Expression) (v cty.Value, diags Diagnostics) {
	if e.scope == nil {
		return cty.NilVal, nil
	}
	var attrs map[string]cty.Value
	for _, t := range x.Variables() {
		if t.RootName() != "build" {
			continue
		}
		if attrs == nil {
			attrs = map[string]cty.Value{"name": cty.StringVal(e.build)}
		}
		if len(t) < 2 {
			continue
		}
		step, ok := t[1].(hclv2.TraverseAttr)
		if !ok || step.Name == "name" {
			continue
		}
		if e.late == nil {
			attrs[step.Name] = cty.UnknownVal(cty.String)
			continue
		}
		val, known := e.late[step.Name]
		if !known {
			var names []string
			for k := range e.late {
				names = append(names, k)
			}
			diags.add(e.r.pos(t.SourceRange()), didYouMean(step.Name, names), "build.%s is not given by this builder", step.Name)
			continue
		}
		attrs[step.Name] = cty.StringVal(val)
	}
	if attrs == nil {
		return cty.NilVal, diags
	}
	return cty.ObjectVal(attrs), diags
}

// variableNames lists the input variables that an expression mentions.
func variableNames(x hclv2.Expression) []string {
	var names []string
	for _, t := range x.Variables() {
		if t.RootName() != "var" || len(t) < 2 {
			continue
		}
		if a, ok := t[1].(hclv2.TraverseAttr); ok && !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}
