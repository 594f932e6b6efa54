package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// target is a source that a builder became.
type target struct {
	typ, label string
	name       string // the builder's, within quotes, when it is not the label
}

// ref is how build blocks refer to it.
func (t target) ref() string { return t.typ + "." + t.label }

// wanted is how only and except know it.
func (t target) wanted() string { return `"` + t.typ + "." + t.quoted() + `"` }

// key is how override knows it.
func (t target) key() string { return `"` + t.quoted() + `"` }

func (t target) quoted() string {
	if t.name != "" {
		return t.name
	}
	return escape(t.label)
}

// target finds the source that a builder became, by the builder's name.
func (u *upgrader) target(name string) target {
	if t, ok := u.builders[name]; ok {
		return t
	}
	return target{typ: name, label: identifier(name)}
}

// nameOf is the name of a builder as it is written.
func (u *upgrader) nameOf(b *json.Node) string {
	if n := textOf(b.Get("name")); n != "" {
		return n
	}
	if was := u.opt.Types[b]; was != "" {
		return was
	}
	return textOf(b.Get("type"))
}

// renaming tells what is not as it was when the label of a source cannot be the
// builder's name.
func (u *upgrader) renaming(b *json.Node, name string, t target) {
	if t.name == "" {
		return
	}
	off := b.Off
	if n := b.Get("name"); n != nil {
		off = n.Off
	}
	if slices.ContainsFunc(split(name), func(p piece) bool {
		return p.action && u.userCall(p) == "" && !p.isCall("template_dir", 0) && !p.isCall("pwd", 0)
	}) {
		u.note(off, "write an HCL2 expression in its place", "name %q holds a function that HCL2 does not fill in there", name)
	}
	u.note(off, fmt.Sprintf("scripts see PACKER_BUILD_NAME=%s, and a manifest names it so", t.label), "builder %q is now the source %q", name, t.label)
}

// inner is a text as it stands within quotes.
func (u *upgrader) inner(s string) string {
	var b strings.Builder
	for _, p := range split(s) {
		if p.action {
			b.WriteString(u.action(p))
			continue
		}
		b.WriteString(escape(p.text))
	}
	return b.String()
}

// named writes out the defaults that hold the build's name, where that is not the
// label: defaults know the label alone.
func (u *upgrader) named(kind, typ string, n *json.Node) {
	if u.name == "" || u.opt.Named == nil {
		return
	}
	for _, d := range u.opt.Named(kind, typ) {
		if v := n.Get(d.Option); v == nil || v.Kind == json.Null {
			u.printf("%s = %s\n", d.Option, u.text(d.Default))
		}
	}
}
