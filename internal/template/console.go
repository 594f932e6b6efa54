package template

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// Console evaluates what a person types, with the variables and locals of a
// template in scope. It is not safe for concurrent use.
type Console struct {
	l      *loader
	hcl    *hclReader    // of an HCL2 template, or of none
	legacy *legacyReader // of a legacy one
}

// NewConsole makes one for a template; "" is an empty HCL2 template. Variables need
// no values: what depends on one is shown as "<unknown>". The error is as Load's.
func NewConsole(path string, o Options) (*Console, error) {
	o.Known, o.Check = nil, nil
	l := &loader{path: path, opt: o.withDefaults(), tmpl: &Template{Path: path}, outline: &Outline{}}
	c := &Console{l: l}
	l.console = c
	if path == "" {
		l.path = "."
		c.hcl = newHCLReader(l)
		c.hcl.newRoot()
		if err := c.hcl.evalVariables(nil); err != nil {
			return nil, err
		}
		c.hcl.evalGraph()
		return c, l.diags.arrange(l.texts).Err()
	}
	tmpl, err := l.load()
	if err != nil {
		return nil, err
	}
	l.tmpl = tmpl
	return c, nil
}

// HCL tells whether lines are HCL2 expressions; else they are texts with {{ }}.
func (c *Console) HCL() bool { return c.hcl != nil }

// Eval evaluates one line: "variables" lists all variables, everything else is an
// expression. Sensitive values are shown as "<sensitive>". The error is Diagnostics.
func (c *Console) Eval(line string) (string, error) {
	line = strings.TrimSpace(line)
	var out string
	var diags Diagnostics
	switch {
	case line == "":
	case line == "variables":
		out = c.variables()
	case c.hcl != nil:
		out, diags = c.evalHCL(line)
	default:
		out, diags = c.evalText(line)
	}
	for _, s := range c.secrets() {
		out = strings.ReplaceAll(out, s, shownSensitive)
	}
	return out, diags.Err()
}

const consoleName = "<console>"

func (c *Console) evalHCL(line string) (string, Diagnostics) {
	t := newText(consoleName, []byte(line))
	c.hcl.files[consoleName] = &source{File: &hcl.File{}, text: t}
	x, hd := hcl.ParseExpression(consoleName, []byte(line))
	if hd.HasErrors() {
		return "", c.hcl.convert(hd).arrange(texts{t})
	}
	ctx := c.hcl.root.NewChild()
	ctx.Variables = map[string]cty.Value{"source": cty.DynamicVal}
	v, hd := x.Value(ctx)
	if hd.HasErrors() {
		return "", c.hcl.explain(hd, x).arrange(texts{t})
	}
	return FormatValue(v), nil
}

func (c *Console) evalText(line string) (string, Diagnostics) {
	out, err := interpolate.Render(line, c.legacy.env, nil, nil)
	var diags Diagnostics
	if err != nil {
		diags.add(Pos{File: consoleName, Line: 1}, "", "%s", err)
	}
	return out, diags
}

func (c *Console) variables() string {
	if c.hcl != nil {
		return c.l.outline.Values()
	}
	var b strings.Builder
	for _, v := range c.l.outline.Variables {
		shown := v.Shown
		if !v.Sensitive {
			shown, _ = c.legacy.vars.answer(v.Name)
		}
		b.WriteString(v.Name + ": " + shown + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c *Console) secrets() []string {
	if c.hcl != nil {
		return c.hcl.secrets.list()
	}
	var s secretSet
	for _, v := range c.legacy.vars.list {
		if v.sensitive {
			s.declare(cty.StringVal(v.value))
		}
	}
	return s.list()
}
