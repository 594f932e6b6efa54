package template

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// packerProgram is the judge: Debian's Packer, whose answers are compared with ours.
func packerProgram(t *testing.T) string {
	if testing.Short() {
		t.Skip("runs another program some hundred times")
	}
	path, err := exec.LookPath("packer")
	if err != nil {
		t.Skip("packer is missing: apt-get install --no-install-recommends packer")
	}
	out, err := exec.Command(path, "version").Output()
	if err != nil || !strings.Contains(string(out), "v1.6.6") {
		t.Skipf("packer 1.6.6 is missing: %s is %q", path, out)
	}
	return path
}

// runPacker returns the exit status and what the program printed.
func runPacker(t *testing.T, program, dir, stdin string, args ...string) (int, string) {
	return runPackerEnv(t, program, dir, stdin, nil, args...)
}

func runPackerEnv(t *testing.T, program, dir, stdin string, env []string, args ...string) (int, string) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	// It runs for a moment: a fifth of that would be its garbage collector's.
	cmd.Env = append(os.Environ(), "GOGC=off", "CHECKPOINT_DISABLE=1", "PACKER_NO_COLOR=1", "PACKER_CONFIG_DIR="+dir)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// The components that the templates use, with the options that matter.
type (
	judgedNull struct {
		Communicator string `opt:"communicator" default:"ssh"`
		Host         string `opt:"ssh_host"`
		User         string `opt:"ssh_username"`
		Password     string `opt:"ssh_password"`
	}
	judgedFile struct {
		Target  string `opt:"target,required"`
		Content string `opt:"content"`
		Source  string `opt:"source"`
	}
	judgedShellLocal struct {
		Inline  []string `opt:"inline"`
		Vars    []string `opt:"environment_vars"`
		Execute []Late   `opt:"execute_command"`
	}
	judgedManifest struct {
		Output string `opt:"output"`
	}
)

func judgedKinds() map[string]Set[any] {
	return map[string]Set[any]{
		"source": NewSet(
			Define("null", "", func(c judgedNull) (any, error) {
				if c.Communicator == "none" {
					return nil, nil
				}
				return nil, errors.New("this null needs no communicator")
			}),
			Define("file", "", self[judgedFile])),
		"provisioner":    NewSet(Define("shell-local", "", self[judgedShellLocal])),
		"post-processor": NewSet(Define("manifest", "", self[judgedManifest])),
		"verify":         NewSet[any](),
		"data":           NewSet[any](),
	}
}

// judgedOptions take the arguments that Packer is given.
func judgedOptions(args []string) Options {
	kinds := judgedKinds()
	o := Options{
		Known: func(kind string) []string { return kinds[kind].Names() },
		Check: func(kind string, b *Block) Diagnostics { return kinds[kind].Check(b) },
	}
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "-var":
			k, v, _ := strings.Cut(args[i+1], "=")
			o.Inputs = append(o.Inputs, Input{Name: k, Value: v})
		case "-only":
			o.Only = append(o.Only, args[i+1])
		case "-except":
			o.Except = append(o.Except, args[i+1])
		}
	}
	return o
}

// TestAgainstPacker compares verdicts. What differs is marked in the name of the
// template: "=syntax" and "=full" where we take more.
func TestAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	for _, archive := range []string{"legacy", "hcl"} {
		a, err := txtar.ParseFile("testdata/packer/" + archive + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		args := map[string][]string{}
		for _, f := range a.Files {
			if name, ok := strings.CutSuffix(f.Name, ".args"); ok {
				args[name] = strings.Fields(string(f.Data))
				continue
			}
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				judge(t, program, f, args[f.Name])
			})
		}
	}
}

func judge(t *testing.T, program string, f txtar.File, args []string) {
	dir := t.TempDir()
	path := filepath.Join(dir, f.Name)
	if err := os.WriteFile(path, unescape(bytes.TrimSuffix(f.Data, []byte("\n"))), 0o644); err != nil {
		t.Fatal(err)
	}
	_, mark, _ := strings.Cut(f.Name, "=")
	mark, _, _ = strings.Cut(mark, ".")
	for _, mode := range []string{"syntax", "full"} {
		flags := []string{"validate"}
		o := judgedOptions(args)
		if mode == "syntax" {
			flags, o.SyntaxOnly = append(flags, "-syntax-only"), true
		}
		rc, said := runPacker(t, program, dir, "", slices.Concat(flags, args, []string{f.Name})...)
		_, err := Load(path, o)
		want := rc == 0
		if mark == "syntax" || mark == mode {
			if want {
				t.Errorf("%s: is marked as what Packer refuses, and it does not", mode)
			}
			want = true
		}
		if (err == nil) != want {
			t.Errorf("%s: Packer ends with %d, we with %v; it says\n%s", mode, rc, err, said)
		}
	}
}

