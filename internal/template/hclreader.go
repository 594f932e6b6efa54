package template

import (
	"path/filepath"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// hclReader reads one HCL2 template: all its files, as one.
type hclReader struct {
	l       *loader
	files   map[string]*source
	vars    map[string]*variable
	order   []string // of variables
	locals  map[string]*local
	data    map[string]*dataBlock
	sources map[string]*sourceBlock
	builds  []*hclv2.Block
	root    *hclv2.EvalContext // functions and what every expression may use
	defs    *hclv2.EvalContext // of defaults of variables; nil until one is evaluated
	secrets secretSet
}

func newHCLReader(l *loader) *hclReader {
	return &hclReader{
		l: l, files: map[string]*source{},
		vars: map[string]*variable{}, locals: map[string]*local{}, data: map[string]*dataBlock{}, sources: map[string]*sourceBlock{},
	}
}

// hcl reads the files; auto are the variables files that are loaded by themselves.
func (l *loader) hcl(files, auto []string) error {
	r := newHCLReader(l)
	var parsed, autoVars []*source
	for _, name := range files {
		t, err := l.file(name)
		if err != nil {
			return err
		}
		parsed = append(parsed, r.parse(t))
	}
	for _, name := range auto {
		t, err := l.file(name)
		if err != nil {
			return err
		}
		autoVars = append(autoVars, r.parse(t))
	}
	l.tmpl.Digest = l.digest()
	if l.diags.Err() != nil {
		return nil // a file is only half understood: what follows would mislead
	}
	r.newRoot()
	for _, s := range parsed {
		r.declarations(s)
	}
	if err := r.evalVariables(autoVars); err != nil {
		return err
	}
	if l.opt.SyntaxOnly {
		r.finish()
		return nil
	}
	if l.outline != nil {
		r.outline()
		if l.console != nil {
			l.console.hcl = r
		}
		return nil
	}
	r.evalGraph()
	r.evalBuilds()
	r.finish()
	return nil
}

// newRoot makes the context of expressions. Relative paths are as Packer gives
// them: path.root is the template's directory as written on the command line.
func (r *hclReader) newRoot() {
	cwd, err := filepath.Abs(".")
	if err != nil {
		cwd = "."
	}
	r.root = &hclv2.EvalContext{
		Functions: r.functions(nil),
		Variables: map[string]cty.Value{
			"path": cty.ObjectVal(map[string]cty.Value{
				"root": cty.StringVal(filepath.ToSlash(r.base())),
				"cwd":  cty.StringVal(filepath.ToSlash(cwd)),
			}),
			"packer": cty.ObjectVal(map[string]cty.Value{"version": cty.StringVal(PackerVersion)}),
		},
	}
}

// base is the template's directory as written on the command line.
func (r *hclReader) base() string {
	if len(r.l.tmpl.Files) == 1 && r.l.tmpl.Files[0] == r.l.path {
		return filepath.Dir(r.l.path)
	}
	return filepath.Clean(r.l.path)
}

// functions makes the table of functions; getenv is nil where env is not allowed.
func (r *hclReader) functions(getenv func(string) string) map[string]function.Function {
	return hcl.Functions(hcl.Env{Now: r.l.opt.Now, Base: r.base(), Getenv: getenv, Ask: r.l.opt.Ask})
}

var topSchema = &hclv2.BodySchema{Blocks: []hclv2.BlockHeaderSchema{
	{Type: "packer"},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "variables"},
	{Type: "locals"},
	{Type: "local", LabelNames: []string{"name"}},
	{Type: "data", LabelNames: []string{"type", "name"}},
	{Type: "source", LabelNames: []string{"type", "name"}},
	{Type: "build"},
	{Type: "communicator", LabelNames: []string{"type", "name"}},
	{Type: "hcp_packer_registry"},
}}

// declarations collects the top-level blocks of a file.
func (r *hclReader) declarations(s *source) {
	content, diags := s.Body.Content(topSchema)
	r.report(diags)
	for _, b := range content.Blocks {
		switch b.Type {
		case "packer":
			r.packerBlock(b)
		case "variable":
			r.declareVariable(b)
		case "variables":
			r.declareVariables(b)
		case "build":
			r.builds = append(r.builds, b)
		case "hcp_packer_registry":
			r.ignored(b)
		}
		if r.l.opt.SyntaxOnly {
			continue // the rest may be wrong
		}
		switch b.Type {
		case "locals":
			r.declareLocals(b)
		case "local":
			r.declareLocal(b)
		case "source":
			r.declareSource(b)
		case "data":
			r.declareData(b)
		}
	}
}

func (r *hclReader) ignored(b *hclv2.Block) {
	r.l.diags.warn(r.pos(b.DefRange), "", "%s block is ignored: images are recorded in the catalog", b.Type)
}

// scope makes what {{ }} may know in the strings of a component.
func (r *hclReader) scope(typ, name string) *scope {
	return &scope{env: &interpolate.Env{
		Dir: r.l.tmpl.Dir, BuildName: name, BuildType: typ, Version: PackerVersion, Now: r.l.opt.Now,
		CleanName: r.l.opt.cleanName(typ),
	}}
}

// finish hands over variables and secrets.
func (r *hclReader) finish() {
	for _, name := range r.order {
		v := r.vars[name]
		r.l.tmpl.Variables = append(r.l.tmpl.Variables, v.public())
	}
	for _, name := range r.localNames() {
		if l := r.locals[name]; l.sensitive {
			r.l.tmpl.Variables = append(r.l.tmpl.Variables,
				Variable{Name: "local." + name, Value: valueText(l.node.val), Sensitive: true, Pos: l.node.pos})
		}
	}
	for _, b := range r.l.blocks {
		if n, _ := b.eval(nil); n != nil {
			n.eachSecret(r.secrets.derive)
		}
	}
	r.l.tmpl.secrets = r.secrets.list()
}
