package docker

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestEveryOption(t *testing.T) {
	t.Parallel()
	var shared []string // which the package of the communicators tests
	for _, o := range template.Valid[any]("x", "", func(connect.Config) error { return nil }).Options() {
		shared = append(shared, o.Name)
	}
	templatetest.Full(t, template.NewSet(Kind()), "testdata/every.json", shared)
	templatetest.Full(t, template.NewSet(Import(), Push(), Save(), Tag()), "testdata/post.json", nil)
}

func TestRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, template.NewSet(Kind()), `
source "docker" "x" {
  image  = "debian"
  commit = true
}`, []templatetest.Rule{
		{"image", `-image`, `needs option "image" or "build"`},
		{"image known later", `image = build.ID`, ""},
		{"both", "build {\n  path = \"testdata/Dockerfile\"\n}", `image: excludes build`},
		{"pull", "-image\npull = true\nbuild {\n  path = \"testdata/Dockerfile\"\n}", `warning: pull: has no effect with build`},
		{"no path", "-image\nbuild {\n  build_dir = \"testdata\"\n}", `block "build" needs option "path"`},
		{"no Dockerfile", "-image\nbuild {\n  path = \"missing\"\n}", `3:10: build.path: stat missing: no such file`},
		{"directory", "-image\nbuild {\n  path = \"testdata\"\n}", `build.path: testdata is no file`},
		{"no build directory", "-image\nbuild {\n  path = \"testdata/Dockerfile\"\n  build_dir = \"missing\"\n}", `build.build_dir: stat missing`},
		{"build file", "-image\nbuild {\n  path = \"testdata/Dockerfile\"\n  build_dir = \"testdata/Dockerfile\"\n}", `build.build_dir: testdata/Dockerfile is no directory`},
		{"nothing kept", `-commit`, `needs option "commit" or "export_path" or "discard"`},
		{"kept later", `commit = build.ID != ""`, ""},
		{"kept twice", `export_path = "out.tar"`, `export_path: excludes commit`},
		{"discarded too", `discard = true`, `discard: excludes commit`},
		{"export to a directory", "-commit\nexport_path = \"testdata\"", `export_path: testdata is a directory`},
		{"login", `ecr_login = true`, `ecr_login: needs login_server`},
		{"communicator", `communicator = "dockerx"`, `communicator: "dockerx" is not known: use one of ssh, winrm, none, docker`},
		{"ssh", `communicator = "ssh"`, `needs option "ssh_username"`},
		{"run", `run_command = ["-d", "{{.Img}}"]`, `knows no {{.Img}} (did you mean "Image"?)`},
	})
	set := template.NewSet(Import(), Push(), Save(), Tag())
	templatetest.Rules(t, set, "post-processor \"docker-import\" {\n  repository = \"r\"\n}", []templatetest.Rule{{"repository", `-repository`, `needs option "repository"`}})
	templatetest.Rules(t, set, "post-processor \"docker-save\" {\n  path = \"p\"\n}", []templatetest.Rule{{"path", `-path`, `needs option "path"`}})
	templatetest.Rules(t, set, "post-processor \"docker-push\" {\n  login = true\n}", []templatetest.Rule{{"server", `ecr_login = true`, `ecr_login: needs login_server`}})
}
