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

// TestParentThatIsReplacedMeanwhile: the catalog would name the wrong parent.
func TestParentThatIsReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	base := `
source "fake" "base" {}
build {
  sources = ["source.fake.base"]
  provisioner "shell" { inline = ["echo one > /srv/base"] }
}`
	b.build(base, build.Options{}).must(build.Built)
	child := `
source "fake" "web" { parent = "base" }
build { sources = ["source.fake.web"] }`
	b.sees = func(e build.Event) {
		if e.Type == build.StepStarted && e.Build == "fake.web" {
			b.sees = nil
			b.build(strings.Replace(base, "echo one", "echo two", 1), build.Options{})
		}
	}
	b.build(child, build.Options{}).fails("the parent base was replaced", build.Failed)
	b.build(child, build.Options{}).must(build.Built).wantSteps("base")
	v := b.versions()[0]
	if got := files(t, v.Image.ID)["./srv/base"]; v.Parent.Version != 2 || !strings.HasSuffix(got, "two\n") {
		t.Errorf("an image of %v holds %q", v.Parent, got)
	}
	b.wantClean()
}
