package template

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// graphNode is a local or a data source: evaluated once, after those that it mentions.
type graphNode struct {
	name  string // local.a, data.http.b
	pos   Pos
	needs func() []hclv2.Traversal
	eval  func(ctx *hclv2.EvalContext) cty.Value
	state evalState
	val   cty.Value
}

type evalState int

const (
	untouched evalState = iota
	underway
	evaluated
)

// evalGraph evaluates all locals and data sources and puts them in scope.
func (r *hclReader) evalGraph() {
	nodes := r.graph()
	sorted := slices.SortedFunc(maps.Values(nodes), func(a, b *graphNode) int { return comparePos(a.pos, b.pos) })
	for _, n := range sorted {
		r.evalNode(nodes, n, nil)
	}
	maps.Copy(r.root.Variables, graphValues(nodes, sortedKeys(nodes)))
}

func (r *hclReader) graph() map[string]*graphNode {
	nodes := map[string]*graphNode{}
	for _, l := range r.locals {
		nodes[l.node.name] = &l.node
	}
	for _, d := range r.data {
		nodes[d.node.name] = &d.node
	}
	return nodes
}

// evalNode evaluates one node; path holds the names of those that wait for it.
func (r *hclReader) evalNode(nodes map[string]*graphNode, n *graphNode, path []string) {
	switch n.state {
	case evaluated:
		return
	case underway:
		cycle := append(path[slices.Index(path, n.name):], n.name)
		what, name, _ := strings.Cut(n.name, ".")
		r.l.diags.add(n.pos, "cycle: "+strings.Join(cycle, " → "), "%s %q needs itself", what, name)
		for _, name := range cycle {
			nodes[name].state = evaluated // to nothing
		}
		return
	}
	n.state, n.val = underway, cty.DynamicVal
	if len(path) > maxChain {
		r.l.diags.add(n.pos, "", "%s comes at the end of a chain of more than %d locals", n.name, maxChain)
		n.state = evaluated
		return
	}
	needed := map[string]bool{}
	for _, t := range n.needs() {
		for _, name := range mentioned(nodes, t) {
			needed[name] = true
			r.evalNode(nodes, nodes[name], append(path, n.name))
		}
	}
	if n.state == evaluated {
		return // it is part of a cycle
	}
	n.state = evaluated
	ctx := r.root.NewChild()
	ctx.Variables = graphValues(nodes, sortedKeys(needed))
	n.val = n.eval(ctx)
}

// mentioned lists the nodes that a traversal reads: all of a kind where it names none.
func mentioned(nodes map[string]*graphNode, t hclv2.Traversal) []string {
	var names []string
	want := t.RootName() + "."
	switch t.RootName() {
	case "local":
		want += stepName(t, 1)
	case "data":
		want += stepName(t, 1)
		if next := stepName(t, 2); next != "" {
			want += "." + next
		}
	default:
		return nil
	}
	for name := range nodes {
		if name == want || strings.HasPrefix(name, strings.TrimSuffix(want, ".")+".") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// stepName is the name that a step of a traversal selects, or "".
func stepName(t hclv2.Traversal, i int) string {
	if i >= len(t) {
		return ""
	}
	switch step := t[i].(type) {
	case hclv2.TraverseAttr:
		return step.Name
	case hclv2.TraverseIndex:
		if step.Key.Type() == cty.String && !step.Key.IsNull() {
			return step.Key.AsString()
		}
	}
	return ""
}

// graphValues makes the variables "local" and "data" of the named nodes.
func graphValues(nodes map[string]*graphNode, names []string) map[string]cty.Value {
	locals, data := map[string]cty.Value{}, map[string]map[string]cty.Value{}
	for _, name := range names {
		parts := strings.SplitN(name, ".", 3)
		if parts[0] == "local" {
			locals[parts[1]] = nodes[name].val
			continue
		}
		if data[parts[1]] == nil {
			data[parts[1]] = map[string]cty.Value{}
		}
		data[parts[1]][parts[2]] = nodes[name].val
	}
	types := map[string]cty.Value{}
	for typ, byName := range data {
		types[typ] = cty.ObjectVal(byName)
	}
	return map[string]cty.Value{"local": cty.ObjectVal(locals), "data": cty.ObjectVal(types)}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func comparePos(a, b Pos) int {
	return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
}
