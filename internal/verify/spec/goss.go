package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// GossOptions of ReadGoss. The zero value works.
type GossOptions struct {
	Vars       []string // files of variables (YAML or JSON), later ones over earlier ones
	VarsInline string   // variables as YAML or JSON, over those of files
	Environ    []string // "K=V", for {{.Env.K}}; nil: os.Environ()
}

// ReadGoss reads a goss file, YAML or by its name JSON, with the files that it
// includes. Paths in it are relative to the file, those of readFile to the current
// directory. The error is template.Diagnostics when a file is at fault.
//
// It takes what goss takes, and some more: sections that stand twice are merged,
// and top-level keys that begin with x-, _ or . are left alone, for anchors. What
// a file that is read later says of the same thing replaces what was said before;
// the replaced checks are reported as skipped.
func ReadGoss(path string, o GossOptions) (verify.Spec, error) {
	return readGoss(path, o)
}

func readGoss(path string, o GossOptions) (*checks, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("read goss file: %w", err)
	}
	g := &gossReader{vars: make(map[string]any), active: make(map[string]*resource), files: make(map[string]bool), sum: sha256.New()}
	for _, file := range o.Vars {
		g.files[file] = true
		mergeVars(g.vars, readVars(file, "", &g.p))
	}
	if o.VarsInline != "" {
		maps.Copy(g.vars, readVars("", o.VarsInline, &g.p))
	}
	environ := o.Environ
	if environ == nil {
		environ = os.Environ()
	}
	g.env = environment(environ)
	if g.p.err() == nil {
		g.load(path, template.Pos{File: path})
	}
	if err := g.p.err(); err != nil {
		return nil, err
	}
	return &checks{
		wait:      verify.DefaultWait,
		resources: g.resources,
		files:     slices.Sorted(maps.Keys(g.files)),
		digest:    "sha256:" + hex.EncodeToString(g.sum.Sum(nil)),
	}, nil
}

type gossReader struct {
	vars      map[string]any
	env       map[string]string
	p         problems
	files     map[string]bool
	sum       hash.Hash
	open      []string // files that are being read, to see cycles
	count     int
	resources []*resource
	active    map[string]*resource // by kind and id
}

// maxFiles bounds how many files one spec may include.
const maxFiles = 1000

// load reads a file. pos is where it is named.
func (g *gossReader) load(path string, pos template.Pos) {
	if g.count++; g.count > maxFiles {
		g.p.add(pos, "", "more than %d files are included", maxFiles)
		return
	}
	if slices.Contains(g.open, path) {
		g.p.add(pos, "", "%s includes itself: %s", path, strings.Join(append(g.open, path), " → "))
		return
	}
	b, err := readText(path)
	if err != nil {
		g.p.add(pos, "", "cannot read goss file: %v", err)
		return
	}
	g.open = append(g.open, path)
	defer func() { g.open = g.open[:len(g.open)-1] }()
	g.files[path] = true

	source := strings.TrimPrefix(string(b), "\ufeff")
	g.p.source(path, source)
	data := struct {
		Vars map[string]any
		Env  map[string]string
	}{g.vars, g.env}
	funcs := functions(g.env, func(file string) { g.files[file] = true })
	r, ok := render(path, source, data, funcs, &g.p)
	if !ok {
		return
	}
	fmt.Fprintf(g.sum, "%s\x00%d\x00%s", path, len(r.text), r.text)
	doc := readDocument(r, strings.EqualFold(filepath.Ext(path), ".json"), &g.p)
	switch {
	case doc == nil:
		return
	case doc.shape != mapping:
		g.p.add(doc.pos, "such as service: {nginx: {running: true}}", "a goss file is a mapping of resources, not %s", doc.is())
		return
	}
	for _, res := range read(doc, "goss", &g.p) {
		g.take(res)
	}
	for _, section := range doc.fields {
		if section.name == "gossfile" {
			g.include(section.value, filepath.Dir(path))
		}
	}
}

// maxText is the size of the largest file that is read on this host for the sake of checks.
const maxText = 16 << 20

// readText reads a file that checks name: one that ends.
func readText(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not wait for a writer
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: it is no regular file", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err == nil && len(b) > maxText {
		err = fmt.Errorf("read %s: it is larger than %d MiB", path, maxText>>20)
	}
	return b, err
}

// take adds a resource. It replaces what another file said of the same thing.
func (g *gossReader) take(r *resource) {
	key := r.kind.name + "\x00" + r.id
	if old := g.active[key]; old != nil {
		if old.pos == r.pos {
			return // one file that is included by several
		}
		old.replaced = r.pos
	}
	g.active[key] = r
	g.resources = append(g.resources, r)
}

// include reads the files of a gossfile section in the order of their keys, which
// decides who replaces whom.
func (g *gossReader) include(n *node, dir string) {
	if n.shape == null {
		return
	}
	if n.shape != mapping {
		g.p.add(n.pos, "such as gossfile: {other.yaml: {}}", "gossfile needs names of files, not %s", n.is())
		return
	}
	n.duplicates(&g.p, "gossfile %q")
	fields := slices.SortedStableFunc(slices.Values(n.fields), func(a, b field) int { return strings.Compare(a.name, b.name) })
	for _, f := range fields {
		pattern, skip := f.name, false
		if f.value.shape != mapping && f.value.shape != null {
			g.p.add(f.value.pos, "", "gossfile %q needs attributes, not %s", f.name, f.value.is())
			continue
		}
		for _, x := range f.value.fields {
			switch x.name {
			case "file":
				if validOption(optText, x, &g.p) {
					pattern = x.value.text
				}
			case "skip":
				if validOption(optFlag, x, &g.p) {
					skip, _ = asFlag(x.value)
				}
			case "title", "meta":
			default:
				g.p.add(x.pos, nearest(x.name, []string{"file", "skip", "title", "meta"}), "unknown attribute %q of gossfile", x.name)
			}
		}
		if skip {
			continue
		}
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(dir, pattern)
		}
		matches, err := filepath.Glob(pattern)
		switch {
		case err != nil:
			g.p.add(f.pos, "", "bad pattern %q: %v", pattern, err)
		case len(matches) == 0:
			g.p.add(f.pos, "", "no file matches %q", pattern)
		}
		for _, m := range matches {
			g.load(m, f.pos)
		}
	}
}

// readDocument reads YAML or JSON.
func readDocument(r rendered, isJSON bool, p *problems) *node {
	if isJSON {
		return readJSON(r.text, r.offset, p)
	}
	return readYAML(r.text, r.at, p)
}

// plainText is a file that has no template in it.
func plainText(path, text string) rendered {
	return rendered{path: path, source: text, text: text, lines: lineStarts(text), origin: lineStarts(text)}
}
