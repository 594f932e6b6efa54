package upgrade

import (
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// variables writes the user variables. One whose default is computed becomes a
// local of the same name, which a variable of that name still replaces.
func (u *upgrader) variables(root *json.Node) {
	var sensitive []string
	for _, e := range asList(root.Fold("sensitive-variables")) {
		sensitive = append(sensitive, textOf(e))
	}
	declared := root.Fold("variables")
	var members []json.Member
	if declared != nil {
		members = declared.Members
	}
	for _, m := range members {
		u.names[m.Name] = "var." + u.variableName(m)
		if computed(m.Value) {
			u.names[m.Name] = "local." + u.variableName(m)
		}
	}
	for _, name := range undeclared(root, u.names) {
		u.names[name] = "var." + identifier(name)
		members = append(members, json.Member{Name: name, Off: root.Off, Value: &json.Node{Kind: json.String}})
	}
	for _, name := range sensitive {
		if u.names[name] == "" {
			u.names[name] = "var." + identifier(name)
			members = append(members, json.Member{Name: name, Off: root.Off, Value: &json.Node{Kind: json.String}})
		}
	}
	if len(members) > 0 {
		u.explain(&u.vars, "Variables are given with -var, -var-file and PKR_VAR_name.")
	}
	for _, m := range members {
		u.variable(m, slices.Contains(sensitive, m.Name))
	}
}

func (u *upgrader) variableName(m json.Member) string {
	name := identifier(m.Name)
	if name != m.Name {
		u.note(m.Off, "give it under its new name", "variable %q is now %q", m.Name, name)
	}
	return name
}

func (u *upgrader) variable(m json.Member, sensitive bool) {
	name := identifier(m.Name)
	def, local := "", ""
	switch {
	case m.Value.Kind == json.Null:
	case computed(m.Value):
		def, local = "null", u.computedDefault(m.Value.Text)
	default:
		def = u.envDefault(m.Value.Text)
	}
	u.vars.WriteString("variable " + quote(name) + " {\ntype = string\n")
	if def != "" {
		u.vars.WriteString("default = " + def + "\n")
	}
	if sensitive {
		u.vars.WriteString("sensitive = true\n")
	}
	u.vars.WriteString("}\n\n")
	if local == "" {
		return
	}
	u.explain(&u.vars, "A default that is computed stands in a local.")
	local = "var." + name + " != null ? var." + name + " : " + local
	if sensitive {
		u.vars.WriteString("local " + quote(name) + " {\nexpression = " + local + "\nsensitive = true\n}\n\n")
		return
	}
	u.vars.WriteString("locals {\n" + name + " = " + local + "\n}\n\n")
}

// computed tells whether a default needs more than env, which is all that the
// default of an HCL2 variable may call.
func computed(v *json.Node) bool {
	if v.Kind != json.String || !interpolate.Has(v.Text) {
		return false
	}
	for _, a := range split(v.Text) {
		if a.action && !a.isCall("env", 1) {
			return true
		}
	}
	return false
}

// envDefault is a default without computed parts.
func (u *upgrader) envDefault(s string) string {
	var b strings.Builder
	pieces := split(s)
	for _, a := range pieces {
		if a.action {
			call := "env(" + quote(a.args()[0]) + ")"
			if len(pieces) == 1 {
				return call
			}
			b.WriteString("${" + call + "}")
			continue
		}
		b.WriteString(escape(a.text))
	}
	return `"` + b.String() + `"`
}

// computedDefault is the expression of a local. env works in defaults alone, so
// that each name that it is asked for becomes a variable.
func (u *upgrader) computedDefault(s string) string {
	var b strings.Builder
	for _, a := range split(s) {
		switch {
		case !a.action:
			b.WriteString(escape(a.text))
		case a.isCall("uuid", 0):
			b.WriteString("${uuidv4()}")
		case a.isCall("vault", 2), a.isCall("consul_key", 1), a.isCall("aws_secretsmanager", 2), a.isCall("aws_secretsmanager_raw", 1):
			var args []string
			for _, arg := range a.args() {
				args = append(args, quote(arg))
			}
			b.WriteString("${" + a.words()[0] + "(" + strings.Join(args, ", ") + ")}")
		default:
			b.WriteString(u.action(a))
		}
	}
	return `"` + b.String() + `"`
}

// environment declares the variable that holds a value of the environment.
func (u *upgrader) environment(name string) string {
	v := "env_" + identifier(name)
	if u.env == nil {
		u.env = map[string]bool{}
	}
	if !u.env[v] {
		u.env[v] = true
		u.vars.WriteString("variable " + quote(v) + " {\ntype = string\ndefault = env(" + quote(name) + ")\n}\n\n")
	}
	return "var." + v
}

// undeclared lists the user variables that texts use without a declaration.
func undeclared(n *json.Node, known map[string]string) []string {
	var out []string
	eachText(n, func(s string) {
		use, err := interpolate.Inspect(s)
		if err != nil {
			return
		}
		for _, name := range use.Users {
			if known[name] == "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	})
	return out
}

func eachText(n *json.Node, f func(string)) {
	if n.Kind == json.String {
		f(n.Text)
	}
	for _, e := range n.Elems {
		eachText(e, f)
	}
	for _, m := range n.Members {
		eachText(m.Value, f)
	}
}
