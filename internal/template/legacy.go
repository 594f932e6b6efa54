package template

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/fix"
	"github.com/proofmark-build/proofmark/internal/template/interpolate"
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// legacyReader reads one legacy JSON template.
type legacyReader struct {
	l     *loader
	text  *text
	vars  *userVars
	env   *interpolate.Env
	names []string // of the builders, as written and as rendered
	// wasType are the types of builders as they are written: fixing may change them,
	// and a builder without a name goes by its type.
	wasType map[*json.Node]string
}

// rootKeys are the members that a template may have at its top.
var rootKeys = []string{
	"builders", "provisioners", "post-processors", "variables", "sensitive-variables",
	"min_packer_version", "description", "error-cleanup-provisioner",
	"verifiers", "labels",
}

func (l *loader) legacy(t *text) error {
	l.tmpl.Digest = l.digest()
	root, ok := l.parseJSON(t)
	if !ok {
		return nil
	}
	r := &legacyReader{l: l, text: t, env: &interpolate.Env{
		Dir: l.tmpl.Dir, Version: PackerVersion, Now: l.opt.Now,
	}}
	for _, m := range root.Members {
		r.rootKey(m)
	}
	r.vars = newUserVars(l, t)
	r.env.User = r.vars.answer
	r.vars.declare(root.Fold("variables"))
	r.vars.declareSensitive(root.Fold("sensitive-variables"))
	if err := r.vars.take(); err != nil {
		return err
	}
	r.l.tmpl.Description = r.str(root.Fold("description"), "description")
	if l.lenient() {
		r.syntax(root)
		return nil
	}
	r.wasType = typesOf(root.Fold("builders"))
	r.l.diags = append(r.l.diags, oldSpellings(t, fix.Apply(root))...)
	r.vars.evaluate()
	r.version(root.Fold("min_packer_version"))
	r.builds(root)
	r.finish()
	return nil
}

// parseJSON reads a text whose value must be an object.
func (l *loader) parseJSON(t *text) (*json.Node, bool) {
	n, notes := json.Parse(t.src)
	for _, x := range notes {
		l.diags = append(l.diags, Diagnostic{Warning: x.Warning, Pos: t.pos(x.Off), Summary: x.Msg, Detail: x.Hint})
	}
	if n != nil && n.Kind != json.Object {
		l.diags.add(t.pos(n.Off), "it begins with {", "file holds %s, not an object", n.Kind)
		return nil, false
	}
	return n, n != nil
}

func (r *legacyReader) pos(off int) Pos { return r.text.pos(off) }

func (r *legacyReader) rootKey(m json.Member) {
	if strings.HasPrefix(m.Name, "_") {
		return // a comment
	}
	for _, k := range rootKeys {
		if k == m.Name {
			return
		}
	}
	for _, k := range rootKeys {
		if strings.EqualFold(k, m.Name) {
			r.l.diags.warn(r.pos(m.Off), "", "root level key %q is written %q", m.Name, k)
			return
		}
	}
	if m.Name == "push" {
		r.l.diags.warn(r.pos(m.Off), "the service it was for is gone: remove it", "push is ignored")
		return
	}
	r.l.diags.add(r.pos(m.Off), didYouMean(m.Name, rootKeys), "unknown root level key %q", m.Name)
}

func (r *legacyReader) version(n *json.Node) {
	min := r.str(n, "min_packer_version")
	if min == "" {
		return
	}
	switch ok, err := satisfies(PackerVersion, ">= "+min); {
	case err != nil:
		r.l.diags.add(r.pos(n.Off), `write it like "1.7.0"`, "min_packer_version: %s", err)
	case !ok:
		r.l.diags.add(r.pos(n.Off), "", "template requires Packer %s or higher; this program works as Packer %s", min, PackerVersion)
	}
}

// str takes a string; nil is "".
func (r *legacyReader) str(n *json.Node, name string) string {
	if n == nil {
		return ""
	}
	if n.Kind != json.String {
		r.l.diags.add(r.pos(n.Off), "", "%s is a string, not %s", name, n.Kind)
		return ""
	}
	return n.Text
}

// elements takes a list; nil is empty.
func (r *legacyReader) elements(n *json.Node, name string) []*json.Node {
	if n == nil || n.Kind == json.Null {
		return nil
	}
	if n.Kind != json.Array {
		r.l.diags.add(r.pos(n.Off), "", "%s is a list, not %s", name, n.Kind)
		return nil
	}
	return n.Elems
}

// scope is what {{ }} may know in the strings of a component of a build.
func (r *legacyReader) scope(typ, name string) *scope {
	env := *r.env
	env.BuildType, env.BuildName = typ, name
	env.CleanName = r.l.opt.cleanName(typ)
	return &scope{env: &env, secret: r.vars.isSensitive, unset: r.vars.isUnset, legacy: true}
}

// node turns JSON into configuration.
func (r *legacyReader) node(j *json.Node, sc *scope, late map[string]string) *node {
	n := &node{pos: r.pos(j.Off)}
	switch j.Kind {
	case json.Array:
		n.kind = listNode
		for _, e := range j.Elems {
			n.list = append(n.list, r.node(e, sc, late))
		}
		return n
	case json.Object:
		n.kind = objectNode
		for _, m := range j.Members {
			n.items = append(n.items, &entry{m.Name, r.pos(m.Off), r.node(m.Value, sc, late)})
		}
		return n
	}
	n.leaf = leaf{scope: sc, once: &rendered{}, late: late}
	switch j.Kind {
	case json.Null:
		n.val = cty.NullVal(cty.String)
	case json.Bool:
		n.val = cty.BoolVal(j.Text == "true")
	case json.Number:
		v, err := cty.ParseNumberVal(j.Text)
		if err != nil {
			v = cty.StringVal(j.Text)
		}
		n.val = v
	default:
		n.val = cty.StringVal(j.Text)
	}
	return n
}

// legacyBody is the body of a component.
type legacyBody struct {
	r     *legacyReader
	json  *json.Node
	scope *scope
}

func (b *legacyBody) eval(late map[string]string) (*node, Diagnostics) {
	return b.r.node(b.json, b.scope, late), nil
}

// finish hands over variables and secrets.
func (r *legacyReader) finish() {
	var secrets secretSet
	for _, v := range r.vars.list {
		p := Variable{Name: v.name, Value: v.value, Default: v.def, Sensitive: v.sensitive, Pos: v.pos}
		r.l.tmpl.Variables = append(r.l.tmpl.Variables, p)
		if v.sensitive {
			secrets.declare(cty.StringVal(v.value))
		}
	}
	for _, b := range r.l.blocks {
		n, _ := b.eval(nil)
		n.eachSecret(secrets.derive)
	}
	r.l.tmpl.secrets = secrets.list()
}

// typesOf are the types of the objects in a list.
func typesOf(list *json.Node) map[*json.Node]string {
	types := map[*json.Node]string{}
	if list == nil {
		return types
	}
	for _, e := range list.Elems {
		if t := e.Get("type"); t != nil && t.Kind == json.String {
			types[e] = t.Text
		}
	}
	return types
}
