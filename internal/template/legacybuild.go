package template

import (
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// builder is one element of builders.
type builder struct {
	typ, name string
	raw       string // the name as written: what only, except and override use
	json      *json.Node
}

// builds makes a Build of every builder that is selected.
func (r *legacyReader) builds(root *json.Node) {
	all := r.builders(root)
	sel := r.l.opt.names()
	p := r.parts(root)
	var labels *node
	if n := root.Fold("labels"); n != nil {
		labels = r.node(n, r.scope("", ""), nil)
	}
	for _, b := range all {
		if !sel.build(b.name) {
			continue
		}
		out := &Build{Name: b.name, Label: b.name, Description: r.l.tmpl.Description, Labels: map[string]string{}, Pos: r.pos(b.json.Off)}
		r.l.labels(out, labels)
		r.source(out, b)
		r.fill(out, b, p, sel)
		r.l.tmpl.Builds = append(r.l.tmpl.Builds, out)
	}
	if len(all) > 0 && len(r.l.tmpl.Builds) == 0 && r.l.diags.Err() == nil {
		r.l.diags.warn(Pos{File: r.text.name}, didYouMean(strings.Join(r.l.opt.Only, ","), r.names), "-only and -except leave no build")
	}
}

func (r *legacyReader) builders(root *json.Node) []builder {
	n := root.Fold("builders")
	list := r.elements(n, "builders")
	if len(list) == 0 && r.l.diags.Err() == nil && !r.l.lenient() {
		at := root
		if n != nil {
			at = n
		}
		r.l.diags.add(r.pos(at.Off), `add "builders": [{ "type": "…" }]`, "template has no builders")
	}
	var out []builder
	for _, j := range list {
		typ, ok := r.typeOf(j, "builder", "source")
		if !ok {
			continue
		}
		b := builder{typ: typ, name: typ, raw: typ, json: j}
		if was := r.wasType[j]; was != "" { // what only, except and override call it
			b.name, b.raw = was, was
		}
		if n := j.Get("name"); n != nil {
			if raw := r.nameOf(n); raw != "" {
				b.raw = raw
			}
			b.name = r.builderName(b.raw, n.Off)
		}
		if slices.ContainsFunc(out, func(o builder) bool { return o.raw == b.raw }) {
			r.l.diags.add(r.pos(j.Off), `give one of them a "name"`, "builder with name %q already exists", b.raw)
			continue
		}
		if i := slices.IndexFunc(out, func(o builder) bool { return o.name == b.name }); i >= 0 {
			r.l.diags.warn(r.pos(j.Off), "only this one is built: give it another name", "builder with name %q already exists", b.name)
			out = slices.Delete(out, i, i+1)
		}
		r.names = append(r.names, b.name)
		if b.raw != b.name {
			r.names = append(r.names, b.raw)
		}
		out = append(out, b)
	}
	return out
}

// nameOf takes the name of a builder, which may be a number.
func (r *legacyReader) nameOf(n *json.Node) string {
	if n.Kind == json.Number {
		return n.Text
	}
	return r.str(n, "name of a builder")
}

// builderName renders the name of a builder; one that is not known yet stays as it
// is written.
func (r *legacyReader) builderName(raw string, off int) string {
	if r.l.lenient() {
		return raw
	}
	name, err := interpolate.Render(raw, r.env, nil, nil)
	if err != nil {
		r.l.diags.add(r.pos(off), "", "name of a builder: %s", err)
	}
	if name == "" {
		return raw
	}
	return name
}

// typeOf takes the type of a component and checks that it exists.
func (r *legacyReader) typeOf(j *json.Node, what, kind string) (string, bool) {
	if j.Kind != json.Object {
		r.l.diags.add(r.pos(j.Off), "", "%s is an object, not %s", what, j.Kind)
		return "", false
	}
	n := j.Fold("type")
	if n == nil {
		r.l.diags.add(r.pos(j.Off), `add "type": "…"`, "%s has no type", what)
		return "", false
	}
	typ := r.str(n, "type of a "+what)
	if typ == "" {
		return "", false
	}
	r.l.opt.checkKind(&r.l.diags, kind, typ, r.pos(n.Off))
	return typ, true
}

func (r *legacyReader) source(out *Build, b builder) {
	blk := &Block{Type: b.typ, Name: b.name, Pos: r.pos(b.json.Off), scope: r.scope(b.typ, b.name)}
	blk.body = &legacyBody{r, b.json, blk.scope}
	n, _ := blk.eval(nil)
	if e := n.get("labels"); e != nil {
		r.l.labels(out, e.node)
	}
	blk.first, blk.drop = nil, []string{"type", "name", "labels"}
	r.l.blocks = append(r.l.blocks, blk)
	out.Source = blk
}

// part is a provisioner, verifier or post-processor, the same for all builds.
type part struct {
	typ  string
	json *json.Node
}

type parts struct {
	provisioners, verifiers []part
	cleanup                 *part
	sequences               [][]part
}

// parts reads what is applied to every build, so that each fault is told once.
func (r *legacyReader) parts(root *json.Node) parts {
	var p parts
	for _, j := range r.elements(root.Fold("provisioners"), "provisioners") {
		if typ, ok := r.typeOf(j, "provisioner", "provisioner"); ok {
			p.provisioners = append(p.provisioners, part{typ, j})
			r.checkNames(j)
			r.checkOverride(j)
		}
	}
	for _, j := range r.elements(root.Fold("verifiers"), "verifiers") {
		if typ, ok := r.typeOf(j, "verifier", "verify"); ok {
			p.verifiers = append(p.verifiers, part{typ, j})
			r.checkNames(j)
		}
	}
	if j := root.Fold("error-cleanup-provisioner"); j != nil && j.Kind != json.Null {
		if typ, ok := r.typeOf(j, "error-cleanup-provisioner", "provisioner"); ok {
			p.cleanup = &part{typ, j}
		}
	}
	for _, j := range r.elements(root.Fold("post-processors"), "post-processors") {
		members := []*json.Node{j}
		if j.Kind == json.Array {
			members = j.Elems
		}
		var seq []part
		for _, m := range members {
			if m.Kind == json.Array {
				r.l.diags.add(r.pos(m.Off), "", "a sequence of post-processors cannot hold a sequence")
				continue
			}
			if pp, ok := r.postProcessor(m); ok {
				seq = append(seq, pp)
			}
		}
		p.sequences = append(p.sequences, seq)
	}
	return p
}

// postProcessor takes an object, or a string that is its type alone.
func (r *legacyReader) postProcessor(j *json.Node) (part, bool) {
	if j.Kind == json.String {
		r.l.opt.checkKind(&r.l.diags, "post-processor", j.Text, r.pos(j.Off))
		return part{j.Text, &json.Node{Kind: json.Object, Off: j.Off, End: j.End}}, j.Text != ""
	}
	typ, ok := r.typeOf(j, "post-processor", "post-processor")
	if ok {
		r.checkNames(j)
	}
	return part{typ, j}, ok
}

// checkNames reports builds in only and except that do not exist.
func (r *legacyReader) checkNames(j *json.Node) {
	if r.l.lenient() {
		return
	}
	for _, key := range []string{"only", "except"} {
		n := j.Get(key)
		if n == nil || n.Kind != json.Array {
			continue
		}
		for _, e := range n.Elems {
			if e.Kind == json.String && !slices.Contains(r.names, e.Text) {
				r.l.diags.add(r.pos(e.Off), didYouMean(e.Text, r.names), "%s names builder %q, which does not exist", key, e.Text)
			}
		}
	}
}

// checkOverride does so for override of a provisioner; that of a post-processor is an
// option of its own.
func (r *legacyReader) checkOverride(j *json.Node) {
	if r.l.lenient() {
		return
	}
	if n := j.Get("override"); n != nil {
		for _, m := range n.Members {
			if !slices.Contains(r.names, m.Name) {
				r.l.diags.add(r.pos(m.Off), didYouMean(m.Name, r.names), "override names builder %q, which does not exist", m.Name)
			}
		}
	}
}

// fill adds to a build what takes part in it.
func (r *legacyReader) fill(out *Build, b builder, p parts, sel selection) {
	sc := r.scope(b.typ, b.name)
	block := func(x part) *Block {
		blk := &Block{Type: x.typ, Pos: r.pos(x.json.Off), drop: []string{"type"}, scope: sc}
		blk.body = &legacyBody{r, x.json, sc}
		r.l.blocks = append(r.l.blocks, blk)
		return blk
	}
	for _, x := range p.provisioners {
		s, keys := block(x).step(&r.l.diags, provisionerKeys, b.raw, b.name)
		if keys.wanted(b.raw, b.name) {
			out.Provisioners = append(out.Provisioners, s)
		}
	}
	if p.cleanup != nil {
		s, keys := block(*p.cleanup).step(&r.l.diags, provisionerKeys, b.raw, b.name)
		if keys.wanted(b.raw, b.name) {
			out.ErrorCleanup = &s
		}
	}
	for _, x := range p.verifiers {
		v := block(x)
		if v.take(&r.l.diags, verifyKeys...).wanted(b.raw, b.name) {
			out.Verifiers = append(out.Verifiers, v)
		}
	}
	for _, seq := range p.sequences {
		blocks := make([]*Block, 0, len(seq))
		for _, x := range seq {
			blocks = append(blocks, block(x))
		}
		r.l.sequence(out, blocks, []string{b.raw, b.name}, sel)
	}
}
