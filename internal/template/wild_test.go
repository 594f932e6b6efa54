package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWild holds one small template for each cause for which a template that Packer
// takes was once refused.
func TestWild(t *testing.T) {
	t.Parallel()
	const null = "source \"null\" \"x\" {\n  communicator = \"none\"\n}\n"
	for name, text := range map[string]string{
		"sources.pkr.hcl": null + `build { sources = ["sources.null.x", "anything.null.x"] }`,
		"for-over-local.pkr.hcl": null + `
locals {
  list  = ["a", "b"]
  upper = [for x in local.list : upper(x)]
  same  = [for x in local.list : local.word]
  names = { for i, x in local.list : x => local.upper[i] if contains(local.list, x) }
  first = [for x in local.list : x][0]
}
local "word" {
  expression = "w"
}
build { sources = ["null.x"] }`,
		"for-over-data.pkr.hcl": null + `
data "http" "versions" {
  url = "http://example.org"
}
local "list" {
  expression = jsondecode(data.http.versions.body)
}
local "core" {
  expression = [for x in local.list : x if x.id == "core"][0]
}
build { sources = ["null.x"] }`,
		"for-over-build.pkr.hcl": null + `
build {
  sources = ["null.x"]
  provisioner "shell" {
    inline = [for x in [build.ID, source.name] : "echo ${x}"]
  }
}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(strings.TrimSpace(text)), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(path, Options{Environ: []string{}}); err != nil {
				t.Error(err)
			}
		})
	}
}
