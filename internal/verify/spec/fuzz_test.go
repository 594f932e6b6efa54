package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	gotemplate "text/template"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// seeds adds the files of all golden archives with this ending.
func seeds(f *testing.F, ending string) {
	paths, _ := filepath.Glob("testdata/*/*.txtar")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range txtar.Parse(data).Files {
			if strings.HasSuffix(x.Name, ending) {
				f.Add(string(x.Data))
			}
		}
	}
}

// tryAll reads a document and evaluates what comes out with several answers.
func tryAll(t *testing.T, r rendered, isJSON bool) {
	var p problems
	doc := readDocument(r, isJSON, &p)
	if doc == nil {
		if p.err() == nil {
			t.Fatal("nothing was read, and no problem reported")
		}
		return
	}
	checkPlaces(t, p.list, r.source)
	if doc.shape != mapping {
		return
	}
	resources := read(doc, "goss", &p)
	checkPlaces(t, p.list, r.source)
	if p.err() != nil {
		return
	}
	for _, fact := range []string{`{"exists": true, "type": "file", "content": "YQpiCg=="}`, `{"installed": true, "versions": ["1"], "running": true, "listening": true}`, `{}`} {
		s := verify.Answered(func(probe.Question) probe.Answer { return probe.Answer{Fact: []byte(fact)} })
		for _, res := range resources {
			for _, x := range res.evaluate(s, 0) {
				if x.Verdict == verify.Fail && x.Wanted == "" {
					t.Fatalf("a failure does not say what was wanted: %+v", x)
				}
			}
		}
	}
}

// checkPlaces makes sure that places lie in the source.
func checkPlaces(t *testing.T, list template.Diagnostics, source string) {
	lines := strings.Split(source, "\n")
	for _, d := range list {
		if d.Pos.Line < 1 || d.Pos.Line > len(lines) || d.Pos.Col > len(lines[d.Pos.Line-1])+1 {
			t.Fatalf("%s lies outside of %q", d.Pos, source)
		}
	}
}

func FuzzYAML(f *testing.F) {
	seeds(f, ".yaml")
	f.Fuzz(func(t *testing.T, text string) {
		tryAll(t, plainText("goss.yaml", text), false)
	})
}

func FuzzJSON(f *testing.F) {
	seeds(f, ".json")
	f.Fuzz(func(t *testing.T, text string) {
		tryAll(t, plainText("goss.json", text), true)
	})
}

func FuzzTemplate(f *testing.F) {
	seeds(f, ".yaml")
	// Only what neither asks the network nor computes for long.
	all := functions(nil, func(string) {})
	few := gotemplate.FuncMap{}
	for _, name := range []string{"mkSlice", "toUpper", "toLower", "quote", "regexMatch", "findStringSubmatch", "get", "toJson", "upper", "getEnv"} {
		few[name] = all[name]
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p problems
		p.source("goss.yaml", text)
		data := map[string]any{"Vars": map[string]any{"x": []string{"a", "b"}}, "Env": map[string]string{"OS": "debian"}}
		r, ok := render("goss.yaml", text, data, few, &p)
		if !ok {
			if p.err() == nil {
				t.Fatal("not rendered, and no problem reported")
			}
			return
		}
		if strings.ContainsAny(r.text, "\x00\x01") && !strings.Contains(text, "{{") {
			t.Fatal("marks are left in the text")
		}
		tryAll(t, r, false)
	})
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"foo", "!foo", "/re/", "!/re/i", `\!foo`, `\/foo/`, "/usr", "//", "/", "!", ""} {
		f.Add(s, "a line\nfoo\r\n")
	}
	f.Fuzz(func(t *testing.T, s, text string) {
		p, err := newPattern(s)
		if err != nil {
			return
		}
		o := patterns{p}.match(text)
		if !o.ok && (o.wanted == "" || o.found == "") {
			t.Fatalf("%q in %q: wanted %q, found %q", s, text, o.wanted, o.found)
		}
	})
}
