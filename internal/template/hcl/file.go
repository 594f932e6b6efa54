// Package hcl reads the files of the HCL2 template language and holds its
// functions. It knows syntax alone: what the blocks mean is package template's.
package hcl

import (
	"bytes"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// File is a parsed file. Ranges in it count the bytes of a text that was changed
// slightly before parsing (see separate): Offset leads back to the file's own.
type File struct {
	Body hcl.Body
	src  []byte
	ins  []int // offsets in the parsed text of bytes that the file does not have
}

var start = hcl.Pos{Line: 1, Column: 1}

// Parse reads an HCL file, or an HCL file in JSON when the name ends in ".json".
// The file is never nil; it holds what could be read.
func Parse(name string, src []byte) (*File, hcl.Diagnostics) {
	f := &File{src: src}
	if strings.HasSuffix(name, ".json") {
		return f.parseJSON(name)
	}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		f.Body = hcl.EmptyBody()
		return f, refuse(name, 0, "File is UTF-16", "Save it as UTF-8.")
	}
	tokens, _ := hclsyntax.LexConfig(src, name, start)
	if diags := checkNesting(name, tokens); diags != nil {
		f.Body = hcl.EmptyBody()
		return f, diags
	}
	parsed, ins := separate(src, tokens)
	f.ins = ins
	h, diags := hclsyntax.ParseConfig(parsed, name, start)
	f.Body = hcl.EmptyBody()
	if h != nil && h.Body != nil {
		f.Body = h.Body
	}
	if body, ok := f.Body.(*hclsyntax.Body); ok {
		boundLoops(body)
	}
	return f, diags
}

// ParseExpression reads one expression, such as a variable's value from a command line.
func ParseExpression(name string, src []byte) (hcl.Expression, hcl.Diagnostics) {
	tokens, _ := hclsyntax.LexExpression(src, name, start)
	if diags := checkNesting(name, tokens); diags != nil {
		return nil, diags
	}
	x, diags := hclsyntax.ParseExpression(src, name, start)
	if !diags.HasErrors() {
		boundLoops(x)
	}
	return x, diags
}

func (f *File) parseJSON(name string) (*File, hcl.Diagnostics) {
	f.Body = hcl.EmptyBody()
	depth := 0
	inString := false
	for i := 0; i < len(f.src); i++ {
		switch c := f.src[i]; {
		case c == '\\' && inString:
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return f, refuse(name, i, "Nested too deeply", "Values may nest 200 levels deep.")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	src := f.src
	if bom := []byte("\ufeff"); bytes.HasPrefix(src, bom) {
		src = append([]byte("   "), src[len(bom):]...)
	}
	h, diags := json.Parse(src, name)
	if h != nil && h.Body != nil {
		f.Body = h.Body
	}
	return f, diags
}

// Offset maps a byte offset of a range to one of the file's own text.
func (f *File) Offset(parsed int) int { return parsed - sort.SearchInts(f.ins, parsed) }

// Source returns the file's own text for a range.
func (f *File) Source(r hcl.Range) string {
	from, to := f.Offset(r.Start.Byte), f.Offset(r.End.Byte)
	if from < 0 || to > len(f.src) || from > to {
		return ""
	}
	return string(f.src[from:to])
}

func refuse(name string, off int, summary, detail string) hcl.Diagnostics {
	p := hcl.Pos{Line: 1, Column: 1, Byte: off}
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: summary, Detail: detail,
		Subject: &hcl.Range{Filename: name, Start: p, End: p},
	}}
}
