package spec

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/proofmark-build/proofmark/internal/template"
)

// maxNodes bounds what aliases of aliases may grow to, maxDepth how deep.
const (
	maxNodes = 200_000
	maxDepth = 100
)

// readYAML reads one YAML document. at gives the place in the source of a line
// and column of text.
func readYAML(text string, at func(line, col int) template.Pos, p *problems) *node {
	dec := yaml.NewDecoder(strings.NewReader(text))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return &node{pos: at(1, 1), shape: mapping}
	} else if err != nil {
		syntaxError(text, err, at, p)
		return nil
	}
	if err := dec.Decode(&more); err == nil {
		p.add(at(more.Line, more.Column), "only the first one would be read; put everything in one document", "a second document begins here")
		return nil
	} else if !errors.Is(err, io.EOF) {
		syntaxError(text, err, at, p)
		return nil
	}
	r := yamlReader{at: at, p: p, open: make(map[*yaml.Node]bool)}
	n := r.read(&doc, 0)
	if r.failed {
		return nil
	}
	return n
}

var yamlLine = regexp.MustCompile(`^yaml: (line \d+: )?`)

// syntaxError notes what is wrong. The line that the parser names is often that of
// the outermost mapping; the place where things go wrong is behind the longest
// beginning of the text that can be read.
func syntaxError(text string, err error, at func(line, col int) template.Pos, p *problems) {
	line := strings.Count(text, "\n") + 1
	for budget := 64 << 20; line > 1 && budget > 0; line-- {
		end := strings.LastIndexByte(text, '\n')
		text = text[:end+1]
		budget -= len(text)
		if yaml.Unmarshal([]byte(text), new(yaml.Node)) == nil {
			break
		}
		text = text[:end]
	}
	p.add(at(line, 0), "", "cannot read YAML: %s", strings.TrimPrefix(err.Error(), yamlLine.FindString(err.Error())))
}

type yamlReader struct {
	at     func(line, col int) template.Pos
	p      *problems
	open   map[*yaml.Node]bool // anchors that are being read, to see cycles
	count  int
	failed bool
}

func (r *yamlReader) fail(y *yaml.Node, format string, args ...any) *node {
	if !r.failed {
		r.p.add(r.at(y.Line, y.Column), "", format, args...)
	}
	r.failed = true
	return &node{pos: r.at(y.Line, y.Column)}
}

func (r *yamlReader) read(y *yaml.Node, depth int) *node {
	if r.count++; r.count > maxNodes || r.failed {
		return r.fail(y, "the document is too large with all its aliases written out")
	}
	if depth > maxDepth {
		return r.fail(y, "the document is nested too deeply")
	}
	n := &node{pos: r.at(y.Line, y.Column)}
	switch y.Kind {
	case yaml.DocumentNode:
		n = r.read(y.Content[0], depth)
		if n.shape == null {
			n.shape = mapping // nothing but comments
		}
	case yaml.AliasNode:
		if r.open[y.Alias] {
			return r.fail(y, "the alias *%s stands inside of what it names", y.Value)
		}
		r.open[y.Alias] = true
		n = r.read(y.Alias, depth+1)
		delete(r.open, y.Alias)
	case yaml.SequenceNode:
		n.shape = list
		for _, item := range y.Content {
			n.items = append(n.items, r.read(item, depth+1))
		}
	case yaml.MappingNode:
		n.shape = mapping
		n.fields = r.fields(y, depth)
	case yaml.ScalarNode:
		r.scalar(n, y)
	}
	return n
}

// fields reads a mapping; what << merges into it comes last and gives way.
func (r *yamlReader) fields(y *yaml.Node, depth int) (fields []field) {
	own := make(map[string]bool)
	var merged []field
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], r.read(y.Content[i+1], depth+1)
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fail(key, "a name must be a text")
		case key.ShortTag() == "!!merge":
			from := []*node{value}
			if value.shape == list {
				from = value.items
			}
			for _, m := range from {
				if m.shape != mapping {
					r.fail(key, "<< can merge mappings only, not %s", m.is())
				}
				merged = append(merged, m.fields...)
			}
		default:
			own[key.Value] = true
			fields = append(fields, field{key.Value, r.at(key.Line, key.Column), value})
		}
	}
	for _, f := range merged {
		if !own[f.name] {
			own[f.name] = true
			fields = append(fields, f)
		}
	}
	return fields
}

func (r *yamlReader) scalar(n *node, y *yaml.Node) {
	n.shape, n.text, n.value = scalar, y.Value, y.Value
	var err error
	switch y.ShortTag() {
	case "!!null":
		n.shape, n.value = null, nil
	case "!!bool":
		var b bool
		err = y.Decode(&b)
		n.value = b
	case "!!int":
		var i int64
		if err = y.Decode(&i); err == nil {
			n.value = i
			break
		}
		fallthrough
	case "!!float":
		var f float64
		err = y.Decode(&f)
		n.value = f
	}
	if err != nil {
		r.fail(y, "cannot read %s", fmt.Sprintf("%q: %v", cut(y.Value, 40), err))
	}
}