// TestInspectAgainstPacker compares names, defaults and order.
func TestInspectAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"t.json": consoleJSON, "t.pkr.hcl": consoleHCL} {
		text = strings.NewReplacer("  error-cleanup-provisioner \"tidy\" {}\n", "", "  verify \"goss\" {}\n", "", `"null.a", "null.nobody"`, `"null.a"`, "  \"verifiers\": [{ \"type\": \"goss\" }],\n", "",
			`"zork"`, `"shell"`, `"tidy"`, `"shell"`, `post-processor "a"`, `post-processor "manifest"`, `post-processor "b"`, `post-processor "manifest"`, `post-processor "c"`, `post-processor "manifest"`).Replace(text)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := Inspect(filepath.Join(dir, name), Options{Environ: []string{}})
		if err != nil || out.Problems.Err() != nil {
			t.Fatal(err, out.Problems)
		}
		got, want := judgedOutline(out), ""
		if out.HCL {
			_, want = runPacker(t, program, dir, "", "inspect", name)
			want = strings.Join(strings.Fields(strings.ReplaceAll(want, "<unnamed build 0>", "")), " ")
			got = strings.Join(strings.Fields(got), " ")
		} else {
			_, all := runPacker(t, program, dir, "", "inspect", "-machine-readable", name)
			for line := range strings.Lines(all) {
				if _, rest, _ := strings.Cut(line, ",,template-"); rest != "" {
					want += rest
				}
			}
		}
		if got != want {
			t.Errorf("%s: we show\n%s\nPacker\n%s", name, got, want)
		}
	}
}

// judgedOutline writes an outline as Packer's inspect does.
func judgedOutline(o *Outline) string {
	var b strings.Builder
	if !o.HCL {
		vars, sources := slices.Clone(o.Variables), slices.Clone(o.Builds[0].Sources)
		slices.SortFunc(vars, func(a, b OutlineVariable) int {
			if a.Required != b.Required {
				return map[bool]int{true: -1, false: 1}[a.Required]
			}
			return strings.Compare(a.Name, b.Name)
		})
		slices.SortFunc(sources, func(a, b OutlineSource) int { return strings.Compare(a.Name, b.Name) })
		for _, v := range vars {
			fmt.Fprintf(&b, "variable,%s,%s,%d\n", v.Name, v.Shown, map[bool]int{true: 1, false: 0}[v.Required])
		}
		for _, s := range sources {
			fmt.Fprintf(&b, "builder,%s,%s\n", s.Name, s.Type)
		}
		for _, p := range o.Builds[0].Provisioners {
			fmt.Fprintf(&b, "provisioner,%s\n", p)
		}
		return b.String()
	}
	b.WriteString("Packer Inspect: HCL2 mode > input-variables: ")
	vars := slices.SortedFunc(slices.Values(o.Variables), func(a, b OutlineVariable) int { return strings.Compare(a.Name, b.Name) })
	for _, v := range vars {
		fmt.Fprintf(&b, "var.%s: %q ", v.Name, v.Shown)
	}
	b.WriteString("> local-variables: ")
	for _, v := range slices.SortedFunc(slices.Values(o.Locals), func(a, b OutlineVariable) int { return strings.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(&b, "local.%s: %q ", v.Name, v.Shown)
	}
	b.WriteString("> builds: ")
	for _, x := range o.Builds {
		fmt.Fprintf(&b, "> %s: sources: ", x.Name)
		for _, s := range x.Sources {
			b.WriteString(s.Name + " ")
		}
		b.WriteString("provisioners: " + strings.Join(x.Provisioners, " ") + " post-processors: ")
		for i, seq := range x.PostProcessors {
			fmt.Fprintf(&b, "%d: %s ", i, strings.Join(seq, " "))
		}
	}
	return b.String()
}

// TestConsoleAgainstPacker compares the values of expressions.
func TestConsoleAgainstPacker(t *testing.T) {
	t.Parallel()
	program := packerProgram(t)
	c, err := NewConsole("", Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSpace(judgedExpressions), "\n")
	_, all := runPacker(t, program, t.TempDir(), "["+strings.Join(list, ", ")+"]", "console", "--config-type=hcl2")
	ours, err := c.Eval("[" + strings.Join(list, ", ") + "]")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(all) != strings.TrimSpace(ours) {
		for _, x := range list { // which one is it?
			_, want := runPacker(t, program, t.TempDir(), x, "console", "--config-type=hcl2")
			got, err := c.Eval(x)
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("%s is %q, %v; Packer says %q", x, got, err, want)
			}
		}
	}
}

