package template

import (
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// local is a named expression.
type local struct {
	name      string
	pos       Pos
	expr      hclv2.Expression
	sensitive bool
	state     evalState
	val       cty.Value
}

type evalState int

const (
	untouched evalState = iota
	underway
	evaluated
)

func (r *hclReader) addLocal(l *local) {
	if old := r.locals[l.name]; old != nil {
		r.l.diags.add(l.pos, "the first is at "+old.pos.String(), "local %q is declared twice", l.name)
		return
	}
	r.locals[l.name] = l
}

func (r *hclReader) declareLocals(b *hclv2.Block) {
	attrs, diags := b.Body.JustAttributes()
	r.report(diags)
	for _, a := range sorted(attrs) {
		r.addLocal(&local{name: a.Name, pos: r.pos(a.NameRange), expr: a.Expr})
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
	l := &local{name: b.Labels[0], pos: r.pos(b.DefRange), expr: a.Expr}
	if s := content.Attributes["sensitive"]; s != nil {
		v, diags := s.Expr.Value(nil)
		r.report(diags)
		l.sensitive = !diags.HasErrors() && v.Type() == cty.Bool && !v.IsNull() && v.True()
	}
	r.addLocal(l)
}

func (r *hclReader) localNames() []string {
	var names []string
	for name := range r.locals {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// maxLocal bounds the size of one local in bytes: locals that double each other would
// otherwise fill the memory in a few lines.
const maxLocal = 16 << 20

// evalLocals evaluates all locals, each after those that it mentions.
func (r *hclReader) evalLocals() {
	names := r.localNames()
	slices.SortFunc(names, func(a, b string) int { return comparePos(r.locals[a].pos, r.locals[b].pos) })
	for _, name := range names {
		r.evalLocal(r.locals[name], nil)
	}
	r.setLocals()
}

// evalLocal evaluates one local; path holds the names of those that wait for it.
func (r *hclReader) evalLocal(l *local, path []string) {
	switch l.state {
	case evaluated:
		return
	case underway:
		cycle := append(path[slices.Index(path, l.name):], l.name)
		r.l.diags.add(l.pos, "cycle: local."+strings.Join(cycle, " → local."), "local %q needs itself", l.name)
		for _, name := range cycle {
			r.locals[name].state = evaluated // to nothing
		}
		return
	}
	l.state, l.val = underway, cty.DynamicVal
	if len(path) > maxChain {
		r.l.diags.add(l.pos, "", "local %q comes at the end of a chain of more than %d locals", l.name, maxChain)
		l.state = evaluated
		return
	}
	needs := map[string]cty.Value{}
	for _, t := range l.expr.Variables() {
		if t.RootName() != "local" {
			continue
		}
		for _, name := range r.mentioned(t) {
			if other := r.locals[name]; other != nil {
				r.evalLocal(other, append(path, l.name))
				needs[name] = other.val
			}
		}
	}
	if l.state == evaluated {
		return // it is part of a cycle
	}
	l.state = evaluated
	ctx := r.root.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(needs)}
	v, hd := l.expr.Value(ctx)
	if hd.HasErrors() {
		r.l.diags = append(r.l.diags, r.explain(hd, l.expr)...)
		return
	}
	r.report(hd)
	if tooLarge(v) {
		r.l.diags.add(l.pos, "", "local %q is larger than 16 MiB", l.name)
		return
	}
	if l.sensitive {
		r.secrets.declare(v)
		v = v.Mark(sensitive{})
	}
	l.val = v
}

// mentioned lists the locals that a traversal reads: all of them for "local" alone.
func (r *hclReader) mentioned(t hclv2.Traversal) []string {
	if len(t) > 1 {
		switch step := t[1].(type) {
		case hclv2.TraverseAttr:
			return []string{step.Name}
		case hclv2.TraverseIndex:
			if step.Key.Type() == cty.String && !step.Key.IsNull() {
				return []string{step.Key.AsString()}
			}
		}
	}
	return r.localNames()
}

func (r *hclReader) setLocals() {
	all := map[string]cty.Value{}
	for name, l := range r.locals {
		all[name] = l.val
	}
	r.root.Variables["local"] = cty.ObjectVal(all)
}

// tooLarge walks a value until a budget is used up: values may share their parts,
// so that a small one can be endless to walk.
func tooLarge(v cty.Value) bool {
	budget := maxLocal
	spend(v, &budget)
	return budget < 0
}

const elementCost = 64

func spend(v cty.Value, budget *int) {
	v, _ = v.Unmark()
	*budget -= elementCost
	if *budget < 0 || !v.IsKnown() || v.IsNull() {
		return
	}
	if v.Type() == cty.String {
		*budget -= len(v.AsString())
		return
	}
	if !v.CanIterateElements() {
		return
	}
	for it := v.ElementIterator(); it.Next() && *budget >= 0; {
		_, e := it.Element()
		spend(e, budget)
	}
}

func comparePos(a, b Pos) int {
	if a.File != b.File {
		return strings.Compare(a.File, b.File)
	}
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Col - b.Col
}
