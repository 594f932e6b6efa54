package interpolate

import (
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	t.Parallel()
	env := &Env{
		User: func(name string) (string, bool) {
			return map[string]string{"a": "A1", "list": "x,y"}[name], name != "none"
		},
		Getenv: func(name string) string { return "env-" + name },
		Dir:    "/t", Pwd: "/w", BuildName: "web", BuildType: "null", Version: "1.2.3",
		Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("x", 3600)),
	}
	for text, want := range map[string]string{
		"plain":                                   "plain",
		"{{user `a`}}-{{ user \"none\" }}":        "A1-",
		"{{env `HOME`}}":                          "env-HOME",
		"{{build `Host`}}":                        "h",
		"{{build_name}}/{{build_type}}":           "web/null",
		"{{template_dir}} {{pwd}}":                "/t /w",
		"{{packer_version}}":                      "1.2.3",
		"{{timestamp}}":                           "1772597167",
		"{{isotime}} {{isotime \"2006-01-02\"}}":  "2026-03-04T04:06:07Z 2026-03-04",
		"{{strftime \"%Y-%j\"}}":                  "2026-063",
		"{{upper `x`}}{{`Y` | lower}}":            "Xy",
		"{{split `a-b-c` \"-\" 1}}":               "b",
		"{{replace `a` `b` 1 `aaa`}}":             "baa",
		"{{replace_all `a` `b` `aaa`}}":           "bbb",
		"{{isotime | clean_ami_name}}":            "2026-03-04T04-06-07Z",
		"{{clean_resource_name `a b/c_d.é`}}":     "a-b-c_d.-",
		"{{if eq build_name `web`}}y{{end}}":      "y",
		"{{.Path}}|{{.Nope}}":                     "/p|<no value>",
		"{{range $i, $x := .List}}{{$x}};{{end}}": "1;2;",
		"{{printf `%03d` 7}}":                     "007",
		"{{`{{.Raw}}`}}":                          "{{.Raw}}",
	} {
		got, err := Render(text, env, map[string]any{"Path": "/p", "List": []string{"1", "2"}}, map[string]string{"Host": "h"})
		if err != nil || got != want {
			t.Errorf("Render(%s) = %q, %v; want %q", text, got, err, want)
		}
	}
	id, err := Render("{{uuid}}", env, nil, nil)
	if err != nil || len(id) != 36 || !strings.HasPrefix(id, "69a7afaf-") {
		t.Errorf("uuid: %q, %v", id, err)
	}
}

func TestRenderErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{{nosuch}}":                `function "nosuch" not defined`,
		"{{user}}":                  `wrong number of args for user: want 1 got 0`,
		"{{user `a`}}":              `write ${var.a}`,
		"{{env `a`}}":               `works in the defaults of variables only`,
		"{{build `a`}}":             `build has no value "a" here`,
		"{{build_name}}":            `build_name is not known in this place`,
		"{{split `a` `b` 1}}":       `split gives 1 parts`,
		"a\n{{.X":                   `unclosed action`,
		"{{range 10000000}}{{end}}": `loop runs more than`,
		"{{range 10}}" + strings.Repeat("{{range 100}}", 5) + strings.Repeat("{{end}}", 6): `loop runs more than`,
		"{{$x := `aaaaaaaaaa`}}" + strings.Repeat("{{$x = printf `%s%s` $x $x}}", 40):      `longer than 1 MiB`,
		"{{$x := `<<<<`}}" + strings.Repeat("{{$x = html $x $x}}", 40):                     `longer than 1 MiB`,
		strings.Repeat("{{.X}}", 30_000):                                                   `more than 20000 placeholders`,
		"{{loopstep}}":                                                                     ``,
	} {
		_, err := Render(text, &Env{}, nil, nil)
		if want == "" {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Render(%.60s): %v; want %q", text, err, want)
		}
	}
	_, err := Render("a\n{{nosuch}", &Env{}, nil, nil)
	if e, ok := err.(*Error); !ok || e.Line != 2 {
		t.Errorf("error %#v has no line", err)
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	u, err := Inspect("{{.A}} {{$.B.C}} {{with .D}}{{.Inner}}{{end}} {{user `v`}} {{upper (user `w`)}} {{if .A}}{{build `ID`}}{{end}}")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(u.Fields, " "); got != "A B D" {
		t.Errorf("fields %q", got)
	}
	if got := strings.Join(u.Users, " "); got != "v w" {
		t.Errorf("users %q", got)
	}
	if !u.Late() {
		t.Error("not late")
	}
	if _, err := Inspect("{{"); err == nil {
		t.Error("no error")
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"{{user `a`}}", "{{range 5}}{{.}}{{end}}", "{{printf `%d` 1}}", "{{define `x`}}{{end}}{{template `x`}}", "{{.A.B}}", "{{build `x`}}"} {
		f.Add(s)
	}
	env := &Env{User: func(string) (string, bool) { return "v", true }, Now: time.Unix(0, 0)}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Inspect(text)
		out, rerr := Render(text, env, map[string]string{"A": "a"}, map[string]string{"x": "y"})
		if err != nil && rerr == nil {
			t.Errorf("Inspect refuses %q, Render does not", text)
		}
		if !Has(text) && out != text {
			t.Errorf("%q became %q", text, out)
		}
	})
}
