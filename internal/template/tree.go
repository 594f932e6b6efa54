package template

import "github.com/zclconf/go-cty/cty"

// Tree is a body in source order, not tied to a type. HCL blocks and JSON objects
// look the same: service "nginx" { enabled = true } and
// {"service": {"nginx": {"enabled": true}}} are both service → nginx → enabled.
type Tree struct {
	Pos   Pos
	Items []Item
}

// Item of a tree: an attribute with a Value, or a Body.
type Item struct {
	Name   string
	Pos    Pos       // of the name
	Value  cty.Value // unmarked; cty.NilVal when Body is set
	Body   *Tree
	Secret bool // the value was sensitive
}
