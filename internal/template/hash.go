package template

import (
	"bytes"
	"encoding/json"
	"slices"
	"sort"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// Hasher takes named values; cache.Hash is one.
type Hasher interface {
	Add(name, value string)
	AddSecret(name, value string)
}

// Hash adds the evaluated configuration to h, attribute by attribute in the order
// of names, sensitive parts by AddSecret. Where a value depends on what is known only after connect
// (build.*), its source text is added instead. Values are written as JSON, nested
// blocks under names such as "output.format" and "disk[1].size". Options in without
// are left out, unless they depend on what is not known yet, or are sensitive.
func (b *Block) Hash(h Hasher, without ...string) {
	n, _ := b.eval(nil) // what is wrong was told by Load
	if n == nil {
		return
	}
	known := *n
	known.items = slices.DeleteFunc(slices.Clone(n.items), func(e *entry) bool {
		return slices.Contains(without, e.name) && !e.isOpen() && !e.anySecret()
	})
	hashBody(h, "", &known)
}

func hashBody(h Hasher, prefix string, n *node) {
	byName := map[string][]*entry{}
	var names []string
	for _, e := range n.items {
		if e.isNull() {
			continue // the same as not given
		}
		if byName[e.name] == nil {
			names = append(names, e.name)
		}
		byName[e.name] = append(byName[e.name], e.blocks()...)
	}
	sort.Strings(names)
	for _, name := range names {
		list := byName[name]
		for i, e := range list {
			path := prefix + name
			if len(list) > 1 {
				path += "[" + strconv.Itoa(i) + "]"
			}
			hashNode(h, path, e.node)
		}
	}
}

// blocks takes a list of objects, which is how JSON writes blocks that are repeated,
// for those blocks.
func (e *entry) blocks() []*entry {
	if e.kind != listNode || len(e.list) == 0 {
		return []*entry{e}
	}
	var out []*entry
	for _, n := range e.list {
		if n.kind != objectNode && n.kind != blockNode {
			return []*entry{e}
		}
		out = append(out, &entry{e.name, e.pos, n})
	}
	return out
}

// hashNode adds one value. A list without sensitive parts is one input, so that
// "why did this key change" shows it as the user wrote it.
func hashNode(h Hasher, path string, n *node) {
	switch {
	case n.kind == objectNode || n.kind == blockNode:
		if len(n.items) == 0 {
			h.Add(path, "{}") // an empty one is not the same as none
		}
		hashBody(h, path+".", n)
	case n.kind == listNode && n.anySecret():
		h.Add(path, "["+strconv.Itoa(len(n.list))+"]")
		for i, e := range n.list {
			hashNode(h, path+"["+strconv.Itoa(i)+"]", e)
		}
	case n.kind == scalarNode && n.isSecret():
		h.AddSecret(path, canonical(n))
	default:
		h.Add(path, canonical(n))
	}
}

// canonical writes a value as JSON with sorted names.
func canonical(n *node) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain(n)); err != nil {
		return strconv.Quote(err.Error()) // strings, bools, numbers as text: cannot happen
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// plain makes a value for the JSON encoder.
func plain(n *node) any {
	switch n.kind {
	case listNode:
		out := make([]any, len(n.list))
		for i, e := range n.list {
			out[i] = plain(e)
		}
		return out
	case objectNode, blockNode:
		out := map[string]any{}
		for _, e := range n.items {
			out[e.name] = plain(e.node)
		}
		return out
	}
	switch {
	case n.open:
		return map[string]string{"late": n.source}
	case n.val.IsNull():
		return nil
	case n.val.Type() == cty.Bool:
		return n.val.True()
	case n.val.Type() == cty.Number:
		return json.Number(numberText(n.val.AsBigFloat()))
	}
	return n.hashText()
}

// hashText is a string as far as it is known: {{.Name}} stays as it is, and so
// does a text that waits for values known only after connect.
func (n *node) hashText() any {
	s, _ := n.raw()
	use, err := n.use()
	if err != nil || !interpolate.Has(s) || n.scope == nil {
		return s
	}
	if use.Late() {
		// The variables in it are rendered apart, so that a change of one counts.
		late := map[string]any{"late": s}
		for _, u := range use.Users {
			late["user "+u], _ = n.user(u)
		}
		return late
	}
	data := map[string]any{}
	for _, f := range use.Fields {
		data[f] = "{{." + f + "}}"
	}
	var out string
	if len(data) > 0 {
		out, err = n.text(data)
	} else {
		out, err = n.text(nil)
	}
	if err != nil {
		return s
	}
	return out
}
