package template

import (
	"fmt"
	"strings"
	"testing"
)

// write prints a tree with the places of its items.
func (t *Tree) write(b *strings.Builder, indent string, places bool) {
	for _, it := range t.Items {
		b.WriteString(indent + it.Name)
		if places {
			fmt.Fprintf(b, "@%d:%d", it.Pos.Line, it.Pos.Col)
		}
		if it.Body != nil {
			b.WriteString("\n")
			it.Body.write(b, indent+"  ", places)
			continue
		}
		fmt.Fprintf(b, " = %s", valueText(it.Value))
		if it.Secret {
			b.WriteString(" secret")
		}
		b.WriteString("\n")
	}
}

func TestTreeIsTheSameInBothLanguages(t *testing.T) {
	t.Parallel()
	type config struct {
		Rest Tree `opt:",remain"`
	}
	var out []string
	for _, b := range []*Block{
		hclBlock(t, `
service "nginx" {
  enabled = true
  ports   = [80, "443"]
  match   = { or = ["a", { lt = 3 }] }
}
file "/etc/x" {
  contains = ["{{.Name}}", "{{upper `+"`x`"+`}}"]
}
title = null
`),
		legacyBlock(t, `"service": { "nginx": { "enabled": true, "ports": [80, "443"], "match": { "or": ["a", { "lt": 3 }] } } },
			"file": { "/etc/x": { "contains": ["{{.Name}}", "{{upper `+"`x`"+`}}"] } }, "title": null`),
	} {
		c, err := open[config](b, nil)
		if err != nil {
			t.Fatal(err)
		}
		var s strings.Builder
		c.Rest.write(&s, "", false)
		out = append(out, s.String())
	}
	want := `service
  nginx
    enabled = true
    ports = [80,"443"]
    match
      or = ["a",{"lt":3}]
file
  /etc/x
    contains = ["{{.Name}}","X"]
title = 
`
	for i, got := range out {
		if got != want {
			t.Errorf("language %d: got\n%s\nwant\n%s", i, got, want)
		}
	}
}

func TestTreePlaces(t *testing.T) {
	t.Parallel()
	type config struct {
		Rest Tree `opt:",remain"`
	}
	src := `
variable "pw" {
  default   = "hidden"
  sensitive = true
}
source "null" "a" {}
build {
  sources = ["null.a"]
  verify "inline" {
    service "nginx"   { enabled = true, running = true }
    file "/etc/x"     { mode = "0644", owner = "root", contains = ["a, b", "c"] }, port "80" {}
    command "x"       { env = { A = "1", B = var.pw }, exit_status = 0 }
  }
}
`
	tm := loadText(t, "main.pkr.hcl", src)
	c, err := open[config](tm.Builds[0].Verifiers[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	c.Rest.write(&s, "", true)
	want := `service@10:5
  nginx@10:5
    enabled@10:25 = true
    running@10:41 = true
file@11:5
  /etc/x@11:5
    mode@11:25 = 0644
    owner@11:40 = root
    contains@11:56 = ["a, b","c"]
port@11:84
  80@11:84
command@12:5
  x@12:5
    env@12:25
      A@12:33 = 1
      B@12:42 = hidden secret
    exit_status@12:56 = 0
`
	if s.String() != want {
		t.Errorf("got\n%s\nwant\n%s", s.String(), want)
	}
}
