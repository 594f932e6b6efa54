package template

import (
	"errors"
	"fmt"
	"sort"
)

// Diagnostic is one thing wrong with a template, and where.
type Diagnostic struct {
	Warning bool
	Pos     Pos
	Summary string // what is wrong, one line
	Detail  string // what to do, e.g. the nearest known name
	Source  string // the source line, without its newline
}

// Diagnostics is a list of them. It is an error when it holds one that is not a
// warning; use Err to hand it on.
type Diagnostics []Diagnostic

// Err returns d as an error, or nil when there is no error among them.
func (d Diagnostics) Err() error {
	for _, x := range d {
		if !x.Warning {
			return d
		}
	}
	return nil
}

// Errors returns those that are not warnings.
func (d Diagnostics) Errors() Diagnostics { return d.pick(false) }

// Warnings returns the warnings.
func (d Diagnostics) Warnings() Diagnostics { return d.pick(true) }

func (d Diagnostics) pick(warning bool) Diagnostics {
	var out Diagnostics
	for _, x := range d {
		if x.Warning == warning {
			out = append(out, x)
		}
	}
	return out
}

// add appends an error.
func (d *Diagnostics) add(p Pos, detail, format string, args ...any) {
	*d = append(*d, Diagnostic{Pos: p, Summary: fmt.Sprintf(format, args...), Detail: detail})
}

// warn appends a warning.
func (d *Diagnostics) warn(p Pos, detail, format string, args ...any) {
	*d = append(*d, Diagnostic{Warning: true, Pos: p, Summary: fmt.Sprintf(format, args...), Detail: detail})
}

// addErr appends what an error says; Diagnostics in it keep their places.
func (d *Diagnostics) addErr(p Pos, err error) {
	var inner Diagnostics
	if errors.As(err, &inner) {
		*d = append(*d, inner...)
		return
	}
	d.add(p, "", "%s", err)
}

// arrange fills in source lines, sorts by place within each file (files in the
// order given) and drops repetitions.
func (d Diagnostics) arrange(texts texts) Diagnostics {
	sort.SliceStable(d, func(i, j int) bool {
		a, b := d[i].Pos, d[j].Pos
		if a.File != b.File {
			return texts.index(a.File) < texts.index(b.File)
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Col < b.Col
	})
	seen := map[Diagnostic]bool{}
	var out Diagnostics
	for _, x := range d {
		if x.Source == "" {
			x.Source = texts.line(x.Pos)
		}
		x.Summary, x.Detail = clip(x.Summary), clip(x.Detail)
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out.bounded()
}

// Bounds of what a person is shown, whatever the input.
const (
	maxErrors      = 30
	maxDiagnostics = 200
	maxSummary     = 1000 // characters
)

func clip(s string) string {
	if len(s) <= maxSummary {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), maxSummary)]) + "…"
}

// bounded cuts an endless list; warnings go before errors do.
func (d Diagnostics) bounded() Diagnostics {
	if errs := d.Errors(); len(errs) > maxErrors {
		return append(errs[:maxErrors:maxErrors], Diagnostic{Summary: fmt.Sprintf("and %d more errors", len(errs)-maxErrors)})
	}
	if len(d) <= maxDiagnostics {
		return d
	}
	total, failed := len(d), d.Err() != nil
	if failed {
		d = d.Errors()
	}
	d = d[:min(len(d), maxDiagnostics)]
	last := Diagnostic{Warning: !failed, Summary: fmt.Sprintf("and %d more like these", total-len(d))}
	return append(d[:len(d):len(d)], last)
}

// texts are the sources that positions may point into, in the order they were read.
type texts []*text

func (ts texts) index(file string) int {
	for i, t := range ts {
		if t.name == file {
			return i
		}
	}
	return len(ts)
}

func (ts texts) line(p Pos) string {
	if i := ts.index(p.File); i < len(ts) {
		return ts[i].line(p.Line)
	}
	return ""
}
