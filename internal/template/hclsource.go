package template

import (
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// sourceBlock is a source as declared; builds use it by its reference.
type sourceBlock struct {
	typ, name string
	pos       Pos
	body      hclv2.Body
}

func (r *hclReader) declareSource(b *hclv2.Block) {
	s := &sourceBlock{typ: b.Labels[0], name: b.Labels[1], pos: r.pos(b.DefRange), body: b.Body}
	ref := s.typ + "." + s.name
	if old := r.sources[ref]; old != nil {
		r.l.diags.add(s.pos, "the first is at "+old.pos.String(), "source %q is declared twice", ref)
		return
	}
	r.checkKind("source", b)
	r.sources[ref] = s
}

func (r *hclReader) sourceNames() []string {
	var names []string
	for ref := range r.sources {
		names = append(names, ref)
	}
	slices.Sort(names)
	return names
}

// use is one source of one build block.
type use struct {
	source   *sourceBlock
	name     string     // its local name
	label    string     // its own
	build    string     // name of the build block; may be empty
	override hclv2.Body // nil unless a source block in the build adds something
	pos      Pos
}

// find looks a reference up, or reports it.
func (r *hclReader) find(ref string, at Pos) *sourceBlock {
	typ, name, err := refName(ref)
	if err != nil {
		r.l.diags.add(at, `write it as "source.type.name"`, "%s", err)
		return nil
	}
	s := r.sources[typ+"."+name]
	if s == nil {
		detail := didYouMean(typ+"."+name, r.sourceNames())
		if detail == "" {
			detail = "declare it: source \"" + typ + "\" \"" + name + "\" {}"
		}
		r.l.diags.add(at, detail, "source %q is not declared", typ+"."+name)
	}
	return s
}

// sourceList reads the sources attribute of a build.
func (r *hclReader) sourceList(a *hclv2.Attribute) []use {
	e := &evaluator{r: r}
	n := e.expr(a.Expr, r.root)
	r.l.diags = append(r.l.diags, e.diags...)
	if e.diags.Err() != nil {
		return nil
	}
	if n.kind != listNode {
		r.l.diags.add(n.pos, `sources = ["source.type.name"]`, "sources is a list of references")
		return nil
	}
	var uses []use
	for _, el := range n.list {
		ref, ok := el.raw()
		if !ok || el.kind != scalarNode {
			r.l.diags.add(el.pos, `write it as "source.type.name"`, "a source is named by a string")
			continue
		}
		if s := r.find(ref, el.pos); s != nil {
			uses = append(uses, use{source: s, name: s.name, label: s.name, pos: el.pos})
		}
	}
	return uses
}

var sourceUseSchema = &hclv2.BodySchema{Attributes: []hclv2.AttributeSchema{{Name: "name"}}}

// sourceUse reads a source block inside a build.
func (r *hclReader) sourceUse(b located) (use, bool) {
	pos := r.pos(b.DefRange)
	s := r.find(b.Labels[0], pos)
	if s == nil {
		return use{}, false
	}
	u := use{source: s, name: s.name, label: s.name, pos: pos, override: b.Body}
	content, _, diags := b.Body.PartialContent(sourceUseSchema)
	if diags.HasErrors() {
		return u, true // evaluating the body will tell
	}
	if a := content.Attributes["name"]; a != nil {
		v, hd := a.Expr.Value(b.ctx)
		if hd.HasErrors() {
			r.l.diags = append(r.l.diags, r.explain(hd, a.Expr)...)
			return u, true
		}
		if v, _ = v.Unmark(); v.Type() != cty.String || v.IsNull() || !v.IsKnown() || v.AsString() == "" {
			r.l.diags.add(r.pos(a.Expr.Range()), "", "name of a source is a string")
			return u, true
		}
		u.name = v.AsString()
	}
	return u, true
}
