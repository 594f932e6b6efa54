package template

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// judgedVariables are there in every template of these tests.
const judgedVariables = `"variables": {"a": "alpha", "b": "{{user ` + "`a`" + `}}-beta", "n": "3", "list": "x,y,z", "empty": "", "t": "true", "quote": "it's"},`

// judgedTemplateTexts are texts with placeholders, each with a value of its own.
var judgedTemplateTexts = strings.Split(strings.TrimSpace(`
plain
{{user "a"}}
{{ user "a" }}
{{user "b"}} and {{user "a"}}
{{- user "a" -}}
x {{- user "a" }} y
{{user "nobody"}}
{{user "empty"}}|
{{user "quote"}}
{{build_name}}
{{build_type}}
{{upper "aä"}}
{{lower "AÄ"}}
{{upper (user "a")}}
{{user "a" | upper}}
{{user "a" | upper | lower}}
{{"x" | printf "%s-%s" "y"}}
{{split "a-b-c" "-" 0}}
{{split "a-b-c" "-" 2}}
{{split (user "list") "," 1}}
{{replace "a" "b" -1 "banana"}}
{{replace "a" "b" 2 "banana"}}
{{replace "a" "b" 0 "banana"}}
{{replace "" "-" 2 "ab"}}
{{replace_all "a" "" "banana"}}
{{replace_all "." "_" "1.2.3"}}
{{user "list" | replace_all "," " "}}
{{printf "%05d" 42}}
{{printf "%x" "hi"}}
{{printf "%q" "a b"}}
{{printf "%v %v" true 1.5}}
{{printf "%s"}}
{{printf "%d" "x"}}
{{print "a" 1 2 "b"}}
{{println "a"}}
{{len "abc"}}
{{len (user "a")}}
{{index "abc" 1}}
{{slice "abcdef" 1 3}}
{{html "<a & b>"}}
{{js "it's"}}
{{urlquery "a b&c"}}
{{if true}}yes{{else}}no{{end}}
{{if (user "empty")}}yes{{else}}no{{end}}
{{if (user "a")}}yes{{else}}no{{end}}
{{if eq (user "t") "true"}}on{{else if eq (user "t") "false"}}off{{else}}?{{end}}
{{if and (user "a") (user "t")}}both{{end}}
{{if or (user "empty") (user "a")}}one{{end}}
{{if not (user "empty")}}empty{{end}}
{{if ne 1 2}}ne{{end}}{{if lt 1 2}}lt{{end}}{{if ge 2 2}}ge{{end}}{{if gt 2 3}}gt{{end}}{{if le 1 1}}le{{end}}
{{with user "a"}}[{{.}}]{{end}}
{{with user "empty"}}[{{.}}]{{else}}none{{end}}
{{$x := user "a"}}{{$x}}{{$x}}
{{$x := 1}}{{$x = 2}}{{$x}}
{{define "t"}}T{{end}}{{template "t"}}
{{block "b" .}}B{{end}}
{{/* a comment */}}x
{{"quoted \"text\""}}
{{'a'}}
{{1}}
{{1.5}}
{{true}}
{{eq "a" "a" }}
{{eq 1 2 1}}
{{and "" "x"}}|
{{or "" "x"}}
{{printf "%s" nil}}
{{.Nothing}}
{{.Vars}} {{.Path}}
{{packer_version | printf "%.0s"}}
{{isotime "2006" | len}}
{{isotime | len}}
{{isotime "Jan"| len}}
{{strftime "%Y" | len}}
{{timestamp | len}}
{{uuid | len}}
}} x {
{ {user}
$ {{"$"}} %s %%
{{"\n"}}
{{"a\tb"}}
{{"\u00e4"}}
ä {{"漢"}}
`), "\n")

// judgedBadTexts are refused.
var judgedBadTexts = strings.Split(strings.TrimSpace(`
{{
{{user}}
{{user "a" "b"}}
{{user 1}}
{{zork}}
{{zork "a"}}
{{upper}}
{{upper 1}}
{{upper "a" "b"}}
{{split "a-b" "-" 5}}
{{split "a-b" "-" -1}}
{{split "a" "-"}}
{{split "a-b" "-" "0"}}
{{replace "a" "b" "c"}}
{{replace_all "a"}}
{{if}}x{{end}}
{{if true}}x
{{end}}
{{else}}
{{range}}x{{end}}
{{with}}x{{end}}
{{"unclosed}}
{{'ab'}}
{{$x}}
{{$x = 1}}
{{template "gone"}}
{{define "a"}}x
{{index "abc" 9}}
{{slice "abc" 2 9}}
{{len 1}}
{{eq 1 "a"}}
{{lt "a" 1}}
{{1 2}}
{{(user "a"}}
{{| user "a"}}
{{env "HOME"}}
{{user "a"}}{{end}}
{{isotime "a" "b"}}
{{strftime}}
{{timestamp 1}}
{{build_name "x"}}
{{/* open}}
{{break}}
{{nil}}
{{.a.b c}}
{{call "x"}}
{{sed "s/a/b/" "a"}}
`), "\n")

// textTemplate gives a shell-local step the texts as its environment; it prints them.
func textTemplate(t *testing.T, dir string, texts []string) string {
	t.Helper()
	var vars, prints []string
	for i, text := range texts {
		vars = append(vars, fmt.Sprintf("V%d=%s", i, text))
		prints = append(prints, fmt.Sprintf(`echo "@%d $(printf %%s "$V%d" | base64 -w0)"`, i, i))
	}
	v, err := json.Marshal(vars)
	if err != nil {
		t.Fatal(err)
	}
	p, err := json.Marshal(prints)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "t.json")
	text := "{" + judgedVariables + `"builders": [{"type": "null", "communicator": "none", "name": "web"}], "provisioners": [{"type": "shell-local", "inline": ` + string(p) + `, "environment_vars": ` + string(v) + "}]}"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var printedValue = regexp.MustCompile(`@(\d+) ?(\S*)`)

// TestTextsAgainstPacker compares what texts with placeholders become.
func TestTextsAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	dir := t.TempDir()
	path := textTemplate(t, dir, judgedTemplateTexts)
	rc, said := runPacker(t, program, dir, "", "build", "t.json")
	if rc != 0 {
		t.Fatalf("Packer ends with %d:\n%s", rc, said)
	}
	tm, err := Load(path, judgedOptions(nil))
	if err != nil {
		t.Fatal(err)
	}
	step, err := open[judgedShellLocal](tm.Builds[0].Provisioners[0].Block, map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]string{}
	for _, m := range printedValue.FindAllStringSubmatch(said, -1) {
		b, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		printed[m[1]] = string(b)
	}
	for i, text := range judgedTemplateTexts {
		_, got, _ := strings.Cut(step.Vars[i], "=")
		if want, ok := printed[fmt.Sprint(i)]; got != want || !ok {
			t.Errorf("%s becomes %q; Packer says %q", text, got, want)
		}
	}
}

// TestBadTextsAgainstPacker: each makes its template invalid, in either program.
func TestBadTextsAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	for _, text := range judgedBadTexts {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := textTemplate(t, dir, []string{text})
			rc, _ := runPacker(t, program, dir, "", "validate", "t.json")
			if _, err := Load(path, judgedOptions(nil)); rc == 0 || err == nil {
				t.Errorf("Packer ends with %d, we with %v", rc, err)
			}
		})
	}
}
