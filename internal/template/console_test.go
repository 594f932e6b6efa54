package template

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const consoleHCL = `
variable "s" { default = "x" }
variable "l" { default = ["a", "b"] }
variable "pw" {
  default   = "secret words"
  sensitive = true
}
variable "unset" { type = string }
locals {
  up    = upper(var.s)
  later = "${var.unset}!"
}
source "null" "a" {}
build {
  name    = "n"
  sources = ["null.a", "null.nobody"]
  provisioner "zork" {}
  error-cleanup-provisioner "tidy" {}
  verify "goss" {}
  post-processor "a" {}
  post-processors {
    post-processor "b" {}
    post-processor "c" {}
  }
}
`

const consoleJSON = `{
  "description": "D",
  "variables": { "a": "x", "need": null, "pw": "secret words", "c": "{{user ` + "`a`" + `}}1" },
  "sensitive-variables": ["pw"],
  "builders": [{ "type": "null" }, { "type": "file", "name": "f {{user ` + "`a`" + `}}" }],
  "provisioners": [{ "type": "shell" }, { "type": "zork" }],
  "error-cleanup-provisioner": { "type": "tidy" },
  "verifiers": [{ "type": "goss" }],
  "post-processors": ["a", ["b", { "type": "c" }]]
}`

func TestConsole(t *testing.T) {
	t.Parallel()
	o := Options{Environ: []string{}, Now: time.Unix(1e9, 0)}
	for name, cases := range map[string]map[string]string{
		"t.pkr.hcl": {
			"":                             "",
			"upper(var.s)":                 "X",
			"var.l":                        "[\n  \"a\",\n  \"b\",\n]",
			"var.pw":                       "<sensitive>",
			"[\"${var.pw}x\", 1]":          "[\n  \"<sensitive>\",\n  1,\n]",
			"var.unset":                    "<unknown>",
			"local.later":                  "<unknown>",
			"local.up":                     "X",
			"{}":                           "{}",
			"{a=null, \"b c\"=[{x=true}]}": "{\n  \"b c\" = [\n    {\n      \"x\" = true\n    },\n  ]\n}",
			"1/3":                          "0.3333333333333333",
			"100000000000000000000":        "1e+20",
			"packer.version":               PackerVersion,
			"source":                       "<unknown>",
			"variables":                    "> input-variables:\n\nvar.l: \"[\\n  \\\"a\\\",\\n  \\\"b\\\",\\n]\"\nvar.pw: \"<sensitive>\"\nvar.s: \"x\"\nvar.unset: \"<unknown>\"\n\n> local-variables:\n\nlocal.later: \"<unknown>\"\nlocal.up: \"X\"\n",
			"1 +":                          "error: <console>:1:4: missing expression",
			"nofunc()":                     "error: <console>:1:1: call to unknown function",
			"var.s2":                       `error: <console>:1:1: variable "s2" is not declared`,
		},
		"many.pkr.hcl": {"[for a in local.many: local.many]": "error: <console>:1:23: too many loops"},
		"t.json": {
			"{{user `c`}} x": "x1 x",
			"{{user `pw`}}":  "<sensitive>",
			"user `a`":       "user `a`",
			"{{timestamp}}":  "1000000000",
			"{{nofunc}}":     `error: <console>:1: function "nofunc" not defined`,
			"{{":             "error: <console>:1: unclosed action",
			"variables":      "a: x\nneed: \npw: <sensitive>\nc: x1",
		},
		"": {`upper("x")`: "X", "var": "{}", "local": "{}"},
	} {
		path := name
		switch name {
		case "t.pkr.hcl":
			path = writeFile(t, name, consoleHCL)
		case "many.pkr.hcl":
			path = writeFile(t, name, "locals { many = range(1000) }")
		case "t.json":
			path = writeFile(t, name, consoleJSON)
		}
		c, err := NewConsole(path, o)
		if err != nil {
			t.Fatal(err)
		}
		if c.HCL() != (name != "t.json") {
			t.Errorf("%s: HCL() = %t", name, c.HCL())
		}
		for line, want := range cases {
			got, err := c.Eval(line)
			if err != nil {
				got, _, _ = strings.Cut("error: "+err.Error(), "\n")
			}
			if got != want {
				t.Errorf("%s: %s is\n%s\nwant\n%s", name, line, got, want)
			}
		}
	}
	if _, err := NewConsole(writeFile(t, "bad.pkr.hcl", "zork {}"), o); err == nil {
		t.Error("template that is wrong: no error")
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{"t.pkr.hcl": consoleHCL, "t.json": consoleJSON} {
		out, err := Inspect(writeFile(t, name, src), Options{Environ: []string{}, Inputs: []Input{{Name: map[string]string{"t.json": "a", "t.pkr.hcl": "s"}[name], Value: "given"}}})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "hcl=%t %q\n", out.HCL, out.Description)
		for _, v := range append(out.Variables, out.Locals...) {
			fmt.Fprintf(&b, "%s default=%q value=%q shown=%q required=%t\n", v.Name, v.Default, v.Value, v.Shown, v.Required)
		}
		for _, x := range out.Builds {
			fmt.Fprintf(&b, "build %q %v %v %s %v %v\n", x.Name, x.Sources, x.Provisioners, x.ErrorCleanup, x.Verifiers, x.PostProcessors)
		}
		for _, p := range out.Problems {
			fmt.Fprintln(&b, p.Summary)
		}
		want := map[string]string{
			"t.pkr.hcl": `hcl=true ""
s default="x" value="given" shown="given" required=false
l default="[\"a\",\"b\"]" value="[\"a\",\"b\"]" shown="[\n  \"a\",\n  \"b\",\n]" required=false
pw default="secret words" value="secret words" shown="<sensitive>" required=false
unset default="" value="" shown="<unknown>" required=true
up default="" value="GIVEN" shown="GIVEN" required=false
later default="" value="" shown="<unknown>" required=false
build "n" [{null.a null}] [zork] tidy [goss] [[a] [b c]]
source "null.nobody" is not declared
`,
			"t.json": `hcl=false "D"
a default="x" value="given" shown="x" required=false
need default="" value="" shown="" required=true
pw default="secret words" value="" shown="<sensitive>" required=false
c default="{{user ` + "`a`" + `}}1" value="" shown="{{user ` + "`a`" + `}}1" required=false
build "" [{null null} {f {{user ` + "`a`" + `}} file}] [shell zork] tidy [goss] [[a] [b c]]
`,
		}[name]
		if b.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, b.String(), want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	got, err := Format("x.pkr.hcl", []byte("a=1\nlong   =  [1,2]\nb \"x\" {\n# c\nc = {\nd=1\n}\n}\n"))
	want := "a    = 1\nlong = [1, 2]\nb \"x\" {\n  # c\n  c = {\n    d = 1\n  }\n}\n"
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	oneLine := "build {\n  verify \"inline\" {\n    service \"nginx\" { enabled = true, running = true }\n  }\n}\n"
	if got, err := Format("x.pkr.hcl", []byte(oneLine)); err != nil || string(got) != oneLine {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := Format("x.pkr.hcl", []byte("a = \n")); err == nil || !strings.Contains(err.Error(), "x.pkr.hcl:1:5") {
		t.Errorf("error %v", err)
	}
}
