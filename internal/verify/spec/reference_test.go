package spec

import (
	"slices"
	"testing"
)

func TestResources(t *testing.T) {
	t.Parallel()
	list := Resources()
	if !slices.IsSortedFunc(list, func(a, b Resource) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	}) {
		t.Error("resources are not sorted by name")
	}
	i := slices.IndexFunc(list, func(r Resource) bool { return r.Name == "file" })
	if i < 0 {
		t.Fatal("there is no file")
	}
	f := list[i]
	if f.Key != "path" || f.Obvious != "exists: true" || f.Attributes[0].Value != "yes or no" {
		t.Errorf("%+v", f)
	}
	for _, a := range f.Attributes {
		if a.Name == "contents" && (a.Value != "lines" || !slices.Contains(a.Aliases, "contains")) {
			t.Errorf("%+v", a)
		}
	}
}

// Every matcher that is named exists.
func TestMatchersExist(t *testing.T) {
	t.Parallel()
	for _, name := range Matchers() {
		var p problems
		doc := readDocument(plainText("x.yaml", "file: {/x: {size: {"+name+": 1}}}"), false, &p)
		read(doc, "goss", &p)
		for _, d := range p.list {
			if d.Summary == `unknown matcher "`+name+`"` {
				t.Error(d.Summary)
			}
		}
	}
}
