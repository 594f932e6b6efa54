package cache

import (
	"fmt"
	"slices"
	"strings"
)

// Change of one input. Old or New is empty when it was added or removed.
type Change struct{ Name, Old, New string }

// Explain tells why a step's key differs from the newest entry of the same build
// and step index: which inputs were added, removed or changed. prev is that entry, or
// what one of a later step covers, with the age of that; found is false when there is none to compare with. No changes mean that the
// difference lies in an earlier step, or that prev is over the age limit or retired.
func (s *Store) Explain(build string, index int, inputs []Input) (changes []Change, prev Entry, found bool, err error) {
	list, err := s.List()
	if err != nil {
		return nil, Entry{}, false, fmt.Errorf("explain step %d of %s: %w", index, build, err)
	}
	for _, e := range slices.Backward(list) {
		if e.Build != build {
			continue
		}
		if i := slices.IndexFunc(e.Covers, func(c Covered) bool { return c.Index == index }); i >= 0 {
			e.Key, e.Step, e.Index, e.Inputs = e.Covers[i].Key, e.Covers[i].Step, index, e.Covers[i].Inputs
		}
		if e.Index == index {
			return compare(e.Inputs, inputs), e, true, nil
		}
	}
	return nil, Entry{}, false, nil
}

// compare pairs inputs of one name in their order, and lists changes in the new
// order, removed ones last.
func compare(old, now []Input) []Change {
	before := map[string][]string{}
	for _, in := range old {
		before[in.Name] = append(before[in.Name], in.Value)
	}
	var changes []Change
	for _, in := range now {
		values, had := before[in.Name]
		switch {
		case !had || len(values) == 0:
			changes = append(changes, Change{Name: in.Name, New: in.Value})
			continue
		case values[0] != in.Value:
			changes = append(changes, Change{in.Name, values[0], in.Value})
		}
		before[in.Name] = values[1:]
	}
	for _, in := range old {
		if values := before[in.Name]; len(values) > 0 {
			changes = append(changes, Change{Name: in.Name, Old: values[0]})
			before[in.Name] = values[1:]
		}
	}
	return treesByEntry(changes, old, now)
}

// treesByEntry leaves out what says nothing new: a tree's own digest where its
// changed entries are named, and its entries where only one side has them, since
// the tree was too large to list on the other.
func treesByEntry(changes []Change, old, now []Input) []Change {
	below := func(tree string) func(Input) bool {
		return func(in Input) bool { return strings.HasPrefix(in.Name, tree+"/") }
	}
	told, silent := map[string]bool{}, []string{}
	for _, c := range changes {
		if !isTree(c.Old) || !isTree(c.New) {
			continue
		}
		before, after := slices.ContainsFunc(old, below(c.Name)), slices.ContainsFunc(now, below(c.Name))
		if before && after {
			told[c.Name] = slices.ContainsFunc(changes, func(d Change) bool { return strings.HasPrefix(d.Name, c.Name+"/") })
		} else {
			silent = append(silent, c.Name+"/")
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool {
		return told[c.Name] || slices.ContainsFunc(silent, func(tree string) bool { return strings.HasPrefix(c.Name, tree) })
	})
}

func isTree(value string) bool { return strings.HasSuffix(value, " entries)") }
