package template

import (
	hclv2 "github.com/hashicorp/hcl/v2"
)

// build makes the Build of one source.
func (r *hclReader) build(bb *buildBlock, u use, name string, sel selection) *Build {
	b := &Build{Name: name, Label: u.label, Description: bb.description, Labels: map[string]string{}, Pos: u.pos}
	r.l.labels(b, bb.labels)
	b.Source = r.source(u, b)
	names := []string{u.source.typ + "." + u.name, name}
	for _, p := range bb.parts {
		switch p.Type {
		case "provisioner":
			s, keys := r.component(p, u).step(&r.l.diags, hclStepKeys, u.name, names[0], name)
			if keys.wanted(names...) {
				b.Provisioners = append(b.Provisioners, s)
			}
		case "error-cleanup-provisioner":
			s, keys := r.component(p, u).step(&r.l.diags, hclStepKeys, u.name, names[0], name)
			if b.ErrorCleanup != nil {
				r.l.diags.add(s.Pos, "", "build has two error-cleanup-provisioner blocks")
			}
			if keys.wanted(names...) {
				b.ErrorCleanup = &s
			}
		case "verify":
			v := r.component(p, u)
			if v.take(&r.l.diags, verifyKeys...).wanted(names...) {
				b.Verifiers = append(b.Verifiers, v)
			}
		case "post-processor":
			r.sequence(b, []located{p}, u, names, sel)
		case "post-processors":
			r.sequence(b, r.members(p), u, names, sel)
		}
	}
	return b
}

// source makes the builder's block: the declared body with what the build adds.
func (r *hclReader) source(u use, b *Build) *Block {
	sc := r.scope(u.source.typ, u.label)
	blk := r.block(&Block{Type: u.source.typ, Name: u.name, Pos: u.source.pos, scope: sc})
	ctx := r.context(r.root, u)
	blk.body = &hclBody{r: r, body: u.source.body, ctx: ctx, scope: sc, build: u.build, pos: u.source.pos}
	if u.override != nil {
		blk.over = append(blk.over, &hclBody{r: r, body: u.override, ctx: ctx, scope: sc, build: u.build, pos: u.pos})
		blk.drop = append(blk.drop, "name")
	}
	blk.drop = append(blk.drop, "labels")
	if n, diags := blk.body.eval(nil); diags.Err() == nil {
		r.sourceLabels(b, n)
	}
	for _, o := range blk.over {
		if n, diags := o.eval(nil); diags.Err() == nil {
			r.sourceLabels(b, n)
		}
	}
	_, diags := blk.eval(nil)
	r.l.diags = append(r.l.diags, diags...)
	return blk
}

func (r *hclReader) sourceLabels(b *Build, n *node) {
	if e := n.get("labels"); e != nil {
		r.l.labels(b, e.node)
	}
}

// block registers a block, so that it is evaluated and has its source lines.
func (r *hclReader) block(b *Block) *Block {
	r.l.blocks = append(r.l.blocks, b)
	return b
}

// component makes the Block of a provisioner, post-processor or verify block.
func (r *hclReader) component(p located, u use) *Block {
	typ, pos := p.Labels[0], r.pos(p.DefRange)
	b := r.block(&Block{Type: typ, Pos: pos, scope: r.scope(u.source.typ, u.label)})
	b.body = &hclBody{
		r: r, body: p.Body, ctx: r.context(p.ctx, u),
		scope: b.scope, build: u.build, pos: pos,
	}
	return b
}

var sequenceSchema = &hclv2.BodySchema{Blocks: []hclv2.BlockHeaderSchema{
	{Type: "post-processor", LabelNames: []string{"type"}},
	{Type: "dynamic", LabelNames: []string{"type"}},
}}

// members are the post-processors of a sequence.
func (r *hclReader) members(p located) []located {
	content, diags := p.Body.Content(sequenceSchema)
	r.report(diags)
	list := r.expand(content.Blocks, p.ctx)
	for _, m := range list {
		if len(m.Labels) == 1 {
			r.checkKind("post-processor", m.Block)
		}
	}
	return list
}

func (r *hclReader) sequence(b *Build, list []located, u use, names []string, sel selection) {
	blocks := make([]*Block, 0, len(list))
	for _, p := range list {
		if p.Type == "post-processor" {
			blocks = append(blocks, r.component(p, u))
		}
	}
	r.l.sequence(b, blocks, names, sel)
}

// sequence adds a sequence of post-processors. only and except leave out a
// member; one that takes part and that -except names ends the sequence there.
func (l *loader) sequence(b *Build, blocks []*Block, names []string, sel selection) {
	var seq []*Block
	cut := false
	for _, pp := range blocks {
		keys := pp.take(&l.diags, postProcessorKeys...)
		pp.Name, pp.KeepInput = keys.Name, keys.KeepInput
		if !keys.wanted(names...) {
			continue
		}
		if cut = cut || !sel.postProcessor(pp.Type, pp.Name); !cut {
			seq = append(seq, pp)
		}
	}
	if len(seq) > 0 {
		b.PostProcessors = append(b.PostProcessors, seq)
	}
}

// labels adds labels to a build; later ones win.
func (l *loader) labels(b *Build, n *node) {
	if n == nil || n.isNull() || n.open && l.unread() {
		return
	}
	if n.kind != objectNode && n.kind != blockNode {
		l.diags.add(n.pos, `labels = { name = "value" }`, "option \"labels\": an object is needed, not %s", n.what())
		return
	}
	for _, e := range n.items {
		switch {
		case e.open && l.unread():
			continue
		case e.kind != scalarNode:
			l.diags.add(e.node.pos, "", "label %q is a string, not %s", e.name, e.what())
			continue
		case e.isOpen():
			l.diags.add(e.node.pos, "", "label %q must be known before the build starts", e.name)
			continue
		}
		s, err := e.text(nil)
		if err != nil {
			l.diags.add(e.node.pos, "", "label %q: %s", e.name, err)
			continue
		}
		if e.isSecret() {
			l.diags.add(e.node.pos, "", "label %q holds a sensitive value", e.name)
			continue
		}
		b.Labels[e.name] = s
	}
}
