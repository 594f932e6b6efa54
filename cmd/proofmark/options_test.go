package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/agext/levenshtein"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/template"
)

// TestEveryOption gives each option of each kind, those of nested blocks too, a value
// of a wrong type, and writes a misspelt one in its place, in both languages: each is
// an error at that place, and the nearest option is named. The short form takes one
// option of five.
func TestEveryOption(t *testing.T) {
	t.Parallel()
	c := components()
	kit := build.Kit{Builders: builders(home{}, nil), Provisioners: provisioners(nil), Verifiers: verifiers(), Posts: postProcessors(), Data: dataSources()}
	load := template.Options{Known: known(kit), Check: check(kit), Environ: []string{}}
	for _, role := range []struct {
		block, key string // in HCL2, and in JSON
		list       []template.Component
	}{
		{"source", "builders", c.Sources}, {"provisioner", "provisioners", c.Provisioners}, {"post-processor", "post-processors", c.PostProcessors},
		{"verify", "verifiers", c.Verifiers}, {"data", "", c.Data},
	} {
		for _, x := range role.list {
			t.Run(role.block+" "+x.Name, func(t *testing.T) {
				t.Parallel()
				p := prober{t: t, dir: t.TempDir(), load: load, block: role.block, key: role.key, kind: x.Name}
				p.options(x.Options, x.Open, nil)
			})
		}
	}
}

// prober asks about the options of one kind.
type prober struct {
	t                *testing.T
	dir              string
	load             template.Options
	block, key, kind string
}

// enclosing is a block that an option stands in.
type enclosing struct{ name, typ string }

func (p prober) options(list []template.Option, open bool, in []enclosing) {
	var names []string
	for _, o := range list {
		names = append(names, o.Name)
	}
	for i, o := range list {
		if testing.Short() && i%5 > 0 && len(o.Options) == 0 {
			continue
		}
		p.wrongType(o, in)
		if !open {
			p.misspelt(o.Name, names, in)
		}
		if len(o.Options) > 0 {
			p.options(o.Options, o.Open, append(slices.Clone(in), enclosing{o.Name, o.Type}))
		}
	}
}

// wrongValue is one that no option of the type takes; it is the same in both languages.
func wrongValue(typ string) string {
	switch {
	case strings.HasPrefix(typ, "list"):
		return `{ "a": { "b": "c" } }`
	case typ == "string":
		return `["a", ["b"]]`
	}
	return `"\u0001 wrong"`
}

func (p prober) wrongType(o template.Option, in []enclosing) {
	p.each(o.Name, wrongValue(o.Type), in, func(where string, d template.Diagnostic, text string) {
		if !strings.Contains(d.Summary, `"`+o.Name+`"`) {
			p.t.Errorf("%s: the error does not name option %s: %s\n%s", where, o.Name, d.String(), text)
		}
	})
}

var meant = regexp.MustCompile(`did you mean "(.+)"\?`)

func (p prober) misspelt(name string, names []string, in []enclosing) {
	p.each(name+"q", `"x"`, in, func(where string, d template.Diagnostic, text string) {
		m := meant.FindStringSubmatch(d.Detail)
		if m == nil || m[1] != name && (!slices.Contains(names, m[1]) || levenshtein.Distance(m[1], name+"q", nil) > 1) {
			p.t.Errorf("%s: %s is not advised for %sq: %s\n%s", where, name, name, d.String(), text)
		}
	})
}

// each writes an option into a template of each language, and gives what is said
// about its place.
func (p prober) each(name, value string, in []enclosing, found func(where string, d template.Diagnostic, text string)) {
	for file, lines := range map[string][]string{"t.pkr.hcl": p.hcl(name, value, in), "t.json": p.json(name, value, in)} {
		if lines == nil {
			continue
		}
		text := strings.Join(lines, "\n")
		path := filepath.Join(p.dir, file)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
		_, err := template.Load(path, p.load)
		var all template.Diagnostics
		if !errors.As(err, &all) {
			p.t.Errorf("%s: %s = %s is accepted: %v\n%s", file, name, value, err, text)
			continue
		}
		line := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "\t\t") }) + 1
		if slices.ContainsFunc(all, func(d template.Diagnostic) bool {
			return d.Warning && d.Pos.Line == line && strings.Contains(d.Detail, "proofmark fix")
		}) {
			continue // an old spelling, which JSON templates may have
		}
		if i := slices.IndexFunc(all, func(d template.Diagnostic) bool { return !d.Warning && d.Pos.Line == line && d.Pos.Col > 2 }); i < 0 {
			p.t.Errorf("%s: nothing is said of line %d: %v\n%s", file, line, err, text)
		} else {
			found(file, all[i], text)
		}
	}
}

// hcl writes a template in which the line of the option begins with two tabs.
func (p prober) hcl(name, value string, in []enclosing) []string {
	labels := fmt.Sprintf("%q", p.kind)
	if p.block == "source" || p.block == "data" {
		labels += ` "x"`
	}
	lines := []string{p.block + " " + labels + " {"}
	var ends []string
	for _, a := range in {
		open, end := a.name+" {", "}"
		if strings.HasPrefix(a.typ, "map of") {
			open, end = a.name+" = { k = {", "} }"
		}
		lines, ends = append(lines, open), append([]string{end}, ends...)
	}
	lines = slices.Concat(lines, []string{"\t\t" + name + " = " + value}, ends, []string{"}"})
	switch p.block {
	case "source":
		return append(lines, "build {", fmt.Sprintf("sources = [\"source.%s.x\"]", p.kind), "}")
	case "data":
		return append(lines, `source "rootfs" "a" {}`, "build {", `sources = ["source.rootfs.a"]`, "}")
	}
	return slices.Concat([]string{`source "rootfs" "a" {}`, "build {", `sources = ["source.rootfs.a"]`}, lines, []string{"}"})
}

// json writes the same in JSON, where there are no data sources.
func (p prober) json(name, value string, in []enclosing) []string {
	if p.key == "" {
		return nil
	}
	lines := []string{fmt.Sprintf("%q: [{ \"type\": %q,", p.key, p.kind)}
	var ends []string
	for _, a := range in {
		open, end := fmt.Sprintf("%q: {", a.name), "}"
		switch {
		case strings.HasPrefix(a.typ, "map of"):
			open, end = fmt.Sprintf("%q: { \"k\": {", a.name), "} }"
		case a.typ == "blocks":
			open, end = fmt.Sprintf("%q: [{", a.name), "}]"
		}
		lines, ends = append(lines, open), append([]string{end}, ends...)
	}
	lines = slices.Concat(lines, []string{fmt.Sprintf("\t\t%q: %s", name, value)}, ends, []string{"}]"})
	if p.key != "builders" {
		lines = append(lines, `, "builders": [{ "type": "rootfs" }]`)
	}
	return slices.Concat([]string{"{"}, lines, []string{"}"})
}
