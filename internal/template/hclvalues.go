package template

import (
	"fmt"
	"sort"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
)

// evalVariables gives each variable its value. Later ones win: default,
// PKR_VAR_name, the *.auto.pkrvars files in the order of their names, -var-file as
// they come, and last -var as they come, whatever stands first on the command line.
func (r *hclReader) evalVariables(auto []*source) error {
	for _, v := range r.vars {
		v.val = v.def
		if s, ok := r.environ("PKR_VAR_" + v.name); ok {
			r.setText(v, s, "PKR_VAR_"+v.name)
		}
	}
	for _, s := range auto {
		r.setFile(s)
	}
	for _, in := range r.l.opt.Inputs {
		if in.File != "" {
			if err := r.varFile(in.File); err != nil {
				return err
			}
		}
	}
	for _, in := range r.l.opt.Inputs {
		if in.File != "" {
			continue
		}
		v := r.vars[in.Name]
		if v == nil {
			detail := didYouMean(in.Name, r.order)
			if detail == "" {
				detail = fmt.Sprintf("declare it in the template: variable %q {}", in.Name)
			}
			r.l.diags.add(Pos{}, detail, "-var %s: the template declares no such variable", in.Name)
			continue
		}
		r.setText(v, in.Value, "-var "+in.Name)
	}
	r.closeVariables()
	return nil
}

func (r *hclReader) environ(name string) (string, bool) {
	for _, kv := range r.l.opt.Environ {
		if k, _, _ := strings.Cut(kv, "="); k == name {
			return r.l.opt.getenv(name), true
		}
	}
	return "", false
}

// setText sets a variable from a string of the command line or the environment.
// Where a list, map, object or bool is wanted, the string is an expression.
func (r *hclReader) setText(v *variable, s, from string) {
	val := cty.StringVal(s)
	v.val = cty.DynamicVal // what is wrong with the value is told here
	if v.typ != cty.NilType && v.typ != cty.DynamicPseudoType && v.typ != cty.String && v.typ != cty.Number {
		name := "<value of " + from + ">"
		if !v.sensitive { // a diagnostic would show the value
			r.files[name] = &source{File: &hcl.File{}, text: r.l.addText(name, []byte(s))}
		}
		x, diags := hcl.ParseExpression(name, []byte(s))
		r.report(diags)
		if diags.HasErrors() {
			return
		}
		val, diags = x.Value(nil)
		r.report(diags)
		if diags.HasErrors() {
			return
		}
	}
	r.set(v, val, v.pos, from)
}

// set converts and stores a value. The value itself is not shown: it may be a secret.
func (r *hclReader) set(v *variable, val cty.Value, at Pos, from string) {
	val, err := v.convert(val)
	v.val = val
	if err != nil {
		detail := ""
		if from != "" {
			detail = "the value comes from " + from
		}
		r.l.diags.add(at, detail, "variable %q: %s", v.name, err)
		if v.sensitive {
			r.l.diags[len(r.l.diags)-1].Source = " " // not the line with the value
		}
	}
}

// varFile reads a -var-file.
func (r *hclReader) varFile(path string) error {
	if !strings.HasSuffix(path, ".hcl") && !strings.HasSuffix(path, ".json") {
		r.l.diags.add(Pos{File: path}, "", "the name of a variables file ends in .pkrvars.hcl or .pkrvars.json")
		return nil
	}
	src, err := readFile(path)
	if err != nil {
		return fmt.Errorf("read variables: %w", err)
	}
	r.setFile(r.parse(r.l.addText(path, src)))
	return nil
}

// setFile takes the values of a variables file. Undeclared ones are warned of.
func (r *hclReader) setFile(s *source) {
	attrs, diags := s.Body.JustAttributes()
	r.report(diags)
	for _, a := range sorted(attrs) {
		v := r.vars[a.Name]
		switch {
		case v != nil:
		case r.l.opt.QuietUndeclared:
			continue
		default:
			r.l.diags.warn(r.pos(a.NameRange), didYouMean(a.Name, r.order), "variable %q is not declared", a.Name)
			continue
		}
		val, diags := a.Expr.Value(nil)
		r.report(diags)
		if !diags.HasErrors() {
			r.set(v, val, r.pos(a.Expr.Range()), "")
		}
	}
}

// closeVariables reports variables without a value, marks the sensitive ones, puts
// all in scope, and checks the validation blocks.
func (r *hclReader) closeVariables() {
	all := map[string]cty.Value{}
	for _, name := range r.order {
		v := r.vars[name]
		if v.val == cty.NilVal && !r.l.lenient() {
			r.l.diags.add(v.pos, fmt.Sprintf("give it with -var %s=…, in a -var-file, as PKR_VAR_%s, or with a default", name, name),
				"variable %q has no value", name)
		}
		if v.val == cty.NilVal {
			v.val = cty.DynamicVal
		}
		if v.sensitive {
			r.secrets.declare(v.val)
			v.val = v.val.Mark(sensitive{})
		}
		all[name] = v.val
	}
	r.root.Variables["var"] = cty.ObjectVal(all)
	if r.l.opt.SyntaxOnly {
		return
	}
	for _, name := range r.order {
		v := r.vars[name]
		for _, rule := range v.rules {
			r.validate(v, rule)
		}
	}
}

func (r *hclReader) validate(v *variable, rule validation) {
	if plain, _ := v.val.Unmark(); !plain.IsKnown() {
		return
	}
	ok, hd := rule.condition.Value(r.root)
	if hd.HasErrors() {
		r.l.diags = append(r.l.diags, r.explain(hd, rule.condition)...)
		return
	}
	ok, _ = ok.Unmark()
	switch {
	case ok.Type() != cty.Bool || ok.IsNull() || !ok.IsKnown():
		r.l.diags.add(r.pos(rule.condition.Range()), "", "condition of variable %q is not true or false", v.name)
	case ok.False():
		r.l.diags.add(r.pos(rule.condition.Range()), rule.message, "value of variable %q is not valid", v.name)
	}
}

// sorted puts attributes into source order.
func sorted(attrs hclv2.Attributes) []*hclv2.Attribute {
	list := make([]*hclv2.Attribute, 0, len(attrs))
	for _, a := range attrs {
		list = append(list, a)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].NameRange.Start.Byte < list[j].NameRange.Start.Byte })
	return list
}
