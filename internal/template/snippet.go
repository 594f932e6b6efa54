package template

import (
	"github.com/zclconf/go-cty/cty"
)

// ParseBlock makes a Block from the text of its body in HCL, such as
// `inline = ["true"]`: for programs and tests that have no template around it.
// name is the file name of positions. build.* and functions work as in a build;
// variables and locals there are none. The error is Diagnostics.
func ParseBlock(typ, name, text string) (*Block, error) {
	l := &loader{path: ".", opt: Options{Environ: []string{}}.withDefaults(), tmpl: &Template{Dir: "."}}
	r := &hclReader{l: l, files: map[string]*source{}}
	r.newRoot()
	r.root.Variables["var"], r.root.Variables["local"] = cty.EmptyObjectVal, cty.EmptyObjectVal
	s := r.parse(l.addText(name, []byte(text)))
	b := &Block{Type: typ, Pos: Pos{File: name, Line: 1, Col: 1}, texts: l.texts, scope: r.scope("null", "test")}
	src := use{source: &sourceBlock{typ: "null", name: "test"}, name: "test"}
	b.body = &hclBody{r: r, body: s.Body, ctx: r.context(r.root, src), scope: b.scope, build: "test", pos: b.Pos}
	if l.diags.Err() == nil {
		_, diags := b.eval(nil)
		l.diags = append(l.diags, diags...)
	}
	return b, l.diags.arrange(l.texts).Err()
}
