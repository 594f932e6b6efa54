package template

import (
	"errors"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// readTestData is a data source that gives back its options with "read " before
// each text; "secret" is sensitive, "fail" fails.
func readTestData(b *Block) (cty.Value, error) {
	c, err := open[anyConfig](b, nil)
	if err != nil {
		return cty.NilVal, err
	}
	out := map[string]cty.Value{}
	for _, it := range c.Rest.Items {
		v := it.Value
		if v.Type() == cty.String {
			v = cty.StringVal("read " + v.AsString())
		}
		switch it.Name {
		case "secret":
			v = Sensitive(v)
		case "fail":
			return cty.NilVal, errors.New("cannot be read")
		}
		out[it.Name] = v
	}
	return cty.ObjectVal(out), nil
}

const dataTemplate = `
variable "v" { default = "V" }
locals {
  first  = "1 ${data.test.a.x}"
  second = data.test.b
}
data "test" "b" {
  x = local.first
  n { m = data.test.a.x }
}
data "test" "a" {
  x      = var.v
  secret = "password"
}
source "null" "s" {
  host  = local.second.x
  login = data.test.a.secret
  tags  = { (data.test.a.x) = "t" }
}
build {
  name    = data.test.a.x
  labels  = { l = data.test.a.x }
  sources = ["null.s"]
  dynamic "provisioner" {
    for_each = [data.test.a.x]
    labels   = ["shell"]
    content { inline = [provisioner.value, each.value] }
  }
}
`

func TestDataSources(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "main.pkr.hcl", dataTemplate)
	var order []string
	tm, err := Load(path, Options{Environ: []string{}, Data: func(b *Block) (cty.Value, error) {
		order = append(order, b.Name)
		return readTestData(b)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "a b" || len(tm.Data) != 2 {
		t.Errorf("read %q", got)
	}
	b := tm.Builds[0]
	if b.Name != "read V.null.s" || b.Labels["l"] != "read V" || len(b.Provisioners) != 1 {
		t.Errorf("build %+v", b)
	}
	got := hashOf(b.Source) + hashOf(b.Provisioners[0].Block)
	for _, want := range []string{`host = "read 1 read V"`, `login = secret "read password"`, `tags.read V = "t"`, `inline = ["read V","read V"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if s := tm.Secrets(); len(s) != 1 || s[0] != "read password" {
		t.Errorf("secrets %q", s)
	}
}

// Validation does not read: everything that depends on data is unknown, and no error.
func TestDataSourcesUnread(t *testing.T) {
	t.Parallel()
	tm, err := Load(writeFile(t, "main.pkr.hcl", dataTemplate), Options{Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if len(tm.Data) != 2 || len(tm.Builds) != 1 {
		t.Fatalf("%d data, %d builds", len(tm.Data), len(tm.Builds))
	}
	type config struct {
		Host  string `opt:"host,required"`
		Login string `opt:"login,required"`
		Tags  Tree   `opt:"tags"`
	}
	if c, err := open[config](tm.Builds[0].Source, nil); err != nil || c.Host != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestDataSourceErrors(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"data \"test\" \"a\" {\n  fail = 1\n}\n":                                           "main.pkr.hcl:1:1: cannot be read",
		"data \"test\" \"a\" {\n  x = data.test.a.x\n}\n":                                  "cycle: data.test.a → data.test.a",
		"data \"test\" \"a\" {\n  x = local.l\n}\nlocals {\n  l = data.test.a\n}\n":        "cycle: data.test.a → local.l → data.test.a",
		"data \"test\" \"a\" {}\ndata \"test\" \"a\" {}\n":                                 "is declared twice",
		"locals {\n  l = data.test.zork.x\n}\ndata \"test\" \"a\" {}\n":                    `data source "test.zork" is not declared`,
		"data \"tset\" \"a\" {}\n":                                                         `unknown data type "tset"`,
		"data \"test\" \"a\" {\n  x = nofunc()\n}\n":                                       "no function named",
		"source \"null\" \"a\" {\n  x = data.tset.a\n}\nbuild {\n sources=[\"null.a\"]\n}": `data source "tset.a" is not declared`,
	} {
		path := writeFile(t, "main.pkr.hcl", src)
		_, err := Load(path, Options{Environ: []string{}, Data: readTestData, Known: func(kind string) []string {
			if kind == "data" {
				return []string{"test"}
			}
			return []string{"null"}
		}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", src, err, want)
		}
	}
}
