package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?ms)^```(hcl|json|yaml)\n(.*?)^```$")

// TestSnippets validates what the pages show: whole templates as they are, verify
// blocks and goss files in a template around them.
func TestSnippets(t *testing.T) {
	t.Parallel()
	const around = "source \"rootfs\" \"x\" {}\nbuild {\n  sources = [\"source.rootfs.x\"]\n%s}\n"
	seen := map[string]int{}
	for _, page := range []string{"README.md", "docs/template.md", "docs/checks.md"} {
		text, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range fenced.FindAllStringSubmatch(string(text), -1) {
			language, snippet := m[1], m[2]
			dir := t.TempDir()
			name, kind := "x.pkr.hcl", "template"
			switch {
			case language == "json":
				name = "x.json"
			case language == "yaml":
				kind = "goss file"
				put(t, dir, "goss.yaml", snippet)
				snippet = fmt.Sprintf(around, "verify \"goss\" { file = \"${path.root}/goss.yaml\" }\n")
			case !strings.Contains(snippet, "build {"):
				kind = "checks"
				if !strings.Contains(snippet, "verify ") {
					snippet = "verify \"inline\" {\n" + snippet + "}\n"
				}
				snippet = strings.Replace(snippet, `file = "goss.yaml"`, `file = "${path.root}/goss.yaml"`, 1)
				snippet = fmt.Sprintf(around, snippet)
				put(t, dir, "goss.yaml", "port: {tcp:80: {listening: true}}\n")
				put(t, dir, "vars.yaml", "a: 1\n")
			}
			seen[kind]++
			put(t, dir, name, snippet)
			u := user{t, filepath.Join(dir, "home")}
			out := u.run(0, "proofmark", "validate", filepath.Join(dir, name))
			if strings.Contains(out, "arning") {
				t.Errorf("%s, snippet %d: %s", page, i+1, out)
			}
		}
	}
	if seen["template"] < 3 || seen["goss file"] < 3 || seen["checks"] < 3 {
		t.Errorf("found %v only", seen)
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
