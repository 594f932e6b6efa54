package template

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// outline describes an HCL2 template. What goes wrong on the way becomes a problem
// of the outline.
func (r *hclReader) outline() {
	out := r.l.outline
	out.HCL = true
	before := len(r.l.diags)
	r.evalGraph()
	for _, name := range r.order {
		v := r.vars[name]
		p := v.public()
		ov := OutlineVariable{
			Name: name, Description: v.description, Default: p.Default, Value: p.Value,
			Shown: FormatValue(v.val), Required: v.def == cty.NilVal, Sensitive: v.sensitive, Pos: v.pos,
		}
		out.Variables = append(out.Variables, ov)
	}
	locals := r.localNames()
	slices.SortFunc(locals, func(a, b string) int { return comparePos(r.locals[a].node.pos, r.locals[b].node.pos) })
	for _, name := range locals {
		l := r.locals[name]
		out.Locals = append(out.Locals, OutlineVariable{
			Name: name, Value: valueText(l.node.val), Shown: FormatValue(l.node.val), Sensitive: l.sensitive, Pos: l.node.pos,
		})
	}
	for _, b := range r.builds {
		bb := r.readBuild(b)
		ob := OutlineBuild{Name: bb.name, Description: bb.description, Pos: r.pos(b.DefRange)}
		for _, u := range bb.uses {
			ob.Sources = append(ob.Sources, OutlineSource{Name: u.source.typ + "." + u.name, Type: u.source.typ})
		}
		for _, p := range bb.parts {
			r.outlinePart(&ob, p)
		}
		out.Builds = append(out.Builds, ob)
	}
	out.Problems = slices.Clone(r.l.diags[before:])
	r.l.diags = r.l.diags[:before]
}

func (r *hclReader) outlinePart(b *OutlineBuild, p located) {
	switch p.Type {
	case "provisioner":
		b.Provisioners = append(b.Provisioners, p.Labels[0])
	case "error-cleanup-provisioner":
		b.ErrorCleanup = p.Labels[0]
	case "verify":
		b.Verifiers = append(b.Verifiers, p.Labels[0])
	case "post-processor":
		b.PostProcessors = append(b.PostProcessors, []string{p.Labels[0]})
	case "post-processors":
		var seq []string
		for _, m := range r.members(p) {
			if m.Type == "post-processor" {
				seq = append(seq, m.Labels[0])
			}
		}
		b.PostProcessors = append(b.PostProcessors, seq)
	}
}
