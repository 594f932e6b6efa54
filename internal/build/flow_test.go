package build_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// three is a template of three steps with a check of its own.
const three = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
  provisioner "shell" { inline = ["echo two >> /srv/steps"] }
  verify "inline" {
    file "/srv/steps" { contains = ["one", "two"] }
  }
}`

func TestFirstBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(three, build.Options{}).must(build.Built)
	r.wantSteps("base", "shell", "shell")
	b.wantVersions("web:1 proven")
	b.wantClean()
	t.Log(r.text())
}
