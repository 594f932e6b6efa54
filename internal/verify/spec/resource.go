package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// resource is one thing with the checks that a spec makes of it.
type resource struct {
	source  string // "goss" or "inline"
	kind    *kind
	id      string // its key
	name    string // what the machine calls it
	pos     template.Pos
	skip    bool
	late    bool // an option is not known yet
	title   string
	options map[string]*node
	checks  []check
	secrets secrets
	// replaced is where a file that was read later says something else.
	replaced template.Pos
}

// check is one attribute with what is wanted of it.
type check struct {
	attribute *attribute
	matcher   matcher // nil when late
	pos       template.Pos
	secret    bool // what is wanted is sensitive
	late      bool // what is wanted is not known yet
}

// read makes the resources of a document.
func read(doc *node, source string, p *problems) []*resource {
	known := kinds()
	names := make([]string, len(known), len(known)+1)
	byName := make(map[string]*kind)
	for i, k := range known {
		names[i], byName[k.name] = k.name, k
	}
	if source == "goss" {
		names = append(names, "gossfile")
	}
	var resources []*resource
	seen := make(map[string]template.Pos)
	for _, section := range doc.fields {
		k := byName[canonical(section.name)]
		switch {
		case source == "goss" && (section.name == "gossfile" || ignored(section.name)):
			continue
		case section.name == "registry":
			p.add(section.pos, "", "the resource \"registry\" exists on Windows only")
			continue
		case k == nil:
			p.add(section.pos, nearest(section.name, names), "unknown resource %q", section.name)
			continue
		case section.value.shape == null:
			continue
		case section.value.shape != mapping:
			p.add(section.value.pos, example(k, source), "%s needs names of what to check, not %s", k.name, section.value.is())
			continue
		}
		for _, f := range section.value.fields {
			if first, ok := seen[k.name+"\x00"+f.name]; ok {
				p.add(f.pos, "put all checks of it in one place", "%s %q is given twice, first at %s", k.name, f.name, first)
				continue
			}
			seen[k.name+"\x00"+f.name] = f.pos
			resources = append(resources, newResource(k, f, source, p))
		}
	}
	return resources
}

