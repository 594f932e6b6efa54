package template

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// userVar is a user variable of a legacy template.
type userVar struct {
	name      string
	pos       Pos
	def       string
	declared  bool   // by the template; else -var, a file or sensitive-variables name it alone
	required  bool   // its default is null
	given     bool   // by -var or -var-file
	source    string // the text that its value is made of, when it is given
	from      Pos    // of the text
	value     string
	sensitive bool
	state     evalState
	failed    bool // it mentions a variable that has no value, or itself
}

// userVars are all of them. Values are known after evaluate.
type userVars struct {
	l    *loader
	text *text
	list []*userVar
	by   map[string]*userVar
	env  interpolate.Env // for defaults
	path []string        // of the variables under evaluation

	faults  Diagnostics // variables that failed
	chained bool        // one that mentions another has a value
}

func newUserVars(l *loader, t *text) *userVars {
	v := &userVars{l: l, text: t, by: map[string]*userVar{}}
	v.env = interpolate.Env{
		User: v.answer, Getenv: l.opt.getenv, Ask: v.ask,
		Dir: l.tmpl.Dir, Version: PackerVersion, Now: l.opt.Now,
	}
	return v
}

func (v *userVars) add(name string, pos Pos) *userVar {
	u := v.by[name]
	if u == nil {
		u = &userVar{name: name, pos: pos}
		v.by[name] = u
		v.list = append(v.list, u)
	}
	return u
}

// declare reads the variables of the template.
func (v *userVars) declare(n *json.Node) {
	if n == nil || n.Kind == json.Null {
		return
	}
	if n.Kind != json.Object {
		v.l.diags.add(v.text.pos(n.Off), "", "variables are an object, not %s", n.Kind)
		return
	}
	for _, m := range n.Members {
		u := v.add(m.Name, v.text.pos(m.Off))
		u.declared = true
		if m.Value.Kind == json.Null {
			u.required = true
			continue
		}
		u.def, _ = v.scalar(v.text, m, "default of variable")
	}
}

// scalar takes a string, and a number or bool with a warning. As in Packer null is the
// empty string.
func (v *userVars) scalar(t *text, m json.Member, what string) (string, bool) {
	at := t.pos(m.Value.Off)
	switch m.Value.Kind {
	case json.Null:
		return "", true
	case json.String:
	case json.Number, json.Bool:
		v.l.diags.warn(at, fmt.Sprintf("Packer refuses it: write \"%s\"", m.Value.Text), "%s %q is %s, not a string", what, m.Name, m.Value.Kind)
	default:
		v.l.diags.add(at, "", "%s %q is a string, not %s", what, m.Name, m.Value.Kind)
		return "", false
	}
	return m.Value.Text, true
}

func (v *userVars) declareSensitive(n *json.Node) {
	if n == nil || n.Kind == json.Null {
		return
	}
	if n.Kind != json.Array {
		v.l.diags.add(v.text.pos(n.Off), "", "sensitive-variables is a list of names, not %s", n.Kind)
		return
	}
	for _, e := range n.Elems {
		at := v.text.pos(e.Off)
		if e.Kind != json.String {
			v.l.diags.add(at, "", "sensitive-variables holds names, not %s", e.Kind)
			continue
		}
		if v.by[e.Text] == nil {
			v.l.diags.warn(at, didYouMean(e.Text, v.names()), "variable %q is not declared", e.Text)
		}
		v.add(e.Text, at).sensitive = true
	}
}

func (v *userVars) names() []string {
	var names []string
	for _, u := range v.list {
		names = append(names, u.name)
	}
	return names
}

// take applies -var-file, then -var, whatever their order.
func (v *userVars) take() error {
	for _, in := range v.l.opt.Inputs {
		if in.File != "" {
			if err := v.file(in.File); err != nil {
				return err
			}
		}
	}
	for _, in := range v.l.opt.Inputs {
		if in.File == "" {
			v.give(in.Name, in.Value, Pos{})
		}
	}
	return nil
}

// evaluate renders the defaults, and the values that were given. That one fails is an
// error only when no other that mentions a variable succeeds: Packer goes on then, and
// templates that work depend on it.
func (v *userVars) evaluate() {
	for _, u := range v.list {
		v.resolve(u)
	}
	for _, d := range v.faults {
		d.Warning = v.chained
		v.l.diags = append(v.l.diags, d)
	}
	v.faults = nil
}

// fail makes of a variable what it is when it cannot be rendered: the text that was
// given, else nothing.
func (u *userVar) fail() {
	u.state, u.failed = evaluated, true
	if !u.given {
		u.value = ""
	}
}

