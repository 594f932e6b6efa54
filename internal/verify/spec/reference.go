package spec

import (
	"fmt"
	"maps"
	"slices"
)

// Resource describes a kind of thing that checks are about, for reference pages.
type Resource struct {
	Name       string // as in goss files; inline checks write - or _
	Key        string // the option that names the thing when its key does not, or ""
	Attributes []Attribute
	Options    []string // what is no check: timeout, method …
	Obvious    string   // what is expected when no attribute is given, or ""
}

// Attribute is what a check compares.
type Attribute struct {
	Name    string
	Aliases []string
	Value   string // what it is compared with: "yes or no", "list" …
}

// Resources lists every kind of resource by name.
func Resources() []Resource {
	var list []Resource
	for _, k := range kinds() {
		r := Resource{Name: k.name, Key: k.naming, Options: slices.Sorted(maps.Keys(k.options))}
		for _, a := range k.attributes {
			r.Attributes = append(r.Attributes, Attribute{a.name, a.aliases, a.value()})
		}
		for i, w := range k.obvious {
			if i > 0 {
				r.Obvious += ", "
			}
			r.Obvious += fmt.Sprintf("%s: %v", w.attribute, w.value)
		}
		list = append(list, r)
	}
	return list
}

// CommonOptions lists what every resource takes beside its attributes.
func CommonOptions() []string { return slices.Sorted(maps.Keys(common)) }

// Matchers lists the names of matchers.
func Matchers() []string { return slices.Clone(matcherNames) }

// value says in words what the attribute is.
func (a *attribute) value() string {
	switch {
	case a.is != "":
		return "yes or no"
	case a.plural:
		return "list"
	case a.form == text:
		return "lines"
	case a.form == mode:
		return "octal mode"
	}
	return "value"
}
