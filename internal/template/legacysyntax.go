package template

import (
	"strconv"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// syntax checks the structure of a template alone: what -syntax-only is for.
func (r *legacyReader) syntax(root *json.Node) {
	builders, parts := r.builders(root), r.parts(root)
	for _, j := range r.elements(root.Fold("provisioners"), "provisioners") {
		r.checkDurations(j)
	}
	r.checkDurations(root.Fold("error-cleanup-provisioner"))
	for _, v := range r.vars.list {
		p := Variable{Name: v.name, Value: v.value, Default: v.def, Sensitive: v.sensitive, Pos: v.pos}
		r.l.tmpl.Variables = append(r.l.tmpl.Variables, p)
	}
	if r.l.outline != nil {
		r.outline(root, builders, parts)
	}
	if r.l.console != nil {
		r.l.console.legacy = r
	}
}

// checkDurations checks those options of a provisioner that are the build's.
func (r *legacyReader) checkDurations(j *json.Node) {
	if j == nil || j.Kind != json.Object {
		return
	}
	for _, m := range j.Members {
		v := m.Value
		if v.Kind != json.String || strings.Contains(v.Text, "{{") || v.Text == "" {
			continue
		}
		switch m.Name {
		case "pause_before", "timeout":
			if _, err := time.ParseDuration(strings.TrimSpace(v.Text)); err != nil {
				r.l.diags.add(r.pos(v.Off), `durations are written like "30s" or "1h15m"`, "option %q: a duration is needed, not %s", m.Name, quoteShort(v.Text))
			}
		case "max_retries":
			if _, err := strconv.Atoi(v.Text); err != nil {
				r.l.diags.add(r.pos(v.Off), "", "option %q: a number is needed, not %s", m.Name, quoteShort(v.Text))
			}
		}
	}
}
