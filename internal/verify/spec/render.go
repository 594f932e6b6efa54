package spec

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	gotemplate "text/template"

	"github.com/proofmark-build/proofmark/internal/template"
)

// maxRendered bounds what a file may grow to when its template is filled in.
const maxRendered = 16 << 20

// rendered is a file with its template filled in. It knows for each place of the
// text where it comes from in the file.
type rendered struct {
	path   string
	source string
	text   string
	parts  []part // by out; empty when the text is the source
	lines  []int  // offsets of the lines of text
	origin []int  // offsets of the lines of source
}

// part of the text that was copied from the source: n bytes at out are those at
// src. What follows up to the next part came from an action behind it.
type part struct{ out, src, n int }

// A text node of a template is marked by its number between these two, which
// stand in no YAML or JSON document.
const (
	markBegin = '\x00'
	markEnd   = '\x01'
)

// render fills in the template. The error is already among the problems when ok
// is false.
func render(path, source string, data any, funcs gotemplate.FuncMap, p *problems) (rendered, bool) {
	r := rendered{path: path, source: source, text: source, origin: lineStarts(source)}
	if i := strings.IndexAny(source, "\x00\x01"); i >= 0 {
		p.add(r.place(i), "", "this is not a text file")
		return r, false
	}
	if strings.Contains(source, "{{") {
		t, err := gotemplate.New(path).Funcs(funcs).Option("missingkey=error").Parse(source)
		if err != nil {
			p.addTemplateError(path, err)
			return r, false
		}
		nodes := mark(t)
		out := &bounded{left: maxRendered}
		if err := t.Execute(out, data); err != nil {
			p.addTemplateError(path, err)
			return r, false
		}
		r.unmark(out.String(), nodes)
	}
	r.lines = lineStarts(r.text)
	return r, true
}

// mark puts a number before every text of the template and returns the texts by
// number.
func mark(t *gotemplate.Template) (nodes []part) {
	var walk func(n parse.Node)
	branch := func(b *parse.BranchNode) {
		walk(b.List)
		if b.ElseList != nil {
			walk(b.ElseList)
		}
	}
	walk = func(n parse.Node) {
		switch x := n.(type) {
		case *parse.ListNode:
			for _, c := range x.Nodes {
				walk(c)
			}
		case *parse.TextNode:
			prefix := string(markBegin) + strconv.Itoa(len(nodes)) + string(markEnd)
			nodes = append(nodes, part{src: int(x.Pos), n: len(x.Text)})
			x.Text = append([]byte(prefix), x.Text...)
		case *parse.IfNode:
			branch(&x.BranchNode)
		case *parse.RangeNode:
			branch(&x.BranchNode)
		case *parse.WithNode:
			branch(&x.BranchNode)
		}
	}
	templates := t.Templates()
	slices.SortFunc(templates, func(a, b *gotemplate.Template) int { return strings.Compare(a.Name(), b.Name()) })
	for _, x := range templates {
		if x.Tree != nil && x.Root != nil {
			walk(x.Root)
		}
	}
	return nodes
}

// unmark takes the numbers out again and notes where each text came to stand.
func (r *rendered) unmark(marked string, nodes []part) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(marked, string(markBegin))
		b.WriteString(before)
		if !ok {
			break
		}
		digits, after, _ := strings.Cut(rest, string(markEnd))
		if i, err := strconv.Atoi(digits); err == nil && i < len(nodes) {
			p := nodes[i]
			p.out = b.Len()
			r.parts = append(r.parts, p)
		}
		marked = after
	}
	r.text = b.String()
}

// at gives the place in the source of a line and column of the text. Column 0 is
// that of the first visible character, left out of the answer.
func (r *rendered) at(line, col int) template.Pos {
	line = min(max(line, 1), len(r.lines))
	i := r.lines[line-1]
	if col == 0 {
		for i < len(r.text) && (r.text[i] == ' ' || r.text[i] == '\t') {
			i++
		}
		pos := r.offset(i)
		pos.Col = 0
		return pos
	}
	for ; col > 1 && i < len(r.text); col-- {
		_, n := utf8.DecodeRuneInString(r.text[i:])
		i += n
	}
	return r.offset(i)
}

// offset gives the place in the source of a byte of the text.
func (r *rendered) offset(i int) template.Pos {
	if r.parts == nil {
		return r.place(i)
	}
	k, exact := slices.BinarySearchFunc(r.parts, i, func(p part, i int) int { return p.out - i })
	if exact {
		for k+1 < len(r.parts) && r.parts[k+1].out == i { // parts that are empty
			k++
		}
	} else {
		k--
	}
	if k < 0 {
		return r.place(0)
	}
	p := r.parts[k]
	return r.place(p.src + min(i-p.out, p.n))
}

// place turns an offset of the source into a position.
func (r *rendered) place(i int) template.Pos {
	i = min(max(i, 0), len(r.source))
	line, exact := slices.BinarySearch(r.origin, i)
	if !exact {
		line--
	}
	return template.Pos{File: r.path, Line: line + 1, Col: utf8.RuneCountInString(r.source[r.origin[line]:i]) + 1}
}

func lineStarts(s string) []int {
	starts := []int{0}
	for i := range len(s) {
		if s[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// bounded keeps what is written to it up to a limit.
type bounded struct {
	bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("the text grows beyond 16 MiB")
	}
	return b.Buffer.Write(p)
}

var templateError = regexp.MustCompile(`(?s)^(\d+)(?::(\d+))?: (?:executing ".*?" at )?(.*)$`)

// addTemplateError takes the place out of an error of text/template.
func (p *problems) addTemplateError(path string, err error) {
	text, pos := err.Error(), template.Pos{File: path}
	if rest, ok := strings.CutPrefix(text, "template: "+path+":"); ok {
		if m := templateError.FindStringSubmatch(rest); m != nil {
			pos.Line, _ = strconv.Atoi(m[1])
			if m[2] != "" {
				pos.Col, _ = strconv.Atoi(m[2]) // bytes before it
				if lines := p.lines[path]; pos.Line >= 1 && pos.Line <= len(lines) && pos.Col <= len(lines[pos.Line-1]) {
					pos.Col = utf8.RuneCountInString(lines[pos.Line-1][:pos.Col])
				}
				pos.Col++
			}
			text = m[3]
		}
	}
	detail := ""
	if m := unknownFunction.FindStringSubmatch(text); m != nil {
		detail = "functions are those of Go's templates, of sprig, and mkSlice, readFile, getEnv, regexMatch, findStringSubmatch, toUpper, toLower"
	}
	if text == "unexpected EOF" {
		detail = "an {{if}}, {{range}}, {{with}} or {{define}} has no {{end}}"
	}
	p.add(pos, detail, "cannot fill in the template: %s", text)
}

var unknownFunction = regexp.MustCompile(`^function ".*" not defined$`)
