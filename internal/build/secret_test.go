package build_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/template"
)

const (
	canary = "canary-7Q2x!zz 'quoted'"
	longer = "first line of it\nsecond-canary-line\nend"
)

// talkative says its secrets wherever it can.
const talkative = `
variable "password" {
  type      = string
  sensitive = true
}
variable "text" {
  type      = string
  sensitive = true
}
variable "place" {
  type = string
}
local "coded" {
  expression = base64encode(var.password)
  sensitive  = true
}
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  labels  = { place = var.place }
  provisioner "shell" {
    environment_vars = ["PASSWORD=${var.password}", "CODED=${local.coded}"]
    inline = [
      "echo \"the password is $PASSWORD, coded $CODED\"",
      "echo \"$PASSWORD\" >&2",
    ]
  }
  provisioner "shell" { inline = ["echo '${local.coded}'; cat <<E\n${var.text}\nE"] }
  provisioner "shell-local" { inline = ["echo '${var.text}'"] }
  provisioner "file" {
    content     = "SECRET"
    destination = "/srv/secret"
  }
  provisioner "shell" { inline = ["cat /srv/secret; rm /srv/secret # ${local.coded}"] }
  END
}`

func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		secret, end string
		opts        build.Options
		keeps       bool // the template puts the secret into the image
		refused     bool
		reason      string
	}{
		"built":         {},
		"without cache": {opts: build.Options{NoCache: true}},
		"failed": {end: `provisioner "shell" { inline = ["echo '${local.coded}'; exit 3"] }`,
			opts: build.Options{OnError: build.Shell}, reason: "exit status 3"},
		"failed before connect": {end: `provisioner "file" {
			source      = "/nowhere/${local.coded}"
			generated   = true
			destination = "/srv/x"
		}`, reason: "no such file"},
		"refused": {end: "verify \"inline\" {\n file \"/etc/os-release\" { contains = [var.password] }\n}", refused: true},
		"found in the machine": {secret: "x${var.password}", keeps: true, refused: true,
			end: "provisioner \"file\" {\n content = var.text\n destination = \"/srv/text\"\n}\n" +
				"verify \"inline\" {\n file \"/srv/text\" { contents = \"other\" }\n file \"/srv/other\" { contains = [var.text] }\n}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.load.Inputs = []template.Input{{Name: "password", Value: canary}, {Name: "text", Value: longer}, {Name: "place", Value: "here"}}
			hcl := strings.NewReplacer("SECRET", "x${var.password}", "END", tt.end).Replace(talkative)
			r := b.build(hcl, tt.opts)
			switch {
			case tt.refused:
				r.refused("")
			case tt.reason != "":
				r.fails(tt.reason, build.Failed)
			default:
				r.must(build.Built)
				b.build(hcl, build.Options{}).must(build.Unchanged)
				if got := b.versions()[0].Variables; len(got) != 4 || !strings.HasPrefix(got[slices.IndexFunc(got, named("password"))].Value, "hmac-sha256:") {
					t.Errorf("variables = %+v", got)
				}
				if got := b.versions()[0].Labels; !maps.Equal(got, map[string]string{"place": "here"}) {
					t.Errorf("labels = %v", got)
				}
			}
			events, err := json.Marshal(r.events)
			reports, err2 := json.Marshal(r.reports)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			said := string(events) + string(reports)
			for _, secret := range []string{canary, "canary-7Q2x", "second-canary-line", "Y2FuYXJ5LTdRMn"} {
				if strings.Contains(said, secret) {
					t.Errorf("%q was said", secret)
				}
				for _, file := range b.grep(secret) {
					if !strings.HasPrefix(file, b.path("fake", "layers")) && !(tt.keeps && strings.HasPrefix(file, b.path("images"))) {
						t.Errorf("%q is in %s", secret, file)
					}
				}
			}
			if !strings.Contains(string(events), `the password is \u003csensitive\u003e, coded \u003csensitive\u003e`) {
				t.Errorf("the output is missing: %s", events)
			}
		})
	}
}

func named(name string) func(catalog.Variable) bool {
	return func(v catalog.Variable) bool { return v.Name == name }
}

func TestSecretsDecideKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := strings.NewReplacer("SECRET", "x", "END", "").Replace(talkative)
	inputs := []template.Input{{Name: "password", Value: canary}, {Name: "text", Value: longer}, {Name: "place", Value: "here"}}
	b.load.Inputs = inputs
	b.build(hcl, build.Options{}).must(build.Built)
	b.load.Inputs = append(slices.Clone(inputs), template.Input{Name: "text", Value: "another text of it"})
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell", "shell-local", "file", "shell")
	b.load.Inputs = append(slices.Clone(inputs), template.Input{Name: "password", Value: "another password"})
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell", "shell", "shell-local", "file", "shell")
	b.load.Inputs = inputs
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell*", "shell-local", "file*", "shell*")
	b.build(hcl, build.Options{}).must(build.Unchanged)
}
