package machine

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/cache"
)

// HashTree adds to h what PutTree sends of the host directory dir: the tree, and
// what the links that lead out of it lead to.
func HashTree(h *cache.Hash, name, dir string) error {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if err := h.AddTree(name, root); err != nil {
		return err
	}
	return walk(root, func(n node) error {
		switch {
		case !n.followed:
			return nil
		case n.info.IsDir():
			return h.AddTree(name+"/"+n.name, n.host)
		default:
			return h.AddFile(name+"/"+n.name, n.host)
		}
	})
}

// node is one thing below a directory, as it is sent to a machine.
type node struct {
	name     string      // relative, with slashes
	host     string      // path on the host, links resolved
	info     fs.FileInfo // of a regular file, a directory or a link
	link     string      // target, of a link that is sent as a link
	followed bool        // the host has a link here that leads out of the tree
}

// walk visits everything below the host directory root, in the order of names,
// directories before what they hold. A link that stays inside the tree is visited
// as a link; one that leads out of it would mean something else in the machine,
// so what it leads to is visited in its place. Anything that is not a file, a
// directory or a link is an error.
func walk(root string, visit func(node) error) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "read", Path: root, Err: fmt.Errorf("not a directory")}
	}
	w := walker{visit: visit}
	return w.dir(real, real, "")
}

type walker struct {
	visit func(node) error
	open  []string // real paths of the directories being walked
}

// dir walks the directory at host, which is below the real directory root and is
// sent under name.
func (w *walker) dir(root, host, name string) error {
	if slices.Contains(w.open, host) {
		return fmt.Errorf("link %s leads back to %s, which holds it", name, host)
	}
	w.open = append(w.open, host)
	defer func() { w.open = w.open[:len(w.open)-1] }()
	entries, err := os.ReadDir(host)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		n := node{name: path.Join(name, e.Name()), host: filepath.Join(host, e.Name()), info: info}
		if err := w.entry(root, n); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(root string, n node) error {
	if n.info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(n.host)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, n.host)
		if err != nil {
			return err
		}
		if staysInside(filepath.ToSlash(rel), target) {
			n.link = target
			return w.visit(n)
		}
		link := n.host
		if n.host, err = filepath.EvalSymlinks(link); err != nil {
			return fmt.Errorf("follow %s, which leads out of the tree to %s: %w", link, target, err)
		}
		if n.info, err = os.Stat(n.host); err != nil {
			return err
		}
		n.followed = true
		root = n.host
	}
	switch {
	case n.info.Mode().IsRegular():
		return w.visit(n)
	case n.info.IsDir():
		if err := w.visit(n); err != nil {
			return err
		}
		return w.dir(root, n.host, n.name)
	}
	return fmt.Errorf("%s is neither a file, a directory nor a link (%s)", n.host, n.info.Mode().Type())
}
