package templatetest

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Full checks a template in legacy JSON that uses every option of the set's kinds:
// it must be valid, and its HCL2 form too; each option must be in it, those that
// several kinds share with one of them, and those of except with none.
func Full[T any](t *testing.T, set template.Set[T], file string, except []string, inputs ...template.Input) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := Check(t, set, string(text), inputs...); got != "" {
		t.Errorf("%s is not valid:\n%s", file, got)
	}
	options := map[string][]template.Option{}
	for _, c := range set.Components() {
		options[c.Name] = c.Options
	}
	out, _, err := template.HCL2Upgrade(file, text, template.UpgradeOptions{
		Options: func(_, typ string) []template.Option { return options[typ] },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := Check(t, set, string(out), inputs...); got != "" {
		t.Errorf("the HCL2 form of %s is not valid:\n%s\n%s", file, got, out)
	}

	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var blocks []map[string]any
	types := map[string]bool{}
	for _, key := range []string{"builders", "provisioners", "post-processors"} {
		list, _ := root[key].([]any)
		for _, e := range list {
			if block, ok := e.(map[string]any); ok {
				typ, _ := block["type"].(string)
				types[typ] = true
				blocks = append(blocks, block)
			}
		}
	}
	told := map[string]bool{}
	for typ, list := range options {
		if !types[typ] {
			t.Errorf("%s has no %s", file, typ)
		}
		for _, name := range unused(list, blocks, "") {
			if !told[name] && !slices.Contains(except, name) {
				t.Errorf("%s: no block has %s", file, name)
			}
			told[name] = true
		}
	}
}

// unused lists the options that none of some blocks has.
func unused(options []template.Option, blocks []map[string]any, path string) (out []string) {
	for _, o := range options {
		var inner []map[string]any
		found := false
		for _, b := range blocks {
			v, ok := b[o.Name]
			found = found || ok
			inner = append(inner, objects(v)...)
		}
		if !found {
			out = append(out, path+o.Name)
			continue
		}
		if len(o.Options) > 0 {
			out = append(out, unused(o.Options, inner, path+o.Name+".")...)
		}
	}
	return out
}

// objects lists the objects that a value is or holds.
func objects(v any) (out []map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		for _, e := range v {
			out = append(out, objects(e)...)
		}
	}
	return out
}
