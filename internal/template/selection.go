package template

import (
	"slices"

	"github.com/gobwas/glob"
)

// matcher tells of a name whether it is meant.
type matcher interface{ Match(name string) bool }

// selection is what -only and -except choose.
type selection struct{ only, except []matcher }

// exactly matches one name, whatever characters it has.
type exactly string

func (e exactly) Match(name string) bool { return name == string(e) }

// names chooses by names, as in JSON.
func (o Options) names() selection {
	exact := func(list []string) []matcher {
		var out []matcher
		for _, name := range list {
			out = append(out, exactly(name))
		}
		return out
	}
	return selection{only: exact(o.Only), except: exact(o.Except)}
}

// patterns chooses by patterns, as in HCL2.
func (o Options) patterns(diags *Diagnostics) selection {
	compile := func(flag string, patterns []string) []matcher {
		var out []matcher
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

func anyMatch(list []matcher, name string) bool {
	return slices.ContainsFunc(list, func(m matcher) bool { return m.Match(name) })
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
