package template

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrderAgainstPacker compares which of several values a variable takes. A case
// is a row of sources in command line order: "var", "file1", "file2", and for HCL2
// "env" and "auto".
func TestOrderAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	for _, lang := range []string{"json", "hcl"} {
		for _, row := range []string{
			"", "var", "file1", "var file1", "file1 var", "file1 file2", "file2 file1", "var var", "var file1 var", "file1 var file2", "file2 var var file1",
			"env", "env var", "env file1", "auto", "auto env", "auto file1", "auto var", "auto env file1 var file2", "auto env var file1",
		} {
			if lang == "json" && (strings.Contains(row, "env") || strings.Contains(row, "auto")) {
				continue
			}
			t.Run(lang+" "+row, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				put := func(name, text string) string {
					path := filepath.Join(dir, name)
					if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
					return path
				}
				o := Options{Environ: []string{}}
				var args []string
				for i, source := range strings.Fields(row) {
					value := fmt.Sprintf("%s-%d", source, i)
					switch source {
					case "var":
						args = append(args, "-var", "v="+value)
						o.Inputs = append(o.Inputs, Input{Name: "v", Value: value})
					case "env":
						o.Environ = append(o.Environ, "PKR_VAR_v="+value)
					case "auto":
						put("z.auto.pkrvars.hcl", `v = "`+value+`"`)
						put("a.auto.pkrvars.hcl", `v = "no"`)
					default:
						file := put(source+".json", `{"v": "`+value+`"}`)
						args = append(args, "-var-file", file)
						o.Inputs = append(o.Inputs, Input{File: file})
					}
				}
				expression := "var.v"
				if lang == "json" {
					path := put("t.json", `{"variables": {"v": "default"}, "builders": [{"type": "null"}]}`)
					expression = "{{user `v`}}"
					compareConsole(t, program, path, "t.json", expression, nil, args, o)
					return
				}
				put("t.pkr.hcl", "variable \"v\" {\n  default = \"default\"\n}\n")
				compareConsole(t, program, dir, ".", expression, []string{"--config-type=hcl2"}, args, o)
			})
		}
	}
}

// compareConsole compares the value of an expression. path is the template for us,
// name for Packer.
func compareConsole(t *testing.T, program, path, name, expression string, flags, args []string, o Options) {
	t.Helper()
	dir := path
	if name != "." {
		dir = filepath.Dir(path)
	}
	_, want := runPackerEnv(t, program, dir, expression, o.Environ, append(append(append([]string{"console"}, flags...), args...), name)...)
	c, err := NewConsole(path, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Eval(expression)
	if err != nil || strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("%q, %v; Packer says %q", got, err, want)
	}
}

// TestBadExpressionsAgainstPacker: each fails, in either program.
func TestBadExpressionsAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	for _, x := range strings.Split(strings.TrimSpace(judgedBadExpressions), "\n") {
		t.Run(x, func(t *testing.T) {
			t.Parallel()
			rc, said := runPacker(t, program, t.TempDir(), x, "console", "--config-type=hcl2")
			c, err := NewConsole("", Options{Environ: []string{}})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Eval(x); rc == 0 || err == nil {
				t.Errorf("Packer ends with %d (%s), we with %q, %v", rc, strings.TrimSpace(said), got, err)
			}
		})
	}
}

const judgedBadExpressions = `
upper()
upper("a", "b")
upper([])
zork("a")
var.gone
local.gone
"unclosed
"${"
"${upper(}"
[1, 2
{ a = 1
1 +
1 + "a"
"a" + "b"
!1
true ? 1
abs("x")
ceil("x")
chunklist([1], -1)
cidrhost("10.0.0.0/8x", 1)
cidrhost("10.0.0.0/30", 9)
cidrnetmask("x")
cidrsubnet("10.0.0.0/8", 30, 1)
coalesce("", "")
coalescelist([])
convert("x", number)
csvdecode("a,b\n1")
element([], 0)
file("/nonexistent")
filebase64("/nonexistent")
flatten("a")
format("%d", "x")
format("%s")
formatdate("X", "2020-01-01T00:00:00Z")
formatdate("DD", "soon")
formatlist("%s-%s", ["a"], ["b", "c"])
index(["a"], "b")
indent("x", "y")
join(",", 1)
jsondecode("{")
keys(1)
length(1)
log("x", 2)
lookup({}, "a")
max()
merge("a")
parseint("z", 10)
parseint("1", 99)
pow("x", 2)
range(1, 10, 0)
setintersection(1)
slice([1], 0, 5)
sort([[1]])
split(1)
substr("a")
timeadd("soon", "1h")
timeadd("2020-01-01T00:00:00Z", "x")
title([])
uuidv5("zork", "x")
yamldecode("a: [")
zipmap(["a"], [1, 2])
[1, 2][5]
{ a = 1 }.b
[for x in 1 : x]
{ for x in ["a", "a"] : x => 1 }
"%{ if true }x"
"%{ for x in 1 }y%{ endfor }"
`
