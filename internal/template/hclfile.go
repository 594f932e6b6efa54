package template

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
)

// source is a parsed HCL file with the text that its positions point into.
type source struct {
	*hcl.File
	text *text
}

// parse reads the text as HCL, or as HCL in JSON by its name.
func (r *hclReader) parse(t *text) *source {
	f, diags := hcl.Parse(t.name, t.src)
	s := &source{File: f, text: t}
	r.files[t.name] = s
	r.report(diags)
	return s
}

// pos is where a range begins.
func (r *hclReader) pos(rng hclv2.Range) Pos {
	if f := r.files[rng.Filename]; f != nil {
		return f.text.pos(f.Offset(rng.Start.Byte))
	}
	return Pos{File: rng.Filename}
}

// sourceOf is the text of a range.
func (r *hclReader) sourceOf(rng hclv2.Range) string {
	if f := r.files[rng.Filename]; f != nil {
		return f.Source(rng)
	}
	return ""
}

// report adds what the HCL library found.
func (r *hclReader) report(diags hclv2.Diagnostics) {
	r.l.diags = append(r.l.diags, r.convert(diags)...)
}

// convert turns the HCL library's diagnostics into ours.
func (r *hclReader) convert(diags hclv2.Diagnostics) Diagnostics {
	var out Diagnostics
	for _, d := range diags {
		x := Diagnostic{
			Warning: d.Severity == hclv2.DiagWarning,
			Summary: lowerFirst(d.Summary),
			Detail:  d.Detail,
		}
		if head, _, ok := strings.Cut(x.Detail, "\n"); ok && strings.Contains(head, "panic in function") {
			x.Detail = head // what follows is a stack trace
		}
		if d.Subject != nil {
			x.Pos = r.pos(*d.Subject)
		}
		if better, ok := advice[d.Summary]; ok {
			x.Summary, x.Detail = better.summary, better.detail
		}
		out = append(out, x)
	}
	return out
}

// advice replaces messages of the HCL library where we can say better what to do.
var advice = map[string]struct{ summary, detail string }{
	"Invalid single-argument block definition": {
		"a block on one line holds one argument only",
		"Put each argument on a line of its own:\n  name {\n    first  = 1\n    second = 2\n  }",
	},
	"Unexpected comma after argument": {
		"comma after an argument",
		"Arguments are separated by line ends: put each on a line of its own. (Commas are taken in verify blocks only.)",
	},
}

// lowerFirst makes a sentence of the HCL library one of ours; a name in capitals stays.
func lowerFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[n:]
}

// refName takes "type", "name" out of "source.type.name" or "type.name". Of three
// parts and more Packer drops the first, whatever it is, and looks at the next two.
func refName(ref string) (typ, name string, err error) {
	parts := strings.Split(ref, ".")
	if len(parts) > 2 {
		parts = parts[1:]
	}
	if len(parts) < 2 || !hclsyntax.ValidIdentifier(parts[0]) || !hclsyntax.ValidIdentifier(parts[1]) {
		return "", "", fmt.Errorf("%q is not a reference to a source", ref)
	}
	return parts[0], parts[1], nil
}
