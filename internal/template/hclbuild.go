package template

import (
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// located is a block with the context that its expressions are evaluated in.
type located struct {
	*hclv2.Block
	ctx *hclv2.EvalContext
}

var buildSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "name"}, {Name: "description"}, {Name: "sources"}, {Name: "labels"}},
	Blocks: []hclv2.BlockHeaderSchema{
		{Type: "source", LabelNames: []string{"reference"}},
		{Type: "provisioner", LabelNames: []string{"type"}},
		{Type: "error-cleanup-provisioner", LabelNames: []string{"type"}},
		{Type: "post-processor", LabelNames: []string{"type"}},
		{Type: "post-processors"},
		{Type: "verify", LabelNames: []string{"type"}},
		{Type: "dynamic", LabelNames: []string{"type"}},
		{Type: "hcp_packer_registry"},
		{Type: "from", LabelNames: []string{"reference"}}, // Packer takes it and does nothing
	},
}

// buildBlock is a build block, taken apart.
type buildBlock struct {
	name, description string
	labels            *node
	uses              []use
	parts             []located // provisioners, post-processors and verify blocks
}

// evalBuilds makes a Build of every source of every build block that is selected.
func (r *hclReader) evalBuilds() {
	sel := r.l.opt.patterns(&r.l.diags)
	var names []string
	for _, b := range r.builds {
		bb := r.readBuild(b)
		r.checkParts(bb)
		for _, u := range bb.uses {
			u.build = bb.name
			name := u.source.typ + "." + u.name
			if bb.name != "" {
				name = bb.name + "." + name
			}
			names = append(names, name)
			if sel.build(name) {
				r.l.tmpl.Builds = append(r.l.tmpl.Builds, r.build(bb, u, name, sel))
			}
		}
	}
	switch {
	case len(r.builds) == 0:
		r.l.diags.warn(Pos{File: r.l.path}, "add a build block with sources", "template builds nothing")
	case len(names) > 0 && len(r.l.tmpl.Builds) == 0:
		r.l.diags.warn(Pos{File: r.l.path}, didYouMean(strings.Join(r.l.opt.Only, ","), names), "-only and -except leave no build")
	}
}

func (r *hclReader) readBuild(b *hclv2.Block) *buildBlock {
	bb := &buildBlock{}
	content, diags := b.Body.Content(buildSchema)
	r.report(diags)
	if a := content.Attributes["name"]; a != nil {
		bb.name = r.constant(a)
	}
	if a := content.Attributes["description"]; a != nil {
		bb.description = r.constant(a)
	}
	if a := content.Attributes["labels"]; a != nil {
		e := &evaluator{r: r}
		bb.labels = e.expr(a.Expr, r.root)
		r.l.diags = append(r.l.diags, e.diags...)
	}
	if a := content.Attributes["sources"]; a != nil {
		bb.uses = r.sourceList(a)
	}
	for _, blk := range r.expand(content.Blocks, r.root) {
		switch blk.Type {
		case "source":
			if u, ok := r.sourceUse(blk); ok {
				bb.uses = append(bb.uses, u)
			}
		case "hcp_packer_registry":
			r.ignored(blk.Block)
		case "from":
			r.l.diags.warn(r.pos(blk.DefRange), `name sources by sources = ["source.type.name"]`, "from block has no effect")
		default:
			bb.parts = append(bb.parts, blk)
		}
	}
	if len(bb.uses) == 0 && r.l.diags.Err() == nil {
		r.l.diags.warn(r.pos(b.DefRange), `add sources = ["source.type.name"]`, "build has no sources")
	}
	return bb
}

// constant evaluates an attribute that must be a string.
func (r *hclReader) constant(a *hclv2.Attribute) string {
	e := &evaluator{r: r}
	n := e.expr(a.Expr, r.root)
	r.l.diags = append(r.l.diags, e.diags...)
	s, ok := n.raw()
	if !ok && e.diags.Err() == nil && !(n.open && r.l.unread()) {
		r.l.diags.add(n.pos, "", "%s is a string, not %s", a.Name, n.what())
	}
	return s
}

// expand puts the blocks that dynamic blocks stand for in their places.
func (r *hclReader) expand(blocks hclv2.Blocks, ctx *hclv2.EvalContext) []located {
	var out []located
	for _, b := range blocks {
		if b.Type != "dynamic" {
			out = append(out, located{b, ctx})
			continue
		}
		e := &evaluator{r: r}
		e.each(b, ctx, func(d dynamicBlock) {
			nb := &hclv2.Block{Type: d.name, Labels: d.labels, Body: d.body, DefRange: b.DefRange, TypeRange: b.TypeRange, LabelRanges: b.LabelRanges}
			for _, s := range buildSchema.Blocks {
				if s.Type == d.name && d.name != "dynamic" {
					if len(s.LabelNames) != len(d.labels) {
						e.diags.add(d.pos, "", "dynamic %q needs %d labels, not %d", d.name, len(s.LabelNames), len(d.labels))
						return
					}
					out = append(out, located{nb, d.ctx})
					return
				}
			}
			e.diags.add(d.pos, "", "build has no blocks of type %q", d.name)
		})
		r.l.diags = append(r.l.diags, e.diags...)
	}
	return out
}

// checkParts reports kinds that do not exist, once for the block.
func (r *hclReader) checkParts(bb *buildBlock) {
	for _, p := range bb.parts {
		switch p.Type {
		case "post-processors":
			continue // its members are checked as they are read
		case "error-cleanup-provisioner":
			r.checkKind("provisioner", p.Block)
		default:
			r.checkKind(p.Type, p.Block)
		}
	}
}

// checkKind reports a block whose first label names a type that does not exist.
func (r *hclReader) checkKind(kind string, b *hclv2.Block) {
	at := b.DefRange
	if len(b.LabelRanges) > 0 {
		at = b.LabelRanges[0]
	}
	r.l.opt.checkKind(&r.l.diags, kind, b.Labels[0], r.pos(at))
}

// context is what expressions of a build's components may use.
func (r *hclReader) context(parent *hclv2.EvalContext, u use) *hclv2.EvalContext {
	ctx := parent.NewChild()
	ctx.Variables = map[string]cty.Value{
		"source": cty.ObjectVal(map[string]cty.Value{
			"type": cty.StringVal(u.source.typ), "name": cty.StringVal(u.name),
		}),
	}
	return ctx
}
