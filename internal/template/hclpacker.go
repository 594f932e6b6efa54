package template

import (
	"path"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Plugin is a plugin that a template requires. Its components are part of this
// program or they do not exist.
type Plugin struct {
	Name, Source, Version string
	Pos                   Pos
}

// Provides tells whether a kind of component belongs to the plugin: a plugin
// "amazon" has "amazon-ebs", and one called "docker" has "docker" itself. What counts
// is the last part of the source; the name is the template's own choice.
func (p Plugin) Provides(kind string) bool {
	name := p.Name
	if p.Source != "" {
		name = strings.TrimPrefix(path.Base(p.Source), "packer-plugin-")
	}
	return kind == name || strings.HasPrefix(kind, name+"-")
}

var packerSchema = &hclv2.BodySchema{
	Attributes: []hclv2.AttributeSchema{{Name: "required_version"}},
	Blocks:     []hclv2.BlockHeaderSchema{{Type: "required_plugins"}},
}

func (r *hclReader) packerBlock(b *hclv2.Block) {
	content, diags := b.Body.Content(packerSchema)
	r.report(diags)
	for _, p := range content.Blocks {
		r.requiredPlugins(p)
	}
	a := content.Attributes["required_version"]
	if a == nil {
		return
	}
	want, diags := a.Expr.Value(nil)
	r.report(diags)
	if diags.HasErrors() || want.IsNull() || want.Type() != cty.String {
		return
	}
	at := r.pos(a.Expr.Range())
	switch ok, err := satisfies(PackerVersion, want.AsString()); {
	case err != nil:
		r.l.diags.add(at, `write it like ">= 1.7.0, < 2.0.0"`, "required_version: %s", err)
	case !ok:
		r.l.diags.add(at, "", "template requires Packer %s; this program works as Packer %s", want.AsString(), PackerVersion)
	}
}

// requiredPlugins takes name = { source = "…", version = "…" }.
func (r *hclReader) requiredPlugins(b *hclv2.Block) {
	attrs, diags := b.Body.JustAttributes()
	r.report(diags)
	for _, a := range sorted(attrs) {
		v, diags := a.Expr.Value(nil)
		r.report(diags)
		if diags.HasErrors() {
			continue
		}
		p := Plugin{Name: a.Name, Pos: r.pos(a.NameRange)}
		detail := `write it like { source = "github.com/hashicorp/amazon", version = ">= 1.0.0" }`
		switch {
		case !v.IsNull() && v.Type() == cty.String:
			p.Version = v.AsString()
		case !v.IsNull() && v.Type().IsObjectType():
			p.Source = r.pluginText(p, v, "source")
			p.Version = r.pluginText(p, v, "version")
		default:
			r.l.diags.add(p.Pos, detail, "required plugin %q is an object", p.Name)
			continue
		}
		if p.Version != "" {
			if _, err := satisfies("0.0.0", p.Version); err != nil {
				r.l.diags.add(p.Pos, `write it like ">= 1.0.0"`, "version of the required plugin %q: %s", p.Name, err)
			}
		}
		r.l.tmpl.Plugins = append(r.l.tmpl.Plugins, p)
	}
}

// pluginText takes an attribute of a required plugin.
func (r *hclReader) pluginText(p Plugin, v cty.Value, key string) string {
	if !v.Type().HasAttribute(key) {
		return ""
	}
	s := v.GetAttr(key)
	if s.IsNull() || s.Type() != cty.String {
		r.l.diags.add(p.Pos, "", "%s of the required plugin %q is a string", key, p.Name)
		return ""
	}
	return s.AsString()
}
