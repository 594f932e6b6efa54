package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// node is a value of a spec as it was written, in YAML, JSON or a template.
type node struct {
	pos    template.Pos
	shape  shape
	value  any    // of a scalar: string, bool, int64 or float64
	text   string // of a scalar: as it was written
	items  []*node
	fields []field
	secret bool // sensitive: must not be shown
	late   bool // not known before the machine runs
}

type shape int

const (
	null shape = iota
	scalar
	list
	mapping
)

// field is an entry of a mapping.
type field struct {
	name  string
	pos   template.Pos
	value *node
}

// canonical is how names of resources, attributes and matchers are compared: both
// exit-status and exit_status are in use.
func canonical(name string) string { return strings.ReplaceAll(name, "_", "-") }

// is tells what the node holds, for messages.
func (n *node) is() string {
	switch n.shape {
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case null:
		return "nothing"
	}
	if n.secret {
		return "this " + hidden + " value"
	}
	if s, ok := n.value.(string); ok {
		return strconv.Quote(cut(s, 40))
	}
	return cut(n.text, 40)
}

// plain returns the value as nil, bool, int64, float64, string, []any or map[string]any.
func (n *node) plain() any {
	switch n.shape {
	case scalar:
		return n.value
	case list:
		items := make([]any, len(n.items))
		for i, x := range n.items {
			items[i] = x.plain()
		}
		return items
	case mapping:
		m := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			m[f.name] = f.value.plain()
		}
		return m
	}
	return nil
}

// some tells whether pred holds for the node or anything in it.
func (n *node) some(pred func(*node) bool) bool {
	if pred(n) {
		return true
	}
	for _, x := range n.items {
		if x.some(pred) {
			return true
		}
	}
	for _, f := range n.fields {
		if f.value.some(pred) {
			return true
		}
	}
	return false
}

// secrets returns the texts below a sensitive node.
func (n *node) secrets() (found []string) {
	n.some(func(x *node) bool {
		if x.secret && x.shape == scalar && x.text != "" {
			found = append(found, x.text)
		}
		return false
	})
	return found
}

// markSecret makes everything below a sensitive node sensitive too.
func (n *node) markSecret() *node {
	n.some(func(x *node) bool { x.secret = true; return false })
	return n
}

// newScalar makes a node of a Go value; text is how it was written.
func newScalar(pos template.Pos, value any, text string) *node {
	return &node{pos: pos, shape: scalar, value: value, text: text}
}

// number reads a number as goss's readers do: whole ones exactly.
func number(text string) (any, bool) {
	n := json.Number(text)
	if i, err := n.Int64(); err == nil {
		return i, true
	}
	if f, err := n.Float64(); err == nil {
		return f, true
	}
	return nil, false
}

// duplicates reports names that stand twice in a mapping.
func (n *node) duplicates(p *problems, what string) {
	seen := make(map[string]template.Pos, len(n.fields))
	for _, f := range n.fields {
		if first, ok := seen[f.name]; ok {
			p.add(f.pos, "put all of it in one place: the other one would be lost", "%s is given twice, first at %s", fmt.Sprintf(what, f.name), first)
			continue
		}
		seen[f.name] = f.pos
	}
}