// ignored tells whether a top-level key is a place to keep YAML anchors.
func ignored(name string) bool {
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// example shows how a resource is written.
func example(k *kind, source string) string {
	if source == "inline" {
		return fmt.Sprintf(`such as %s "NAME" { %s = … }`, strings.ReplaceAll(k.name, "-", "_"), strings.ReplaceAll(k.attributes[0].name, "-", "_"))
	}
	return fmt.Sprintf("such as %s: {NAME: {%s: …}}", k.name, k.attributes[0].name)
}

func newResource(k *kind, f field, source string, p *problems) *resource {
	r := &resource{source: source, kind: k, id: f.name, name: f.name, pos: f.pos, options: make(map[string]*node)}
	for _, x := range f.value.fields {
		if canonical(x.name) == "password" {
			x.value.markSecret()
		}
	}
	r.secrets = hiding(f.value.secrets())
	if r.secrets.any() {
		// What is wrong with a sensitive value is said without showing it.
		defer func(before int) {
			for i := range p.list[before:] {
				d := &p.list[before+i]
				d.Summary, d.Detail = r.secrets.hide(d.Summary), r.secrets.hide(d.Detail)
			}
		}(len(p.list))
	}
	switch f.value.shape {
	case mapping, null:
	default:
		if _, ok := k.option(f.name); ok || k.find(f.name) != nil {
			p.add(f.pos, example(k, source), "%s needs a name before its attributes", k.name)
		} else {
			p.add(f.value.pos, example(k, source), "%s %q needs attributes, not %s", k.name, f.name, f.value.is())
		}
		return r
	}
	f.value.duplicates(p, "%q")
	wanted := make(map[*attribute]field)
	for _, x := range f.value.fields {
		if a := k.find(x.name); a != nil {
			if other, ok := wanted[a]; ok && other.name != x.name {
				p.add(x.pos, "", "%q means the same as %q at %s", x.name, other.name, other.pos)
			}
			wanted[a] = x
			continue
		}
		if t, ok := k.option(x.name); ok {
			switch {
			case x.value.some(func(n *node) bool { return n.late }):
				r.late = true
			case x.value.shape != null && validOption(t, x, p):
				r.options[canonical(x.name)] = x.value
			}
			continue
		}
		p.add(x.pos, nearest(x.name, k.words()), "unknown attribute %q of %s", x.name, k.name)
	}
	if name := r.text(k.naming); name != "" {
		r.name = name
	}
	if k.malformed != nil && !r.late {
		if must := k.malformed(r.name); must != "" {
			p.add(f.pos, "", "%s %q must be %s", k.name, r.name, must)
		}
	}
	r.skip, r.title = r.flag("skip"), r.text("title")
	r.compile(wanted, f, p)
	return r
}

// compile makes the checks, in the order of the kind's attributes. A resource of
// which nothing is expected is never left out: it gets what is obvious.
func (r *resource) compile(wanted map[*attribute]field, f field, p *problems) {
	k := r.kind
	for i := range k.attributes {
		a := &k.attributes[i]
		x, ok := wanted[a]
		if !ok || x.value.shape == null {
			continue
		}
		if x.value.shape == list && len(x.value.items) == 0 {
			continue // as goss add writes it: nothing is expected
		}
		if r.source == "inline" && canonical(x.name) == "contains" && x.value.shape == scalar {
			x.value = &node{pos: x.value.pos, shape: list, items: []*node{x.value}}
		}
		form := a.form
		if r.flag("as-reader") {
			form = text
		}
		c := check{
			attribute: a, pos: x.pos,
			secret: x.value.some(func(n *node) bool { return n.secret }),
			late:   x.value.some(func(n *node) bool { return n.late }),
		}
		if !c.late { // else there is nothing to compare with until the gate
			c.matcher = compile(x.value, form, p)
		}
		r.checks = append(r.checks, c)
	}
	if len(r.checks) > 0 {
		return
	}
	if len(k.obvious) == 0 {
		p.add(f.pos, "", "%s %q says nothing to check", k.name, f.name)
	}
	for _, w := range k.obvious {
		a := k.find(w.attribute)
		r.checks = append(r.checks, check{attribute: a, matcher: compile(newScalar(f.pos, w.value, fmt.Sprint(w.value)), a.form, p), pos: f.pos})
	}
}

// validOption tells whether an option can be read, and notes it when it cannot.
func validOption(t optionType, f field, p *problems) bool {
	n, ok := f.value, true
	want := "a text"
	switch t {
	case optText:
		ok = n.shape == scalar
	case optFlag:
		want = "true or false"
		_, ok = asFlag(n)
	case optDuration:
		want = "a number of milliseconds"
		_, ok = asDuration(n)
	case optNumber:
		want = "a number"
		_, ok = asNumber(n.plain())
	case optLines:
		want = "a list of texts"
		ok = n.shape == list || n.shape == scalar
		for _, x := range n.items {
			if ok && x.shape != scalar {
				ok, n = false, x
			}
		}
	}
	if !ok {
		p.add(n.pos, "", "%s needs %s, not %s", f.name, want, n.is())
	}
	return ok
}

func asFlag(n *node) (value, ok bool) {
	switch strings.ToLower(n.text) {
	case "true", "yes", "on":
		return true, n.shape == scalar
	case "false", "no", "off":
		return false, n.shape == scalar
	}
	return false, false
}

func asDuration(n *node) (time.Duration, bool) {
	if ms, ok := asNumber(n.plain()); ok {
		return time.Duration(ms * float64(time.Millisecond)), ms >= 0
	}
	d, err := time.ParseDuration(n.text)
	return d, err == nil && d >= 0
}

// text returns an option, or "".
func (r *resource) text(option string) string {
	if n := r.options[option]; n != nil {
		return n.text
	}
	return ""
}

func (r *resource) flag(option string) bool {
	n := r.options[option]
	if n == nil {
		return false
	}
	value, _ := asFlag(n)
	return value
}

// timeout returns the option timeout, or what goss takes when there is none.
func (r *resource) timeout(otherwise time.Duration) time.Duration {
	if n := r.options["timeout"]; n != nil {
		if d, _ := asDuration(n); d > 0 {
			return d
		}
	}
	return otherwise
}

// arguments copies options that were given into those of a question.
func (r *resource) arguments(args map[string]string, options ...string) map[string]string {
	for _, o := range options {
		switch n := r.options[o]; {
		case n == nil:
		case n.shape == list:
			lines := make([]string, len(n.items))
			for i, x := range n.items {
				lines[i] = x.text
			}
			args[o] = strings.Join(lines, "\n")
		case r.kind.options[o] == optFlag:
			if r.flag(o) {
				args[o] = "1"
			}
		case n.text != "":
			args[o] = n.text
		}
	}
	return args
}

// asks tells whether a check needs one of these attributes.
func (r *resource) asks(attributes ...string) bool {
	return slices.ContainsFunc(r.checks, func(c check) bool { return slices.Contains(attributes, c.attribute.name) })
}
