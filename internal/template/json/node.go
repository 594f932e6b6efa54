// Package json reads JSON as people write it in templates: it keeps the place of
// every value and name, and it takes trailing commas, comments and repeated names
// with a warning instead of refusing them.
package json

import "strings"

// Kind of a value.
type Kind int

const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String names the kind as a user would.
func (k Kind) String() string {
	return [...]string{"null", "a bool", "a number", "a string", "a list", "an object"}[k]
}

// Node is one value.
type Node struct {
	Kind    Kind
	Off     int    // byte offset of its first character
	End     int    // and of what follows its last
	From    int    // of an element or a member's value: what follows the comma or bracket before it
	To      int    // and the comma or bracket after it
	LastEnd int    // of a list or object: End of what stands last in it
	LastTo  int    // and its To
	Fresh   bool   // made by a program: the text does not have it
	Text    string // of a string: its value; of a number: as written; of a bool: "true" or "false"
	Elems   []*Node
	Members []Member // in source order, each name once
}

// Member of an object.
type Member struct {
	Name  string
	Off   int // of the name's opening quote
	Fresh bool
	Value *Node
}

// Get returns the value of a member, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for _, m := range n.Members {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Fold returns the value of a member whose name differs in case at most, or nil.
func (n *Node) Fold(name string) *Node {
	if v := n.Get(name); v != nil || n == nil {
		return v
	}
	for _, m := range n.Members {
		if strings.EqualFold(m.Name, name) {
			return m.Value
		}
	}
	return nil
}

// Note is something wrong at a place of the text.
type Note struct {
	Warning bool
	Off     int
	Msg     string
	Hint    string
}
