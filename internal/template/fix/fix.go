// Package fix brings legacy JSON templates to the spellings of today: the renames
// that packer fix makes. Reading a template applies them with warnings, and
// proofmark fix writes them down.
package fix

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// Change is one thing that was brought up to date.
type Change struct {
	Off  int    // where in the text
	What string // what is old there
	Now  string // what takes its place
}

// Fault is a template that cannot be fixed, since its components are not where they
// belong.
type Fault struct {
	Off  int // where in the text
	What string
}

// Check reports what Apply would pass over: builders and post-processors that are no
// lists, and builders that are no objects with a type.
func Check(root *json.Node) (faults []Fault) {
	fault := func(n *json.Node, format string, args ...any) {
		faults = append(faults, Fault{n.Off, fmt.Sprintf(format, args...)})
	}
	for _, name := range []string{"builders", "post-processors"} {
		if n := root.Fold(name); n != nil && n.Kind != json.Array && n.Kind != json.Null {
			fault(n, "%s is a list, not %s", name, n.Kind)
		}
	}
	b := root.Fold("builders")
	if b == nil || b.Kind != json.Array {
		return faults
	}
	for _, e := range b.Elems {
		t := e.Get("type")
		switch {
		case e.Kind != json.Object:
			fault(e, "builder is an object, not %s", e.Kind)
		case t == nil:
			fault(e, "builder has no type")
		case t.Kind != json.String:
			fault(t, "type of a builder is a string, not %s", t.Kind)
		}
	}
	return faults
}

// Apply changes a template in place and tells what was changed. A template that is
// not of the right shape is changed as far as it is.
func Apply(root *json.Node) []Change {
	f := &fixer{}
	for _, b := range objects(root.Fold("builders")) {
		f.component(b, builderRules)
	}
	for _, p := range objects(root.Fold("provisioners")) {
		f.component(p, provisionerRules)
	}
	if p := root.Fold("error-cleanup-provisioner"); p != nil && p.Kind == json.Object {
		f.component(p, provisionerRules)
	}
	for _, p := range objects(root.Fold("post-processors")) {
		f.component(p, postProcessorRules)
	}
	return f.changes
}

// objects lists the objects of a list, and those of lists in it.
func objects(n *json.Node) []*json.Node {
	if n == nil || n.Kind != json.Array {
		return nil
	}
	var out []*json.Node
	for _, e := range n.Elems {
		switch e.Kind {
		case json.Object:
			out = append(out, e)
		case json.Array:
			out = append(out, objects(e)...)
		}
	}
	return out
}

type fixer struct{ changes []Change }

func (f *fixer) changed(off int, now, format string, args ...any) {
	f.changes = append(f.changes, Change{Off: off, What: fmt.Sprintf(format, args...), Now: now})
}

// component applies, in their order, the rules that hold for its type.
func (f *fixer) component(n *json.Node, rules []rule) {
	for _, r := range rules {
		if t := n.Get("type"); t != nil && t.Kind == json.String && matches(t.Text, r.types) {
			r.apply(f, n)
		}
	}
}

// matches tells whether a type is one of the words of a list; a word that ends in
// a dash stands for all types that begin so, and "*" for all.
func matches(typ, list string) bool {
	for _, w := range strings.Fields(list) {
		if w == "*" || w == typ || strings.HasSuffix(w, "-") && strings.HasPrefix(typ, w) {
			return true
		}
	}
	return false
}

// find returns the place of a member, or -1.
func find(n *json.Node, name string) int {
	for i, m := range n.Members {
		if m.Name == name {
			return i
		}
	}
	return -1
}

// cut removes a member and returns it.
func cut(n *json.Node, name string) (json.Member, bool) {
	i := find(n, name)
	if i < 0 {
		return json.Member{}, false
	}
	m := n.Members[i]
	n.Members = append(n.Members[:i:i], n.Members[i+1:]...)
	return m, true
}

// become turns a value into another one in its place.
func become(n *json.Node, kind json.Kind, text string, elems ...*json.Node) {
	n.Kind, n.Text, n.Elems, n.Members, n.Fresh = kind, text, elems, nil, true
}

// made makes a value that stands for the one at a place of the text.
func made(off int, kind json.Kind, text string) *json.Node {
	return &json.Node{Kind: kind, Text: text, Off: off, End: off, Fresh: true}
}

// add appends a member.
func add(n *json.Node, off int, name string, v *json.Node) {
	n.Members = append(n.Members, json.Member{Name: name, Off: off, Value: v, Fresh: true})
}
