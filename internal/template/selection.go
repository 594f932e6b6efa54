package template

import (
	"github.com/gobwas/glob"
)

// selection is what -only and -except choose.
type selection struct{ only, except []*glob.Pattern }

func newSelection(diags *Diagnostics, o Options) selection {
	compile := func(flag string, patterns []string) []*glob.Pattern {
		var out []*glob.Pattern
		for _, p := range patterns {
			g, err := glob.Compile(p)
			if err != nil {
				diags.add(Pos{}, "", "-%s=%s is not a pattern: %s", flag, p, err)
				continue
			}
			out = append(out, g)
		}
		return out
	}
	return selection{only: compile("only", o.Only), except: compile("except", o.Except)}
}

func anyMatch(globs []*glob.Pattern, name string) bool {
	for _, g := range globs {
		if g.Match(name) {
			return true
		}
	}
	return false
}

// build tells whether a build is wanted.
func (s selection) build(name string) bool {
	if len(s.only) > 0 && !anyMatch(s.only, name) {
		return false
	}
	return !anyMatch(s.except, name)
}

// postProcessor tells whether a post-processor is wanted; -only does not matter.
func (s selection) postProcessor(typ, name string) bool {
	if name == "" {
		name = typ
	}
	return !anyMatch(s.except, name)
}
