package template

import (
	"fmt"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// explain reports why an expression failed. References to variables and locals
// that do not exist get a message of their own.
func (r *hclReader) explain(hd hclv2.Diagnostics, x hclv2.Expression) Diagnostics {
	var out Diagnostics
	for _, t := range x.Variables() {
		if len(t) < 2 {
			continue
		}
		a, ok := t[1].(hclv2.TraverseAttr)
		if !ok {
			continue
		}
		at := r.pos(t.SourceRange())
		switch t.RootName() {
		case "var":
			if r.vars[a.Name] == nil {
				detail := didYouMean(a.Name, r.order)
				if detail == "" {
					detail = fmt.Sprintf("declare it: variable %q {}", a.Name)
				}
				out.add(at, detail, "variable %q is not declared", a.Name)
			}
		case "local":
			if r.locals[a.Name] == nil {
				out.add(at, didYouMean(a.Name, r.localNames()), "local %q is not declared", a.Name)
			}
		case "data":
			if ref := a.Name + "." + stepName(t, 2); len(t) > 2 && r.data[ref] == nil {
				out.add(at, didYouMean(ref, sortedKeys(r.data)), "data source %q is not declared", ref)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	return r.convert(hd)
}
