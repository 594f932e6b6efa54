package template

import "github.com/zclconf/go-cty/cty"

// Tree is a body in source order, not tied to a type. HCL blocks and JSON objects
// look the same: service "nginx" { enabled = true } and
// {"service": {"nginx": {"enabled": true}}} are both service → nginx → enabled.
// An object value is always a Body, also when HCL writes it as an attribute; only
// objects inside lists are part of a Value. A block that HCL repeats comes as
// several items of one name.
type Tree struct {
	Pos   Pos
	Items []Item
}

// Item of a tree: an attribute with a Value, or a Body.
type Item struct {
	Name   string
	Pos    Pos       // of the name
	Value  cty.Value // unmarked, lists as tuples, late parts unknown; cty.NilVal when Body is set
	Body   *Tree
	Secret bool // the value was sensitive
}

// tree makes a Tree. {{ }} in strings is rendered, except in those that have
// {{.Name}}: they stay as they are.
func (n *node) tree(diags *Diagnostics) *Tree {
	t := &Tree{Pos: n.pos}
	for _, e := range n.items {
		it := Item{Name: e.name, Pos: e.pos}
		if e.kind == objectNode || e.kind == blockNode {
			it.Body = e.tree(diags)
		} else {
			v, err := e.value()
			if err != nil {
				diags.addErr(e.node.pos, err)
				continue
			}
			it.Value, it.Secret = v, e.anySecret()
		}
		t.Items = append(t.Items, it)
	}
	return t
}
