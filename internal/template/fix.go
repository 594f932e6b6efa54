package template

import (
	"github.com/proofmark-build/proofmark/internal/template/fix"
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// Fix writes a legacy JSON template in the spellings of today. What need not change
// keeps its form and order, comments too; trailing commas and repeated names go.
// The warnings tell what was changed, by places in src. The error is Diagnostics:
// src is not JSON, or its builders
// are not where they belong. name is for positions alone.
func Fix(name string, src []byte) (out []byte, changes Diagnostics, err error) {
	t := newText(name, src)
	l := &loader{path: name, tmpl: &Template{Path: name}, texts: texts{t}}
	root, ok := l.parseJSON(t)
	if !ok {
		return nil, nil, l.diags.arrange(l.texts).Err()
	}
	for _, f := range fix.Check(root) {
		l.diags.add(t.pos(f.Off), "", "%s", f.What)
	}
	if l.diags.Err() != nil {
		return nil, nil, l.diags.arrange(l.texts).Err()
	}
	l.diags = append(l.diags, oldSpellings(t, fix.Apply(root))...)
	return json.Write(src, root), l.diags.arrange(l.texts), nil
}

// oldSpellings warns of what was changed.
func oldSpellings(t *text, changes []fix.Change) Diagnostics {
	var d Diagnostics
	for _, c := range changes {
		d.warn(t.pos(c.Off), "proofmark fix writes "+c.Now, "%s", c.What)
	}
	return d
}
