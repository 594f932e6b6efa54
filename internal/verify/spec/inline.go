package spec

import (
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// fromInline reads the inline checks of a template:
//
//	service "nginx"   { running = true }
//	file "/etc/motd"  { mode = "0644", contains = ["welcome"] }
//	command "nginx -t" {}
//
// Resources, attributes and matchers are those of goss files; names may be written
// with _ or -, and contains takes a single text as well as a list. The error is
// template.Diagnostics. Sensitive values appear in no result.
func fromInline(t template.Tree) (*checks, error) {
	var p problems
	resources := read(fromTree(t), "inline", &p)
	if p.err() == nil && len(resources) == 0 {
		p.add(t.Pos, `such as service "nginx" { running = true }`, "there is nothing to check")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return &checks{resources: resources, wait: verify.DefaultWait}, nil
}
