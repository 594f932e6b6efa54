package template

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

type documentedConfig struct {
	Name  string            `opt:"name_of,required" doc:"what | it is called"`
	Size  int               `opt:"size" default:"7"`
	On    bool              `opt:"on"`
	List  []string          `opt:"list" default:"a,b"`
	Map   map[string]string `opt:"map"`
	Disks []struct {
		Size int `opt:"size,required" doc:"in GB"`
	} `opt:"disk" doc:"disks"`
	By   map[string]nested `opt:"by"`
	Late Late              `opt:"command" default:"x {{.Path}}"`
	Any  Tree              `opt:"any"`
}

func documented() Components {
	return Components{
		Sources:        NewSet(Define("doc", "documented things", self[documentedConfig]), Define("any", "", self[anyConfig])).Components(),
		Provisioners:   NewSet(Define("shell", "", self[shellConfig])).Components(),
		Verifiers:      NewSet(Define("goss", "", self[anyConfig])).Components(),
		PostProcessors: NewSet(Define("manifest", "", self[documentedConfig])).Components(),
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	text, err := Schema(documented())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		in    string
		valid bool
	}{
		{`{"builders": [{"type": "doc", "name_of": "x", "size": "{{user ` + "`s`" + `}}", "on": "true", "list": "a,b", "labels": {"a": "b"}, "name": "n"}]}`, true},
		{`{"builders": [{"type": "doc", "name_of": "x", "size": 5, "on": true, "list": ["a"], "map": {"k": 1}, "disk": [{"size": 1}], "by": {"k": {"name": "n"}}, "any": {"x": 1}}]}`, true},
		{`{"builders": [{"type": "any", "whatever": 1}], "_comment": 5, "variables": {"a": null, "b": ""}}`, true},
		{`{"builders": [{"type": "any"}], "provisioners": [{"type": "shell", "inline": ["x"], "only": ["any"], "pause_before": "3s", "override": {"any": {}}, "cache": false}]}`, true},
		{`{"builders": [{"type": "any"}], "post-processors": ["manifest", [{"type": "manifest", "name_of": "x", "keep_input_artifact": true}, "manifest"]]}`, true},
		{`{}`, false},
		{`{"builders": [{"type": "any"}], "zork": 1}`, false},
		{`{"builders": [{"type": "zork"}]}`, false},
		{`{"builders": [{"name_of": "x"}]}`, false},
		{`{"builders": [{"type": "doc"}]}`, false},
		{`{"builders": [{"type": "doc", "name_of": "x", "zork": 1}]}`, false},
		{`{"builders": [{"type": "doc", "name_of": "x", "on": 1}]}`, false},
		{`{"builders": [{"type": "doc", "name_of": "x", "disk": [{}]}]}`, false},
		{`{"builders": [{"type": "doc", "name_of": "x", "by": {"k": {}}}]}`, false},
		{`{"builders": [{"type": "any"}], "provisioners": [{"type": "shell", "inlin": ["x"]}]}`, false},
		{`{"builders": [{"type": "any"}], "post-processors": ["zork"]}`, false},
		{`{"builders": [{"type": "any"}], "variables": {"a": []}}`, false},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(x.in))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != x.valid {
			t.Errorf("%s: %v; want valid %t", x.in, err, x.valid)
		}
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	want := "# doc\n\nDocumented things.\n\n## Options\n\n| option | type | default | |\n|---|---|---|---|\n" +
		"| `name_of` | string | required | what \\| it is called |\n" +
		"| `size` | number | `7` |  |\n" +
		"| `on` | bool |  |  |\n" +
		"| `list` | list of strings | `a,b` |  |\n" +
		"| `map` | map of strings |  |  |\n" +
		"| `disk` | blocks |  | disks |\n" +
		"| `by` | map of blocks |  |  |\n" +
		"| `command` | string | `x {{.Path}}` |  |\n" +
		"| `any` | block |  |  |\n" +
		"\n## `disk`\n\n| option | type | default | |\n|---|---|---|---|\n| `size` | number | required | in GB |\n" +
		"\n## `by`\n\n| option | type | default | |\n|---|---|---|---|\n| `name` | string | required |  |\n| `size` | number | `7` |  |\n"
	c := documented()
	if diff := cmp.Diff(want, Reference(c.Sources[1])); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := Reference(c.Sources[0]); !strings.Contains(got, "None.") || !strings.Contains(got, "takes further options") {
		t.Errorf("got\n%s", got)
	}
	if got := CommonOptions("post-processor"); len(got) != 4 || got[0].Name != "only" || got[0].Doc == "" {
		t.Errorf("%+v", got)
	}
}
