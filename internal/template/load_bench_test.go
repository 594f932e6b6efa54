package template

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad reads a template of usual size in each language.
func BenchmarkLoad(b *testing.B) {
	var hcl, json strings.Builder
	json.WriteString(`{"variables": {`)
	for i := range 40 {
		fmt.Fprintf(&hcl, "variable \"v%d\" {\n  type = string\n  default = \"x\"\n}\n", i)
		fmt.Fprintf(&json, `"v%d": "x",`, i)
	}
	hcl.WriteString("source \"null\" \"a\" {\n  host = \"${var.v1}\"\n}\nbuild {\n  sources = [\"null.a\"]\n")
	json.WriteString(`"last": ""}, "builders": [{"type": "null", "host": "{{user ` + "`v1`" + `}}"}], "provisioners": [`)
	for i := range 20 {
		fmt.Fprintf(&hcl, "  provisioner \"shell\" {\n    inline = [\"echo ${var.v%d} {{timestamp}}\"]\n  }\n", i)
		fmt.Fprintf(&json, `{"type": "shell", "inline": ["echo {{user `+"`v%d`"+`}}"]},`, i)
	}
	hcl.WriteString("}\n")
	json.WriteString(`{"type": "shell"}]}`)
	for name, text := range map[string]string{"t.pkr.hcl": hcl.String(), "t.json": json.String()} {
		path := writeFile(b, name, text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Load(path, Options{Environ: []string{}, Known: known}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