func (v *userVars) give(name, value string, at Pos) {
	u := v.add(name, at)
	u.source, u.value, u.from, u.given = value, value, at, true // rendered by evaluate, which -syntax-only leaves out
	if at.File == "" {
		u.from = u.pos
	}
}

func (v *userVars) file(path string) error {
	src, err := readFile(path)
	if err != nil {
		return fmt.Errorf("read variables: %w", err)
	}
	t := v.l.addText(path, src)
	if strings.HasSuffix(path, ".hcl") {
		v.l.diags.add(Pos{File: path}, "a JSON template takes JSON variables files", "variables file is HCL")
		return nil
	}
	n, ok := v.l.parseJSON(t)
	if !ok {
		return nil
	}
	for _, m := range n.Members {
		if s, ok := v.scalar(t, m, "variable"); ok {
			v.give(m.Name, s, t.pos(m.Off))
		}
	}
	return nil
}

// maxChain bounds how long a chain of variables or locals that need each other may
// be: it is followed by recursion.
const maxChain = 500

// maxVariable bounds a value: defaults that double each other grow fast.
const maxVariable = 4 << 20

// text is what the value is made of, and where it stands.
func (u *userVar) text() (text, what string, at Pos) {
	if u.given {
		return u.source, "value", u.from
	}
	return u.def, "default", u.pos
}

// keptField is a {{.Field}}: it stays in the value of a variable, for the option that
// the variable is used in.
var keptField = regexp.MustCompile(`\{\{\s?\.[^` + "`" + `]*?\s?\}\}`)

// resolve renders a default or a value that was given, after those that it mentions.
func (v *userVars) resolve(u *userVar) {
	switch u.state {
	case evaluated:
		return
	case underway:
		cycle := append(v.path[slices.Index(v.path, u.name):], u.name)
		v.faults.add(u.pos, "cycle: "+strings.Join(cycle, " → "), "variable %q needs itself", u.name)
		u.fail()
		return
	}
	if u.required && !u.given {
		v.l.diags.add(u.pos, fmt.Sprintf("give it with -var %s=… or in a -var-file", u.name), "required variable %q is not set", u.name)
		u.state = evaluated
		return
	}
	if len(v.path) > maxChain {
		v.l.diags.add(u.pos, "", "variable %q comes at the end of a chain of more than %d variables", u.name, maxChain)
		u.state = evaluated
		return
	}
	text, what, at := u.text()
	use, _ := interpolate.Inspect(text) // what is wrong with it is told below
	u.state = underway
	v.path = append(v.path, u.name)
	defer func() { v.path = v.path[:len(v.path)-1] }()
	for _, name := range use.Users {
		other := v.by[name]
		if other == nil {
			v.faults.add(at, didYouMean(name, v.names()), "%s of variable %q: variable %q is not declared", what, u.name, name)
			u.fail()
			return
		}
		v.resolve(other)
		if other.failed && !other.given || u.failed {
			u.fail()
			return
		}
	}
	value, err := interpolate.Render(keptField.ReplaceAllString(text, "{{`$0`}}"), &v.env, nil, nil)
	u.state = evaluated
	switch {
	case err != nil:
		v.l.diags.add(at, "", "%s of variable %q: %s", what, u.name, err)
	case len(value) > maxVariable:
		v.l.diags.add(u.pos, "", "value of variable %q is longer than 4 MiB", u.name)
	default:
		u.value = value
		v.chained = v.chained || len(use.Users) > 0
	}
	if slices.ContainsFunc(use.Users, v.isSensitive) {
		u.sensitive = true
	}
}

// ask answers the functions that read from a service.
func (v *userVars) ask(function string, args []string) (string, error) {
	if v.l.opt.Ask == nil {
		return "", fmt.Errorf("this version cannot ask the service behind %s: give the value with -var", function)
	}
	return v.l.opt.Ask(function, args)
}

// answer is {{user `name`}}. A variable nobody declared is empty.
func (v *userVars) answer(name string) (string, bool) {
	u := v.by[name]
	if u == nil {
		return "", false
	}
	v.resolve(u)
	return u.value, true
}

// isUnset tells whether a variable has no value and that has been reported.
func (v *userVars) isUnset(name string) bool {
	u := v.by[name]
	return u != nil && u.required && !u.given
}

func (v *userVars) isSensitive(name string) bool {
	u := v.by[name]
	return u != nil && u.sensitive
}
