package template

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type nested struct {
	Name string `opt:"name,required"`
	Size int64  `opt:"size" default:"7"`
}

type common struct {
	Host string `opt:"host" default:"localhost"`
}

type allTypes struct {
	common
	S    string            `opt:"s"`
	B    bool              `opt:"b"`
	BP   *bool             `opt:"bp"`
	I    int               `opt:"i"`
	I64  int64             `opt:"i64"`
	F    float64           `opt:"f"`
	D    time.Duration     `opt:"d" default:"90s"`
	L    []string          `opt:"l" default:"x,y"`
	N    []int             `opt:"n"`
	M    map[string]string `opt:"m"`
	One  nested            `opt:"one"`
	Ptr  *nested           `opt:"ptr"`
	Many []nested          `opt:"many"`
	Rest Tree              `opt:",remain"`
}

// open decodes the block's body in a set of one kind.
func open[C any](b *Block, late map[string]string) (C, error) {
	s := NewSet(Define(b.Type, "", func(c C) (C, error) { return c, nil }))
	return s.Open(b, late)
}

func hclBlock(t *testing.T, text string) *Block {
	t.Helper()
	b, err := ParseBlock("test", "test.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// legacyBlock loads a legacy template whose only builder has these members.
func legacyBlock(t *testing.T, members string) *Block {
	t.Helper()
	tm, err := Load("-", Options{Environ: []string{}, Stdin: strings.NewReader(`{"builders": [{"type": "test", ` + members + `}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return tm.Builds[0].Source
}

func TestOpenAllTypes(t *testing.T) {
	t.Parallel()
	yes := true
	want := allTypes{
		common: common{Host: "localhost"},
		S:      "5", B: true, BP: &yes, I: 3, I64: 1 << 40, F: 1.5, D: 2 * time.Minute,
		L: []string{"a", "1"}, N: []int{0, 2}, M: map[string]string{"k": "1", "x.y": "1"},
		One: nested{"one", 7}, Ptr: &nested{"ptr", 1},
		Many: []nested{{"m1", 7}, {"m2", 2}},
	}
	for name, b := range map[string]*Block{
		"hcl": hclBlock(t, `
			s = 5
			b = "true"
			bp = true
			i = "3"
			i64 = 1099511627776
			f = 1.5
			d = "2m"
			l = ["a", 1]
			n = [0, "2"]
			m = { k = 1, "x.y" = 1 }
			one { name = "one" }
			ptr = { name = "ptr", size = 1 }
			many { name = "m1" }
			many {
			  name = "m2"
			  size = "2"
			}`),
		"json": legacyBlock(t, `
			"s": 5, "b": "true", "bp": true, "i": "3", "i64": 1099511627776, "f": 1.5, "d": "2m",
			"l": "a,1", "n": [0, "2"], "m": { "k": true, "x.y": 1 },
			"one": { "name": "one" }, "ptr": { "name": "ptr", "size": 1 },
			"many": [ { "name": "m1" }, { "name": "m2", "size": "2" } ]`),
	} {
		got, err := open[allTypes](b, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.Rest = Tree{}
		want := want
		if name == "json" { // where bools become 1 and 0 in text, as in Packer
			want.M = map[string]string{"k": "1", "x.y": "1"}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(allTypes{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestOpenDefaults(t *testing.T) {
	t.Parallel()
	got, err := open[allTypes](hclBlock(t, `b = null`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Host != "localhost" || got.D != 90*time.Second || !reflect.DeepEqual(got.L, []string{"x", "y"}) ||
		got.Ptr != nil || got.BP != nil || got.One.Size != 7 || got.One.Name != "" {
		t.Errorf("got %+v", got)
	}
}

func TestOpenDefaultsWithPlaceholders(t *testing.T) {
	t.Parallel()
	type config struct {
		Dir   string `opt:"dir" default:"output-{{build_name}}"`
		Exec  Late   `opt:"exec" default:"{{.Path}} {{build_name}}"`
		Later string "opt:\"later\" default:\"{{build \x60ID\x60}}\""
	}
	b := hclBlock(t, "")
	c, err := open[config](b, map[string]string{"ID": "7"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Exec.Render(map[string]string{"Path": "p"}); c.Dir != "output-test" || c.Later != "7" || got != "p test" || err != nil {
		t.Errorf("%+v, %q, %v", c, got, err)
	}
}

func TestListsAndMapsOfLateTexts(t *testing.T) {
	t.Parallel()
	type config struct {
		L []Late          `opt:"l"`
		M map[string]Late `opt:"m"`
	}
	for name, b := range map[string]*Block{
		"hcl":  hclBlock(t, `l = ["{{.A}} {{build_name}}", "x"]`+"\n"+`m = { k = "{{.A}}" }`),
		"json": legacyBlock(t, `"name": "test", "l": "{{.A}} {{build_name}},x", "m": { "k": "{{.A}}" }`),
	} {
		c, err := open[config](b, nil)
		if err != nil || len(c.L) != 2 {
			t.Errorf("%s: %+v, %v", name, c, err)
			continue
		}
		for want, l := range map[string]Late{"1 test": c.L[0], "x": c.L[1], "1": c.M["k"]} {
			if got, err := l.Render(map[string]string{"A": "1"}); got != want || err != nil {
				t.Errorf("%s: %q, %v; want %q", name, got, err, want)
			}
		}
	}
}

func TestOpenLate(t *testing.T) {
	t.Parallel()
	type config struct {
		Host string   `opt:"host,required"`
		Note []string `opt:"note"`
		ID   string   `opt:"id" default:"none"`
		Late Late     `opt:"late"`
		UUID string   `opt:"uuid"`
	}
	b := hclBlock(t, `
		host = build.Host
		note = ["x", "at {{ build `+"`Port`"+` }}"]
		id   = upper(build.ID)
		late = "{{.Path}} {{ build `+"`Host`"+` }} ${build.name}"
		uuid = "${uuidv4()} {{uuid}}"`)
	before, err := open[config](b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if before.Host != "" || before.ID != "" || !reflect.DeepEqual(before.Note, []string{"x", ""}) || before.UUID == "" {
		t.Errorf("before connect: %+v", before)
	}
	late := map[string]string{"Host": "10.0.0.1", "Port": "22", "ID": "i-1"}
	after, err := open[config](b, late)
	if err != nil {
		t.Fatal(err)
	}
	if after.Host != "10.0.0.1" || after.ID != "I-1" || after.Note[1] != "at 22" {
		t.Errorf("after connect: %+v", after)
	}
	if after.UUID != before.UUID {
		t.Error("a value known before connect has changed")
	}
	got, err := after.Late.Render(map[string]string{"Path": "/tmp/x"})
	if err != nil || got != "/tmp/x 10.0.0.1 test" {
		t.Errorf("late text: %q, %v", got, err)
	}
	if _, err := open[config](b, map[string]string{"Hots": "x"}); err == nil || !strings.Contains(err.Error(), `build.Host is not given`) || !strings.Contains(err.Error(), `"Hots"`) {
		t.Errorf("late value that is missing: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	s := NewSet(Define("test", "", func(c allTypes) (string, error) {
		return "", errors.Join(
			At("one.size", errors.New("too large")),
			At("absent", errors.New("is wanted")),
			errors.New("all is wrong"))
	}))
	_, err := s.Open(hclBlock(t, "one {\n  name = \"x\"\n  size = 100\n}\n"), nil)
	want := `test.hcl:1:1: absent: is wanted
  1 | one {
    | ^
test.hcl:1:1: all is wrong
  1 | one {
    | ^
test.hcl:3:10: one.size: too large
  3 |   size = 100
    |          ^`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	var d Diagnostics
	if !errors.As(err, &d) || len(d) != 3 {
		t.Errorf("error is %T", err)
	}
	if _, err := s.Open(&Block{Type: "tset", Pos: Pos{File: "f", Line: 1}}, nil); err == nil || !strings.Contains(err.Error(), `did you mean "test"?`) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestSecretValuesStayOutOfErrors(t *testing.T) {
	t.Parallel()
	in := `{"variables": {"pw": "topsecret"}, "sensitive-variables": ["pw"],
"builders": [{"type": "test", "i": "{{user ` + "`pw`" + `}}", "n": "{{user ` + "`pw`" + `}}", "d": "{{user ` + "`pw`" + `}}"}]}`
	tm, err := Load("-", Options{Environ: []string{}, Stdin: strings.NewReader(in)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = open[allTypes](tm.Builds[0].Source, nil)
	var d Diagnostics
	if !errors.As(err, &d) {
		t.Fatal(err)
	}
	for _, x := range d {
		if strings.Contains(x.Summary+x.Detail, "topsecret") {
			t.Errorf("secret in %s", x.Summary)
		}
	}
	if len(d) != 3 {
		t.Errorf("got %d errors, want 3: %v", len(d), err)
	}
}

// What a kind says of an option of many parts names none that is sensitive.
func TestSecretPartsStayOutOfErrors(t *testing.T) {
	t.Parallel()
	type config struct {
		List []string          `opt:"list"`
		Map  map[string]string `opt:"map"`
		Text string            `opt:"text"`
	}
	k := Define("test", "", func(c config) (int, error) {
		return 0, errors.Join(
			At("list", fmt.Errorf("%q is none of a, b", c.List[0])),
			At("map", fmt.Errorf("map is %v", c.Map)),
			At("text", fmt.Errorf("%q has lines", c.Text)))
	})
	tm := loadText(t, "t.pkr.hcl", `
variable "pw" {
  default = "hush\nhush"
  sensitive = true
}
source "test" "a" {
  list = [var.pw]
  map = { a = "x${var.pw}", b = "open" }
  text = var.pw
}
build { sources = ["source.test.a"] }`)
	_, err := NewSet(k).Open(tm.Builds[0].Source, nil)
	if err == nil || strings.Contains(err.Error(), "hush") || strings.Count(err.Error(), "<sensitive>") != 3 ||
		!strings.Contains(err.Error(), "b:open") {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	k := Define("test", "a test", func(c allTypes) (int, error) { return 0, nil })
	var got []string
	for _, o := range k.Options() {
		line := o.Name + " " + o.Type
		if o.Default != "" {
			line += " =" + o.Default
		}
		for _, n := range o.Options {
			line += " (" + n.Name + " " + n.Type + ")"
		}
		got = append(got, line)
	}
	want := []string{
		"host string =localhost", "s string", "b bool", "bp bool", "i number", "i64 number", "f number", "d duration =90s",
		"l list of strings =x,y", "n list of numbers", "m map of strings",
		"one block (name string) (size number)", "ptr block (name string) (size number)", "many blocks (name string) (size number)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRecordedOptionsTakeNothingSensitive(t *testing.T) {
	t.Parallel()
	type config struct {
		Output Late              `opt:"output,required,recorded"`
		Files  []string          `opt:"files,recorded"`
		Names  map[string]string `opt:"names,recorded"`
		Inner  struct {
			Path string `opt:"path,recorded"`
		} `opt:"inner"`
		Text string `opt:"text"`
	}
	load := func(body string) *Block {
		tm := loadText(t, "t.pkr.hcl", "variable \"pw\" {\n default = \"hush\"\n sensitive = true\n}\n"+
			"source \"test\" \"a\" {\n"+body+"\n}\nbuild { sources = [\"source.test.a\"] }")
		return tm.Builds[0].Source
	}
	for body, want := range map[string]string{
		`output = "x"`:                                                      "",
		"output = \"x\"\ntext = var.pw":                                     "",
		`output = "x-${var.pw}"`:                                            `t.pkr.hcl:6:10: option "output" holds a sensitive value`,
		"output = \"x\"\nfiles = [\"a\", upper(var.pw)]":                    `t.pkr.hcl:7:15: option "files" holds`,
		"output = \"x\"\nnames = { a = var.pw }":                            `t.pkr.hcl:7:15: option "names" holds`,
		"output = \"x\"\ninner {\n path = \"/${md5(var.pw)}/${var.pw}\"\n}": `t.pkr.hcl:8:9: option "path" holds`,
	} {
		_, err := open[config](load(body), nil)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

func TestMistakesInTheProgramPanic(t *testing.T) {
	t.Parallel()
	k := Define("a", "", func(c common) (int, error) { return 0, nil })
	for name, f := range map[string]func(){
		"two kinds of one name": func() { NewSet(k, k) },
		"unsupported type": func() {
			Define("x", "", func(c struct {
				C chan int `opt:"c"`
			}) (int, error) {
				return 0, nil
			}).Options()
		},
		"option twice": func() {
			Define("x", "", func(c struct {
				common
				H string `opt:"host"`
			}) (int, error) {
				return 0, nil
			}).Options()
		},
		"unknown flag": func() {
			Define("x", "", func(c struct {
				H string `opt:"host,required,recored"`
			}) (int, error) {
				return 0, nil
			}).Options()
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// TestPassword: {{.WinRMPassword}} is {{build `WinRMPassword`}}, wherever it stands.
func TestPassword(t *testing.T) {
	t.Parallel()
	type config struct {
		User     string   `opt:"user"`
		Password string   `opt:"password,required"`
		Args     []string `opt:"args"`
		Command  Late     `opt:"command"`
	}
	b := legacyBlock(t, `"password": "{{.WinRMPassword}}", "args": ["-p", "{{ .WinRMPassword }}!"], "command": "{{.Path}} {{.WinRMPassword}}"`)
	before, err := open[config](b, nil)
	if err != nil || before.Password != "" || len(before.Args) != 2 || before.Args[1] != "" {
		t.Errorf("before connect: %+v, %v", before, err)
	}
	after, err := open[config](b, map[string]string{"WinRMPassword": "canary"})
	if err != nil || after.Password != "canary" || after.Args[1] != "canary!" {
		t.Errorf("after: %+v, %v", after, err)
	}
	if got, err := after.Command.Render(map[string]string{"Path": "p"}); got != "p canary" || err != nil {
		t.Errorf("command: %q, %v", got, err)
	}
}
