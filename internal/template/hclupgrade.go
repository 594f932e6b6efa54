package template

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/fix"
	"github.com/proofmark-build/proofmark/internal/template/upgrade"
)

// UpgradeOptions say how HCL2Upgrade writes. The zero value works.
type UpgradeOptions struct {
	// Annotate explains the parts in comments.
	Annotate bool
	// Options lists the options of a kind of component, so that blocks and lists are
	// told from other values; kind is as in Options.Known. nil: names decide.
	Options func(kind, typ string) []Option
}

// HCL2Upgrade writes a legacy JSON template as an HCL2 template that makes the same
// builds. The warnings tell what is different: names that HCL2 does not take, old
// spellings that were replaced. The error is Diagnostics: src is not JSON. name is
// for positions alone.
func HCL2Upgrade(name string, src []byte, o UpgradeOptions) (out []byte, warnings Diagnostics, err error) {
	t := newText(name, src)
	l := &loader{path: name, tmpl: &Template{Path: name}, texts: texts{t}}
	root, ok := l.parseJSON(t)
	if !ok {
		return nil, nil, l.diags.arrange(l.texts).Err()
	}
	uo := upgrade.Options{Annotate: o.Annotate, Types: typesOf(root.Fold("builders"))}
	l.diags = append(l.diags, oldSpellings(t, fix.Apply(root))...)
	if o.Options != nil {
		uo.IsBlock = func(kind, typ, option string) (is, known bool) {
			found := findOption(o.Options(kind, typ), option)
			return found != nil && (found.Type == "block" || found.Type == "blocks"), found != nil
		}
		uo.IsList = func(kind, typ, option string) (is, known bool) {
			found := findOption(o.Options(kind, typ), option)
			return found != nil && found.isList(), found != nil
		}
	}
	if o.Options != nil {
		uo.Named = func(kind, typ string) (named []upgrade.Named) {
			for _, opt := range o.Options(kind, typ) {
				if strings.Contains(opt.Default, "build_name") || strings.Contains(opt.Default, ".BuildName") {
					named = append(named, upgrade.Named{Option: opt.Name, Default: opt.Default})
				}
			}
			return named
		}
	}
	out, notes := upgrade.HCL(root, uo)
	for _, n := range notes {
		l.diags.warn(t.pos(n.Off), n.Hint, "%s", n.Msg)
	}
	return out, l.diags.arrange(l.texts), nil
}

func findOption(list []Option, name string) *Option {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}
