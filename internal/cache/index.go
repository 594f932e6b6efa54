package cache

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// index is all entries in memory, for what needs to see them together.
type index struct {
	s       *Store
	nodes   map[recordName]*node
	layers  map[layer]*node
	corrupt map[recordName]error
}

// layer tells the layers apart that a key had, one after the other: each child
// stands on one of them.
type layer struct {
	key Key
	ref string
}

type node struct {
	Entry
	name recordName
	file fs.FileInfo
}

// index reads all entries. Records that cannot be made sense of are left out and
// kept in corrupt; what cannot be read at all is an error, since an entry that
// only seems to be missing would lead to wrong conclusions about others.
func (s *Store) index() (*index, error) {
	ix := &index{s: s}
	return ix, ix.refresh()
}

// refresh reads again what has changed since.
func (ix *index) refresh() error {
	files, err := os.ReadDir(filepath.Join(ix.s.dir, "entries"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list layers: %w", err)
	}
	old := ix.nodes
	ix.nodes = make(map[recordName]*node, len(files))
	ix.layers = make(map[layer]*node, len(files))
	ix.corrupt = map[recordName]error{}
	for _, file := range files {
		name, ok := parseRecordName(file.Name())
		if !ok {
			continue
		}
		info, err := file.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list layers: %w", err)
		}
		if n := old[name]; n != nil && sameVersion(n.file, info) {
			ix.add(n)
			continue
		}
		e, err := ix.s.read(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, errCorrupt):
			ix.corrupt[name] = err
		case err != nil:
			return fmt.Errorf("list layers: %w", err)
		default:
			ix.add(&node{Entry: e, name: name, file: info})
		}
	}
	return nil
}

func (ix *index) add(n *node) {
	ix.nodes[n.name] = n
	if at := (layer{n.Key, n.Ref}); ix.layers[at] == nil || !n.Retired {
		ix.layers[at] = n
	}
}

func (ix *index) remove(n *node) {
	delete(ix.nodes, n.name)
	if at := (layer{n.Key, n.Ref}); ix.layers[at] == n {
		delete(ix.layers, at)
	}
}

func sameVersion(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// parent returns the entry whose layer the child stands on; nil for a base and
// for one whose parent is gone.
func (ix *index) parent(child *node) *node {
	return ix.layers[layer{child.Parent, child.ParentRef}]
}

func (ix *index) children(parent *node) []*node {
	var found []*node
	for _, n := range ix.nodes {
		if ix.parent(n) == parent {
			found = append(found, n)
		}
	}
	return found
}

// sorted returns the entries, oldest first.
func (ix *index) sorted() []*node {
	all := make([]*node, 0, len(ix.nodes))
	for _, n := range ix.nodes {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *node) int {
		return cmp.Or(a.Created.Compare(b.Created), a.Index-b.Index, cmp.Compare(a.name.String(), b.name.String()))
	})
	return all
}

// lastUse returns for each entry when it, or what stands on it, was used last.
func (ix *index) lastUse() map[recordName]time.Time {
	last := make(map[recordName]time.Time, len(ix.nodes))
	for name, n := range ix.nodes {
		last[name] = n.Used
	}
	for _, n := range ix.nodes {
		used := last[n.name]
		for p := ix.parent(n); p != nil && last[p.name].Before(used); p = ix.parent(p) {
			last[p.name] = used
		}
	}
	return last
}

// List returns all entries, oldest first, without their Logs: retired ones too,
// since their layers still take space.
func (s *Store) List() ([]Entry, error) {
	ix, err := s.index()
	if err != nil {
		return nil, err
	}
	for _, err := range ix.corrupt {
		s.o.Warn("ignoring a cached layer: %v", err)
	}
	var list []Entry
	for _, n := range ix.sorted() {
		list = append(list, n.Entry)
	}
	return list, nil
}
