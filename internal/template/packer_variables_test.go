package template

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Types of variables, and texts that are given as their values.
var (
	judgedTypes = []string{
		"string", "number", "bool", "list(string)", "list(number)", "set(string)", "map(string)",
		"map(number)", "object({ a = string, b = number })", "tuple([string, number])", "list(object({ a = string }))",
	}
	judgedTexts = []string{
		``, `x`, `x y`, `1`, `1.50`, `-7`, `1e3`, `0x10`, `01`, ` 7`, `true`, `TRUE`, `yes`, `null`, `"quoted"`, `upper("x")`, `var.x`, `${1}`, `%`,
		`[]`, `["a"]`, `["a",]`, `[1, 2]`, `[1, "b"]`, `["x", 2]`, `["x", 2, 3]`, `[null]`, `[[1]]`, `["a"`, `a,b`,
		`{}`, `{a="x"}`, `{a="x",b=2}`, `{a=1,b="2"}`, `{a="x",b="y"}`, `{"a":"x"}`, `{"a":1, "b":2, "c":3}`, `[{a="x"}]`, `[{a=1},{a=2}]`, `[{}]`, `{a=null}`,
	}
	judgedJSON = []string{
		`""`, `"x"`, `"1"`, `"true"`, `1`, `1.5`, `true`, `null`, `[]`, `["a"]`, `[1, "b"]`, `["x", 2]`, `{}`, `{"a": "x"}`, `{"a": 1, "b": "2"}`, `[{"a": "x"}]`, `"[1]"`, `"${1}"`,
	}
)

// TestVariablesAgainstPacker gives a variable of each type each text, in each way:
// the verdicts, and the values of those that are taken.
func TestVariablesAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	for _, way := range []string{"var", "env", "file", "json"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			texts := judgedTexts
			if way == "json" {
				texts = judgedJSON
			}
			g := &givenVariables{program: program, dir: t.TempDir(), way: way}
			for _, typ := range judgedTypes {
				for _, text := range texts {
					g.add(typ, text)
				}
			}
			theirs, ours := g.refused(t)
			var taken []givenVariable
			for _, v := range g.list {
				switch {
				case theirs[v.name] != ours[v.name]:
					t.Errorf("%s given %s: Packer refuses it: %v, we: %v", v.typ, v.text, theirs[v.name], ours[v.name])
				case !ours[v.name]:
					taken = append(taken, v)
				}
			}
			g.list = taken
			g.compare(t)
		})
	}
}

type givenVariable struct{ name, typ, text string }

// givenVariables is a template that declares variables, and how they get values.
type givenVariables struct {
	program, dir, way string
	list              []givenVariable
}

func (g *givenVariables) add(typ, text string) {
	if g.way == "file" && !isExpression(text) {
		return // the file is not read at all
	}
	g.list = append(g.list, givenVariable{fmt.Sprintf("v%03d", len(g.list)), typ, text})
}

// isExpression tells whether the text may stand in a file of variables.
func isExpression(text string) bool {
	c, err := NewConsole("", Options{Environ: []string{}})
	if err != nil {
		return false
	}
	_, err = c.Eval(text)
	return err == nil && text != ""
}

// write makes the files, and returns the arguments of Packer and our options.
func (g *givenVariables) write(t *testing.T) (args []string, o Options) {
	var decl, vars strings.Builder
	o.Environ = []string{}
	members := []string{}
	for _, v := range g.list {
		fmt.Fprintf(&decl, "variable %q {\n  type = %s\n}\n", v.name, v.typ)
		switch g.way {
		case "var":
			args = append(args, "-var", v.name+"="+v.text)
			o.Inputs = append(o.Inputs, Input{Name: v.name, Value: v.text})
		case "env":
			o.Environ = append(o.Environ, "PKR_VAR_"+v.name+"="+v.text)
		case "file":
			fmt.Fprintf(&vars, "%s = %s\n", v.name, v.text)
		case "json":
			members = append(members, fmt.Sprintf("%q: %s", v.name, v.text))
		}
	}
	file := ""
	switch g.way {
	case "file":
		file = filepath.Join(g.dir, "v.pkrvars.hcl")
	case "json":
		file = filepath.Join(g.dir, "v.json")
		vars.WriteString("{" + strings.Join(members, ",\n") + "}")
	}
	put := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		put(file, vars.String())
		args = []string{"-var-file", file}
		o.Inputs = []Input{{File: file}}
	}
	put(filepath.Join(g.dir, "t.pkr.hcl"), decl.String())
	return args, o
}

var variableName = regexp.MustCompile(`\bv\d{3}\b`)

// refused returns the names of the variables whose values are not taken.
func (g *givenVariables) refused(t *testing.T) (theirs, ours map[string]bool) {
	theirs, ours = map[string]bool{}, map[string]bool{}
	args, o := g.write(t)
	_, said := runPackerEnv(t, g.program, g.dir, "", o.Environ, append(append([]string{"validate", "-syntax-only"}, args...), "t.pkr.hcl")...)
	for _, name := range variableName.FindAllString(said, -1) {
		theirs[name] = true
	}
	for _, v := range g.list { // we tell of so many errors and no more
		one := &givenVariables{dir: g.dir, way: g.way, list: []givenVariable{v}}
		_, o := one.write(t)
		o.SyntaxOnly = true
		_, err := Load(filepath.Join(g.dir, "t.pkr.hcl"), o)
		ours[v.name] = err != nil
	}
	return theirs, ours
}

// compare compares the values of all variables.
func (g *givenVariables) compare(t *testing.T) {
	args, o := g.write(t)
	var exprs []string
	for _, v := range g.list {
		exprs = append(exprs, "var."+v.name)
	}
	_, want := runPackerEnv(t, g.program, g.dir, "["+strings.Join(exprs, ", ")+"]", o.Environ, append(append([]string{"console", "--config-type=hcl2"}, args...), "t.pkr.hcl")...)
	c, err := NewConsole(filepath.Join(g.dir, "t.pkr.hcl"), o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Eval("[" + strings.Join(exprs, ", ") + "]")
	if err != nil {
		t.Fatal(err)
	}
	if len(g.list) < 40 {
		t.Errorf("only %d values are taken", len(g.list))
	}
	theirLines, ourLines := strings.Split(strings.TrimSpace(want), "\n"), strings.Split(strings.TrimSpace(got), "\n")
	for i := range max(len(theirLines), len(ourLines)) {
		if i >= len(theirLines) || i >= len(ourLines) || theirLines[i] != ourLines[i] {
			t.Fatalf("values differ from line %d on: Packer\n%s\nwe\n%s", i+1, strings.Join(theirLines[max(0, i-5):min(i+3, len(theirLines))], "\n"), strings.Join(ourLines[max(0, i-5):min(i+3, len(ourLines))], "\n"))
		}
	}
}
