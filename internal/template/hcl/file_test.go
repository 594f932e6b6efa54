package hcl

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestSeparate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"outside of build": {"verify \"x\" { a = 1, b = 2 }", ""},
		"other block":      {"build {\n  source \"x\" { a = 1, b = 2 }\n}", ""},
		"one argument":     {"build {\n verify \"goss\" { file = \"x\" }\n}", "build {\n verify \"goss\" {\n file = \"x\" \n}\n}"},
		"commas": {
			"build {\n verify \"inline\" {\n  file \"a\" { x = 1, y = [1, 2], z = f(1, 2) }\n }\n}",
			"build {\n verify \"inline\" {\n  file \"a\" {\n x = 1\n y = [1, 2]\n z = f(1, 2) \n}\n }\n}",
		},
		"lines stay as they are": {"build {\n verify \"inline\" {\n  file \"a\" {\n   x = 1 # a, b\n   y = \"a, ${b}, c\"\n  }\n }\n}", ""},
		"blocks in one line":     {"build {\n verify \"inline\" { a \"x\" {}, b \"y\" { c = 1 } }\n}", "build {\n verify \"inline\" {\n a \"x\" {}\n b \"y\" {\n c = 1 \n} \n}\n}"},
		"trailing comma":         {"build {\n verify \"inline\" {\n  a \"x\" { b = 1, }\n }\n}", "build {\n verify \"inline\" {\n  a \"x\" {\n b = 1\n }\n }\n}"},
		"objects": {
			"build {\n verify \"inline\" {\n  a \"x\" { b = { c = 1, d = 2 }, e = 1 }\n }\n}",
			"build {\n verify \"inline\" {\n  a \"x\" {\n b = { c = 1, d = 2 }\n e = 1 \n}\n }\n}",
		},
	} {
		if c.want == "" {
			c.want = c.in
		}
		tokens, _ := hclsyntax.LexConfig([]byte(c.in), "f", start)
		got, ins := separate([]byte(c.in), tokens)
		if string(got) != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
		f := &File{src: []byte(c.in), ins: ins}
		for i := range got {
			off := f.Offset(i)
			same := off < len(c.in) && (got[i] == c.in[off] || got[i] == '\n' && c.in[off] == ',')
			inserted := got[i] == '\n' && contains(ins, i)
			if !same && !inserted {
				t.Fatalf("%s: byte %d %q leads to %d %q", name, i, got[i], off, c.in[off])
			}
		}
	}
}

func contains(list []int, n int) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

func TestSource(t *testing.T) {
	t.Parallel()
	f, diags := Parse("f.pkr.hcl", []byte("build {\n  verify \"inline\" {\n    a \"x\" { b = 1, c = [2, 3] }\n  }\n}\n"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body := f.Body.(*hclsyntax.Body).Blocks[0].Body.Blocks[0].Body.Blocks[0].Body
	if got := f.Source(body.Attributes["c"].Expr.Range()); got != "[2, 3]" {
		t.Errorf("source of c is %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"build {\n verify \"inline\" {\n  a \"x\" { b = 1, c = [2] }\n }\n}",
		"a = \"${b}\"\n", "a = <<EOT\nx\nEOT\n", "build { verify", "build {\n verify \"x\" { , } }", "%{", "a \"${\" {",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, diags := Parse("f.pkr.hcl", []byte(src))
		if file.Body == nil {
			t.Fatal("no body")
		}
		for _, d := range diags {
			if d.Subject == nil {
				continue
			}
			if off := file.Offset(d.Subject.Start.Byte); off < 0 || off > len(src) {
				t.Errorf("%s is at %d of %d", d.Summary, off, len(src))
			}
		}
		if !strings.Contains(src, "verify") && len(file.ins) > 0 {
			t.Error("text without verify blocks was changed")
		}
	})
}
