package template

import (
	"fmt"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
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
		b.Provisioners = append(b.Provisioners, outlineName(p))
	case "error-cleanup-provisioner":
		b.ErrorCleanup = p.Labels[0]
	case "verify":
		b.Verifiers = append(b.Verifiers, p.Labels[0])
	case "post-processor":
		b.PostProcessors = append(b.PostProcessors, []string{outlineName(p)})
	case "post-processors":
		var seq []string
		for _, m := range r.members(p) {
			if m.Type == "post-processor" {
				seq = append(seq, outlineName(m))
			}
		}
		b.PostProcessors = append(b.PostProcessors, seq)
	}
}

// outlineName is the type of a part and, after a dot, the name that it was given.
func outlineName(p located) string {
	content, _, _ := p.Body.PartialContent(&hclv2.BodySchema{Attributes: []hclv2.AttributeSchema{{Name: "name"}}})
	if content == nil || content.Attributes["name"] == nil {
		return p.Labels[0]
	}
	v, diags := content.Attributes["name"].Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		return p.Labels[0]
	}
	return p.Labels[0] + "." + v.AsString()
}

// Values shows the variables and locals of an HCL2 template, as inspect and the
// console do.
func (o *Outline) Values() string {
	var b strings.Builder
	list := func(title, prefix string, all []OutlineVariable) {
		b.WriteString("> " + title + ":\n\n")
		for _, v := range slices.SortedFunc(slices.Values(all), func(a, b OutlineVariable) int { return strings.Compare(a.Name, b.Name) }) {
			fmt.Fprintf(&b, "%s.%s: %q\n", prefix, v.Name, v.Shown)
		}
		b.WriteString("\n")
	}
	list("input-variables", "var", o.Variables)
	list("local-variables", "local", o.Locals)
	return strings.TrimSuffix(b.String(), "\n")
}
