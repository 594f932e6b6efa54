package provision

import (
	"os"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

func kinds() template.Set[Provisioner] { return template.NewSet(Shell(), File(), ShellLocal()) }

// step loads a template that holds one provisioner.
func step(t *testing.T, name, text string) template.Step {
	t.Helper()
	file := write(t, t.TempDir()+"/"+name, text, 0o644)
	tpl, err := template.Load(file, template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tpl.Builds[0].Provisioners[0]
}

func hcl(t *testing.T, block string) template.Step {
	t.Helper()
	return step(t, "t.pkr.hcl", `
source "null" "x" {
  communicator = "none"
}
build {
  sources = ["source.null.x"]
`+block+`
}
`)
}

// TestDecode runs steps as they stand in templates of both languages.
func TestDecode(t *testing.T) {
	t.Parallel()
	late := map[string]string{"ID": "i-7", "Host": "h"}
	for _, tt := range []struct {
		name   string
		step   func(t *testing.T, folder string) template.Step
		output string
	}{
		{"hcl", func(t *testing.T, folder string) template.Step {
			return hcl(t, `
  provisioner "shell" {
    inline           = ["echo $A $B $C", "exit 3"]
    environment_vars = ["A=1", "B=${build.ID}"]
    env              = { C = 2 }
    valid_exit_codes = [0, 3]
    execute_command  = "chmod +x {{.Path}}; {{ .Vars }} sh '{{ .Path }}'"
    remote_folder    = "`+folder+`"
    start_retry_timeout = "1s"
    pause_after = "1ms"
  }`)
		}, "1 i-7 2\n"},
		{"json", func(t *testing.T, folder string) template.Step {
			return step(t, "t.json", `{"builders": [{"type": "null", "communicator": "none"}], "provisioners": [{
				"type": "shell",
				"inline": ["echo $A {{build `+"`ID`"+`}}"],
				"environment_vars": "A=1,B=2",
				"execute_command": "{{.Vars}} sh {{.Path}}",
				"remote_folder": "`+folder+`",
				"valid_exit_codes": [0, "3"],
				"skip_clean": "false"
			}]}`)
		}, "1 i-7\n"},
		{"defaults", func(t *testing.T, folder string) template.Step {
			return hcl(t, `
  provisioner "shell" {
    inline = ["echo begin", "false", "echo no"]
    valid_exit_codes = [1]
    remote_folder = "`+folder+`"
  }`)
		}, "begin\n"},
		{"environment file", func(t *testing.T, folder string) template.Step {
			return hcl(t, `
  provisioner "shell" {
    inline = ["echo $PACKER_BUILD_NAME $A"]
    env    = { A = "it's" }
    use_env_var_file = true
    remote_folder = "`+folder+`"
  }`)
		}, "web it's\n"},
		{"shell-local", func(*testing.T, string) template.Step {
			return hcl(t, `
  provisioner "shell-local" {
    command         = "echo $A $0"
    env             = { A = build.Host }
    execute_command = ["/bin/sh", "-c", "{{.Vars}} sh -c 'echo $A'"]
  }`)
		}, "h\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := tt.step(t, folder)
			if diags := kinds().Check(s.Block); len(diags) > 0 {
				t.Errorf("before connect: %v", diags)
			}
			p, err := kinds().Open(s.Block, late)
			if err != nil {
				t.Fatal(err)
			}
			run, log := run(t)
			if err := RunStep(t.Context(), s, p, run, &host{}); err != nil {
				t.Fatal(err)
			}
			if got := log.output.String(); got != tt.output {
				t.Errorf("output %q, want %q", got, tt.output)
			}
			if left := names(t, folder); len(left) > 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

func TestDecodeFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := hcl(t, `
  provisioner "file" {
    content     = "id = ${build.ID}\n"
    destination = "`+dir+`/"
  }`)
	p, err := kinds().Open(s.Block, map[string]string{"ID": "i-7"})
	if err != nil {
		t.Fatal(err)
	}
	run, _ := run(t)
	if err := p.Provision(t.Context(), run, &host{}); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(dir + "/pkr-file-content"); string(b) != "id = i-7\n" {
		t.Errorf("got %q", b)
	}
}

// TestDecodeErrors: what is wrong is shown at the place where it stands.
func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, block string
		want        []string
	}{
		{"missing script", "provisioner \"shell\" {\n  script = \"/nonexistent.sh\"\n}", []string{"t.pkr.hcl:8:12", "/nonexistent.sh", "no such file"}},
		{"misspelt", "provisioner \"shell\" {\n  inlin = [\"x\"]\n}", []string{"t.pkr.hcl:8:3", "inlin", `"inline"`}},
		{"nothing", "provisioner \"shell\" {\n}", []string{"t.pkr.hcl:7:1", `block "shell" needs option "inline" or "script" or "scripts"`}},
		{"destination", "provisioner \"file\" {\n  source = \"/etc/hosts\"\n}", []string{"t.pkr.hcl:7:1", "destination"}},
		{"missing source", "provisioner \"file\" {\n  source = \"/nonexistent\"\n  destination = \"/x\"\n}", []string{"t.pkr.hcl:8:12", "/nonexistent"}},
		{"execute_command", "provisioner \"shell\" {\n  inline = [\"x\"]\n  execute_command = \"{{.Pat}}\"\n}", []string{"t.pkr.hcl:9:21", "Pat", "Path"}},
		{"only_on", "provisioner \"shell-local\" {\n  command = \"x\"\n  only_on = [\"linus\"]\n}", []string{"t.pkr.hcl:9:13", "linus"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := kinds().Open(hcl(t, tt.block).Block, nil)
			wantError(t, err, tt.want...)
		})
	}
}

// TestOptionsAreDescribed: the reference pages are made of this.
func TestOptionsAreDescribed(t *testing.T) {
	t.Parallel()
	for _, k := range kinds().Kinds() {
		if k.Summary == "" {
			t.Errorf("%s has no summary", k.Name)
		}
		for _, o := range k.Options() {
			if o.Doc == "" || !strings.HasSuffix(strings.TrimRight(o.Doc, "}"), ".") && !strings.Contains(o.Doc, "{{") {
				t.Errorf("%s: %s is not described in whole sentences: %q", k.Name, o.Name, o.Doc)
			}
		}
	}
}
