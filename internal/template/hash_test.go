package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func hashOf(b *Block) string {
	var s strings.Builder
	b.Hash(hashText{&s})
	return strings.ReplaceAll(s.String(), "      ", "")
}

func TestHashIsCanonical(t *testing.T) {
	t.Parallel()
	a := hashOf(hclBlock(t, "b = 2\na = [\"x\", { z = 1, y = <<EOT\nq<&>\nEOT\n}]\nc = null\nd {}\n"))
	b := hashOf(hclBlock(t, "d {\n}\na = concat([\"x\"], [{ y = \"q<&>\\n\", z = 1.0 }])\nb = 1 + 1\n"))
	want := `a = ["x",{"y":"q<&>\n","z":1}]
b = 2
d = {}
`
	if a != want || b != want {
		t.Errorf("got\n%s\nand\n%s\nwant\n%s", a, b, want)
	}
	if string1, number := hashOf(hclBlock(t, `a = "1"`)), hashOf(hclBlock(t, `a = 1`)); string1 == number {
		t.Error("a string and a number hash the same")
	}
}

func TestHashOfLateValues(t *testing.T) {
	t.Parallel()
	src := func(v string) *Block {
		return loadText(t, "t.json", `{"variables": {"v": "`+v+`"}, "builders": [{"type": "null",
			"late": "{{build `+"`ID`"+`}} {{user `+"`v`"+`}}", "field": "{{.Path}} {{user `+"`v`"+`}}"}]}`).Builds[0].Source
	}
	a, b := hashOf(src("1")), hashOf(src("2"))
	want := `field = "{{.Path}} 1"
late = {"late":"{{build ` + "`ID`" + `}} {{user ` + "`v`" + `}}","user v":"1"}
`
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if a == b {
		t.Error("another value of a variable does not change the hash")
	}
}

func TestHashWithout(t *testing.T) {
	t.Parallel()
	b := loadText(t, "main.pkr.hcl", `
variable "pw" {
  sensitive = true
  default   = "p4ssw0rd"
}
source "null" "x" {}
build {
  sources = ["source.null.x"]
  provisioner "shell" {
    inline = ["a"]
    script = "b"
    late   = ["c", build.ID]
    secret = var.pw
  }
}`).Builds[0].Provisioners[0].Block
	var s strings.Builder
	b.Hash(hashText{&s}, "script", "late", "secret", "nothing")
	if text := s.String(); strings.Contains(text, "script") || !strings.Contains(text, "inline") || !strings.Contains(text, "late") || !strings.Contains(text, "secret") {
		t.Error(text)
	}
	if whole := hashOf(b); !strings.Contains(whole, "script") {
		t.Error(whole)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	tm := loadText(t, "main.pkr.hcl", `
variable "pw" {
  sensitive = true
  default   = "p4ssw0rd"
}
variable "all" {
  sensitive = true
  default = {
    key   = "-----BEGIN-----\nMIIEabcdefgh\n-----END-----\n"
    short = "ab"
    flag  = true
    port  = 8443
    none  = ""
    list  = ["elem-one"]
  }
}
locals {
  mode = var.pw != "" ? "yes" : "no"
  b64  = base64encode(var.pw)
  auth = { header = "Basic ${base64encode("root:${var.pw}")}" }
}
source "null" "a" {
  x = "user:${var.pw}"
  y = local.b64
  z = local.mode
  w = ["curl -H '${local.auth.header}' http://h/?sum=${md5(var.pw)} --times=${length(var.pw)}"]
  open = "not secret at all"
}
build {
  sources = ["null.a"]
}
`)
	want := []string{
		"-----BEGIN-----\nMIIEabcdefgh\n-----END-----\n", "-----BEGIN-----\nMIIEabcdefgh\n-----END-----",
		"2a9d119df47ff993b662a8ef36f9ea20", "cm9vdDpwNHNzdzByZA==",
		"-----BEGIN-----", "-----END-----", "MIIEabcdefgh", "cDRzc3cwcmQ=", "elem-one", "p4ssw0rd", "8443",
	}
	if diff := cmp.Diff(want, tm.Secrets()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsOfLegacyTemplates(t *testing.T) {
	t.Parallel()
	tm := loadText(t, "t.json", `{"variables": {"pw": "", "url": "http://u:{{user `+"`pw`"+`}}@h"}, "sensitive-variables": ["pw"],
		"builders": [{"type": "null", "a": "{{user `+"`pw`"+` | upper}}", "b": "{{user `+"`url`"+`}}"}]}`, Input{Name: "pw", Value: "hunter2hunter2"})
	want := []string{"http://u:hunter2hunter2@h", "HUNTER2HUNTER2", "hunter2hunter2"}
	if diff := cmp.Diff(want, tm.Secrets()); diff != "" {
		t.Error(diff)
	}
	if h := hashOf(tm.Builds[0].Source); h != "a = secret \"HUNTER2HUNTER2\"\nb = secret \"http://u:hunter2hunter2@h\"\n" {
		t.Errorf("hash\n%s", h)
	}
}

// A block may be hashed and opened by several goroutines; values that are made
// anew each time must come out the same for all of them.
func TestBlockConcurrently(t *testing.T) {
	t.Parallel()
	type config struct {
		A string `opt:"a"`
		B string `opt:"b"`
		C Late   `opt:"c"`
	}
	src := `{"builders": [{"type": "null", "a": "{{uuid}}", "b": "{{build ` + "`ID`" + `}}", "c": "{{.X}} {{uuid}}"}]}`
	for name, b := range map[string]*Block{
		"hcl":  hclBlock(t, "a = \"{{uuid}} ${uuidv4()}\"\nb = build.ID\nc = \"{{.X}}\"\n"),
		"json": loadText(t, "t.json", src).Builds[0].Source,
	} {
		got := make(chan string)
		for i := range 8 {
			go func() {
				var late map[string]string
				if i%2 == 0 {
					late = map[string]string{"ID": "7"}
				}
				hashOf(b)
				c, err := open[config](b, late)
				if err != nil {
					c.A = err.Error()
				}
				got <- c.A
			}()
		}
		first := <-got
		for range 7 {
			if next := <-got; next != first || len(next) < 36 {
				t.Errorf("%s: %q and %q", name, first, next)
			}
		}
	}
}
