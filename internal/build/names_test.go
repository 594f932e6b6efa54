package build_test

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestUploadedScriptThatKnowsItsBuild: what a step runs may stand in a file that an
// earlier one uploaded.
func TestUploadedScriptThatKnowsItsBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("setup/run.sh", "echo $PACKER_BUILD_NAME > /srv/name\n")
	b.build(strings.ReplaceAll(`
source "fake" "a" {}
source "fake" "b" {}
build {
  sources = ["source.fake.a", "source.fake.b"]
  provisioner "file" {
    source      = "DIR/setup"
    destination = "/srv"
  }
  provisioner "shell" { inline = ["sh /srv/setup/run.sh"] }
}`, "DIR", b.dir), build.Options{Parallel: 1}).must(build.Built, build.Built)
	for _, v := range b.versions() {
		if got := files(t, v.Image.ID)["./srv/name"]; !strings.HasSuffix(got, v.Name+"\n") {
			t.Errorf("%s holds %q", v.Name, got)
		}
	}
}

// TestRenamedSource: one source that is used twice under names of its own makes two
// images, which go by these names.
func TestRenamedSource(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(`
source "fake" "base" {}
build {
  name = "all"
  source "source.fake.base" { name = "one" }
  source "source.fake.base" { name = "two" }
  provisioner "shell" { inline = ["echo ${build.name} ${source.name} $PACKER_BUILD_NAME > /name"] }
}`, build.Options{Parallel: 1}).must(build.Built, build.Built)
	for _, v := range b.versions() {
		if got, want := files(t, v.Image.ID)["./name"], "all "+v.Name+" base\n"; !strings.HasSuffix(got, want) {
			t.Errorf("%s holds %q, want %q", v.Name, got, want)
		}
	}
}
