package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// environment turns "K=V" entries into a map.
func environment(entries []string) map[string]string {
	env := make(map[string]string, len(entries))
	for _, e := range entries {
		if k, v, ok := strings.Cut(e, "="); ok {
			env[k] = v
		}
	}
	return env
}

// readVars reads variables from a file or, when path is empty, from text.
func readVars(path, content string, p *problems) map[string]any {
	name := path
	if path == "" {
		name = "inline variables"
	} else {
		b, err := os.ReadFile(path)
		if err != nil {
			p.add(template.Pos{File: path}, "", "cannot read variables: %v", err)
			return nil
		}
		content = string(b)
	}
	content = strings.TrimPrefix(content, "\ufeff")
	p.source(name, content)
	// A mapping in braces is JSON, or else YAML in its flow form.
	r := plainText(name, content)
	var doc *node
	if strings.HasPrefix(strings.TrimSpace(content), "{") {
		doc = readDocument(r, true, &problems{})
	}
	if doc == nil {
		doc = readDocument(r, strings.EqualFold(filepath.Ext(path), ".json"), p)
	}
	if doc == nil {
		return nil
	}
	if doc.shape != mapping {
		p.add(doc.pos, "", "variables must be a mapping of names to values, not %s", doc.is())
		return nil
	}
	vars, _ := forTemplates(doc.plain()).(map[string]any)
	return vars
}

// forTemplates makes whole numbers int, as functions of templates want them.
func forTemplates(v any) any {
	switch x := v.(type) {
	case int64:
		return int(x)
	case []any:
		for i := range x {
			x[i] = forTemplates(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = forTemplates(x[k])
		}
	}
	return v
}

// mergeVars lays over onto base: mappings are merged, other values replaced
// unless the new one is empty.
func mergeVars(base, over map[string]any) {
	for k, v := range over {
		old, there := base[k]
		a, ok1 := old.(map[string]any)
		b, ok2 := v.(map[string]any)
		switch {
		case ok1 && ok2:
			mergeVars(a, b)
		case there && isEmpty(v):
		default:
			base[k] = v
		}
	}
}

func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	s := fmt.Sprint(v)
	return s == "" || s == "0" || s == "false"
}
