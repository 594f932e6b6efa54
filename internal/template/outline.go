package template

import (
	"cmp"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// Outline is what a template declares: what people want to see before they know
// values for its variables. Lists are in the order of the template.
type Outline struct {
	HCL         bool // else legacy JSON
	Description string
	Variables   []OutlineVariable
	Locals      []OutlineVariable // HCL2 alone
	Plugins     []Plugin          // HCL2 alone
	Builds      []OutlineBuild    // legacy JSON has one
	// Problems are what keeps the template from being built as it is. In HCL2 they
	// may be the reason why builds or parts of them are missing here.
	Problems Diagnostics
}

// OutlineVariable is an input variable or a local.
type OutlineVariable struct {
	Name        string
	Description string
	Default     string // as written in legacy JSON, as text in HCL2
	Value       string // as text; of legacy JSON what -var and -var-file give
	Shown       string // as the console shows it: "<sensitive>", "<unknown>"
	Required    bool   // it has no default
	Undeclared  bool   // of legacy JSON: the template itself does not name it among its variables
	Sensitive   bool
	Pos         Pos
}

// OutlineBuild is a build block, or all of a legacy template.
type OutlineBuild struct {
	Name, Description string
	Sources           []OutlineSource
	Provisioners      []string // types; in HCL2 with the name that one was given: "shell.update"
	ErrorCleanup      string
	Verifiers         []string
	PostProcessors    [][]string // sequences
	Pos               Pos
}

// OutlineSource is a builder. Name is as -only and -except match it, without the
// name of its build.
type OutlineSource struct{ Name, Type string }

const (
	shownSensitive = "<sensitive>"
	shownUnknown   = "<unknown>"
)

// Inspect reads what a template declares. Variables need no values, and kinds need
// not exist. The error is as Load's with SyntaxOnly.
func Inspect(path string, o Options) (*Outline, error) {
	out := &Outline{}
	o.Known, o.Check = nil, nil
	l := &loader{path: path, opt: o.withDefaults(), tmpl: &Template{Path: path}, outline: out}
	tmpl, err := l.load()
	if err != nil {
		return nil, err
	}
	out.Description = cmp.Or(out.Description, tmpl.Description)
	out.Plugins = tmpl.Plugins
	out.Problems = append(tmpl.Warnings, out.Problems.arrange(l.texts)...)
	return out, nil
}

// lenient tells whether missing values are no error.
func (l *loader) lenient() bool { return l.opt.SyntaxOnly || l.outline != nil }

// outline describes a legacy template.
func (r *legacyReader) outline(root *json.Node, builders []builder, p parts) {
	out := r.l.outline
	for _, v := range r.vars.list {
		ov := OutlineVariable{
			Name: v.name, Default: v.def, Value: v.value, Shown: v.def,
			Required: v.required, Undeclared: !v.declared, Sensitive: v.sensitive, Pos: v.pos,
		}
		if v.sensitive {
			ov.Shown = shownSensitive
		}
		out.Variables = append(out.Variables, ov)
	}
	b := OutlineBuild{Description: r.l.tmpl.Description, Pos: r.pos(root.Off)}
	for _, x := range builders {
		b.Sources = append(b.Sources, OutlineSource{Name: x.raw, Type: x.typ})
	}
	for _, x := range p.provisioners {
		b.Provisioners = append(b.Provisioners, x.typ)
	}
	for _, x := range p.verifiers {
		b.Verifiers = append(b.Verifiers, x.typ)
	}
	if p.cleanup != nil {
		b.ErrorCleanup = p.cleanup.typ
	}
	for _, seq := range p.sequences {
		var types []string
		for _, x := range seq {
			types = append(types, x.typ)
		}
		b.PostProcessors = append(b.PostProcessors, types)
	}
	out.Builds = []OutlineBuild{b}
}