const judgedExpressions = `
abs(-3)
basename("/a/b")
base64encode("a")
base64decode("YQ==")
ceil(1.2)
chomp("a\n\n")
chunklist([1, 2, 3], 2)
cidrhost("10.12.127.0/20", 16)
cidrhost("10.0.0.0/8", -1)
cidrnetmask("172.16.0.0/12")
cidrsubnet("172.16.0.0/12", 4, 2)
cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)
cidrsubnets("fd00:fd12:3456:7890::/56", 16, 16, 16, 32)
coalesce("", 1)
coalesce(null, "a")
coalescelist([], [1])
compact(["", "a"])
concat([1], ["b"])
contains(["a"], "a")
contains(["a"], "b")
convert("1", number)
convert([1], set(string))
csvdecode("a,b\n1,2")
dirname("/a/b/")
distinct([1, 1, 2])
element(["a", "b"], 3)
flatten([[1], [[2]]])
floor(-1.2)
format("%v %q %05.1f %s", [1], "x", 3.14159, true)
formatdate("DD MMM YYYY hh:mm ZZZ", "2020-01-02T03:04:05Z")
formatlist("%s-%s", ["a", "b"], "c")
indent(2, "a\nb")
join(",", ["a", "b"])
jsondecode("{\"a\": [1, null, true]}")
jsonencode({ a = [1, "<x>"] })
keys({ b = 1, a = 2 })
length("añ")
length([1, 2])
log(8, 2)
lookup({ a = 1 }, "b", 2)
lower("ÄB")
max(1, 3, 2)
md5("a")
merge({ a = 1 }, { a = 2, b = 3 })
min(3, 1, 2)
parseint("ff", 16)
pathexpand("/x")
pow(2, 10)
range(3)
range(1, 10, 4)
replace("a/b/c", "/b/", "x")
reverse([1, 2])
setintersection(["a", "b"], ["b"])
setproduct(["a"], ["b", "c"])
setunion(["b"], ["a"])
sha1("a")
sha256("a")
sha512("a")
signum(-3)
slice(["a", "b", "c"], 1, 2)
sort(["b", "a"])
split(",", "a,b,")
strrev("añ")
substr("hello", 1, 3)
substr("hello", -2, 2)
timeadd("2020-01-01T00:00:00Z", "90m")
title("hello wOrld")
trim("xxaxx", "x")
trimprefix("prefix-a", "prefix-")
trimspace(" a\n")
trimsuffix("a.sh", ".sh")
try(nothing.at.all, "other")
can(1)
upper("aä")
urlencode("a b&+/ü~")
uuidv5("dns", "x.org")
uuidv5("url", "x")
values({ b = 1, a = 2 })
yamldecode("a: 1\nb: [x, 2.5, ~, true]")
yamlencode({ b = "x", a = 1.5, c = {}, d = [], e = "two\nlines", f = null, g = true })
zipmap(["a", "b"], [1, 2])
[for s in ["x", "y"] : upper(s) if s != "y"]
{ for k, v in { p = 1, q = 2 } : k => v * 2 }
"%{ for x in ["a", "b"] }${x};%{ endfor }"
true ? "a" : "b"
[{ n = 1 }, { n = 2 }][*].n
1 / 3
abs(3.5)
basename("a")
basename("/")
base64encode("")
ceil(-1.5)
chomp("a\r\n")
chunklist([], 2)
cidrhost("fd00::/64", 5)
cidrsubnet("fd00::/48", 16, 162)
coalesce("a", "b")
coalesce(null, "", "x")
coalescelist([], ["a"], ["b"])
compact(["", "", ""])
concat([], [])
concat(["a"], ["b", "c"], [])
contains([1, 2], 2)
convert(1, string)
convert(true, string)
convert(["1"], list(number))
convert({ a = 1 }, map(string))
csvdecode("a,b\n1,2\n3,4")
csvdecode("a\n\"x,y\"")
dirname("a")
dirname("/")
distinct(["b", "a", "b"])
distinct([])
element(["a", "b", "c"], 1)
flatten([])
flatten([1, [2, [3, []]]])
floor(2.9)
format("%%")
format("%d", 3)
format("%x %X %o %b", 255, 255, 8, 5)
format("%t", true)
format("%e", 12345.678)
format("%10s|%-10s|", "a", "b")
format("%v", { a = [1, "x"] })
format("%#v", "x")
format("%s %[1]s", "a")
formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2020-01-02T03:04:05Z")
formatdate("EEEE, D MMMM YY", "2020-01-02T03:04:05Z")
formatdate("HH AA aa", "2020-01-02T15:04:05Z")
formatlist("%s", [])
formatlist("x%d", [1, 2])
formatlist("%s%s", "a", ["b", "c"])
indent(0, "a\nb")
join("", ["a", "b"])
join("-", [])
join("-", ["a"], ["b"])
jsondecode("1.50")
jsondecode("\"\\u00e4\"")
jsonencode("a\"b")
jsonencode([null, true, 1.25])
jsonencode({})
keys({})
length({})
length("")
log(100, 10)
lookup({ a = 1 }, "a", 2)
lower("")
max(1)
max(-1, 0.5)
merge({}, {})
merge({ a = 1 }, { b = "x" })
min(0.1, 0.01)
parseint("-10", 2)
parseint("zz", 36)
pow(2, -1)
pow(0, 0)
range(0)
range(3, 0)
range(0, 1, 0.25)
replace("hello", "l", "L")
replace("abc123", "/[0-9]+/", "#")
replace("john doe", "/(\\w+) (\\w+)/", "$2 $1")
reverse([])
reverse(["a", 1, true])
setintersection(["a", "b"], ["b", "c"], ["b"])
setproduct(["a", "b"], [1, 2])
setproduct([], ["x"])
setunion(["a"], ["a", "b"], [])
sha1("")
signum(0)
slice([1, 2, 3], 0, 0)
sort([])
sort(["10", "9", "a", "B"])
split("", "abc")
split(",", "")
strrev("")
substr("hello", 0, 99)
substr("hello", 2, -1)
timeadd("2020-02-28T00:00:00Z", "24h")
timeadd("2020-01-01T00:00:00+02:00", "-1h")
title("a-b c_d")
trim("  a ", " ")
trimprefix("a", "b")
trimspace("\t a b \n")
trimsuffix("a.tar.gz", ".gz")
try(1, 2)
try(jsondecode("{"), "bad")
can(jsondecode("{"))
upper("straße")
urlencode("")
urlencode("ä/ö?x=1&y=2")
values({})
yamldecode("[1, 2.0, \"x\", null]")
yamldecode("a: yes")
yamldecode("a: 2020-01-02")
yamlencode([1, "2", null, { a = "b: c" }])
yamlencode("plain")
zipmap([], [])
[for i, s in ["x", "y"] : "${i}${s}"]
{ for s in ["a", "b", "ab"] : substr(s, 0, 1) => s... }
[for k, v in { b = 1, a = 2 } : k]
[for x in [1, 2, 3, 4] : x if x % 2 == 0]
"%{ if true ~} a %{~ else } b %{ endif }"
"%{ for i, x in ["a", "b"] ~} ${i}=${x} %{~ endfor }"
"a$${b}%%{c}"
"\u00e4\t\"q\"\\"
false ? 1 : "x"
true ? [1] : []
[{ n = 1, m = { k = "v" } }][0].m.k
[{ n = 1 }, { n = 2 }].*.n
[[1, 2], [3]][1][0]
{ "a b" = 1 }["a b"]
{ (upper("k")) = 1 }
2 + 3 * 4 - 1
(2 + 3) * 4
7 / 2
-7 % 3
- 5
1 < 2 && 2 <= 2 || false
"a" == "a"
"1" == 1
[1] == [1]
{ a = 1 } == { a = 1 }
null == null
!true
0.1 + 0.2
1e3
1.0
10000000000000000000000.5
max([1, 5, 3]...)
format("%s-%s", ["a", "b"]...)
10 % 3
1 == 1 && !false
100000000000000000000
123456789.123
{ "b c" = null, d = [{}] }
`
