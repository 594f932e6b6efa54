package build_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/template"
)

// TestSecretsInNamesAndSources: the name of a step, and options that a builder adds
// to its fingerprint, may hold sensitive values as well.
func TestSecretsInNamesAndSources(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.load.Inputs = []template.Input{{Name: "password", Value: "canary-31x"}}
	r := b.build(`
variable "password" {
  type      = string
  sensitive = true
}
source "fake" "web" {
  files = { "/srv/login" = "password=${var.password}" }
}
build {
  sources = ["source.fake.web"]
  provisioner "shell" {
    name   = "set ${var.password}"
    inline = ["rm /srv/login"]
  }
}`, build.Options{}).must(build.Built)
	said, err := json.Marshal(r.events)
	if err != nil || strings.Contains(string(said), "canary") {
		t.Errorf("said %s, %v", said, err)
	}
	for _, file := range b.grep("canary") {
		if !strings.HasPrefix(file, b.path("fake", "layers")) { // that of the base has the file
			t.Errorf("the secret is in %s", file)
		}
	}
}
