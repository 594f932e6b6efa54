package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/proofmark-build/proofmark/internal/template"
)

// problems collects what is wrong with a spec.
type problems struct {
	list  template.Diagnostics
	lines map[string][]string // source lines by file, for the quoted line
}

// source makes the lines of a file known.
func (p *problems) source(path, text string) {
	if p.lines == nil {
		p.lines = make(map[string][]string)
	}
	p.lines[path] = strings.Split(text, "\n")
}

// add notes a problem. detail says what to do and may be empty.
func (p *problems) add(pos template.Pos, detail, format string, args ...any) {
	d := template.Diagnostic{Pos: pos, Summary: fmt.Sprintf(format, args...), Detail: detail}
	if lines := p.lines[pos.File]; pos.Line > 0 && pos.Line <= len(lines) {
		d.Source = strings.TrimRight(lines[pos.Line-1], "\r")
	}
	p.list = append(p.list, d)
}

// err returns the problems as an error, or nil. Those of one file stand together,
// in the order of its lines.
func (p *problems) err() error {
	order := make(map[string]int)
	for _, d := range p.list {
		if _, ok := order[d.Pos.File]; !ok {
			order[d.Pos.File] = len(order)
		}
	}
	slices.SortStableFunc(p.list, func(a, b template.Diagnostic) int {
		return cmp.Or(order[a.Pos.File]-order[b.Pos.File], a.Pos.Line-b.Pos.Line, a.Pos.Col-b.Pos.Col)
	})
	return p.list.Err()
}

// nearest suggests the known name that is closest to the given one.
func nearest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := levenshtein.Distance(canonical(name), k, nil); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return "known are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("did you mean %q?", best)
}
