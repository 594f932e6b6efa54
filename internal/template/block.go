package template

import (
	"fmt"
	"slices"
	"sync"
)

// Block is one configured component whose body is not decoded yet. It is safe for
// concurrent use.
type Block struct {
	Type string // the kind's name: "shell"
	Name string // optional label
	Pos  Pos
	// KeepInput is keep_input_artifact of a post-processor; nil when not given.
	KeepInput *bool

	body  body
	scope *scope
	texts texts
	drop  []string // keys that are the build's, not the component's
	over  []body   // later ones win: what a build's source block and override add

	mu    sync.Mutex
	first *node // as known at load
	diags Diagnostics
}

// keeping is the same block for a component that has an option which else is the
// build's alone.
func (b *Block) keeping(option string) *Block {
	drop := slices.DeleteFunc(slices.Clone(b.drop), func(name string) bool { return name == option })
	return &Block{Type: b.Type, Name: b.Name, Pos: b.Pos, KeepInput: b.KeepInput, body: b.body, scope: b.scope, texts: b.texts, drop: drop, over: b.over}
}

// body is the text of a block in one of the languages.
type body interface {
	// eval evaluates. late holds the values of build.*; nil before connect.
	eval(late map[string]string) (*node, Diagnostics)
}

// eval evaluates the body: once for what is known at load, and again for what is
// known later. What was known at load keeps its value.
func (b *Block) eval(late map[string]string) (*node, Diagnostics) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first == nil {
		b.first, b.diags = b.evalBodies(nil)
	}
	if late == nil || b.diags.Err() != nil || !b.first.isOpen() {
		return b.first, b.diags
	}
	n, diags := b.evalBodies(late)
	return settle(b.first, n), diags
}

// IsLate tells whether a part of the body is known only once there is a machine.
func (b *Block) IsLate() bool {
	n, diags := b.eval(nil)
	return diags.Err() == nil && n.isOpen()
}

func (b *Block) evalBodies(late map[string]string) (*node, Diagnostics) {
	if b.body == nil {
		return &node{kind: blockNode, pos: b.Pos}, nil
	}
	n, diags := b.body.eval(late)
	for _, o := range b.over {
		on, d := o.eval(late)
		diags = append(diags, d...)
		n = n.over(on)
	}
	return n.without(b.drop...), diags
}

// settle keeps the parts that were known before and takes the rest from now.
// A part that changed its shape (a dynamic block over a late value) is taken whole.
func settle(before, now *node) *node {
	switch {
	case !before.isOpen():
		return before
	case before.kind != now.kind || len(before.list) != len(now.list) || len(before.items) != len(now.items):
		return now
	}
	c := *now
	c.list = make([]*node, len(now.list))
	for i := range now.list {
		c.list[i] = settle(before.list[i], now.list[i])
	}
	c.items = make([]*entry, len(now.items))
	for i, e := range now.items {
		c.items[i] = e
		if was := before.items[i]; was.name == e.name {
			c.items[i] = &entry{name: e.name, pos: e.pos, node: settle(was.node, e.node)}
		}
	}
	return &c
}

// label names a block in messages: `provisioner "shell"`.
func label(kind, name string) string { return fmt.Sprintf("%s %q", kind, name) }
