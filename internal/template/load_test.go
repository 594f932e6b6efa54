package template

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// writeFile writes a file of its own directory and returns its path.
func writeFile(t testing.TB, name, src string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// loadText loads a template of one file.
func loadText(t *testing.T, name, src string, inputs ...Input) *Template {
	t.Helper()
	tm, err := Load(writeFile(t, name, src), Options{Environ: []string{}, Inputs: inputs})
	if err != nil {
		t.Fatal(err)
	}
	return tm
}

func TestLoadOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "x.pkr.hcl"), filepath.Join(dir, "x.json")} {
		if _, err := Load(path, Options{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Load(%s): %v", path, err)
		}
	}
	src := filepath.Join(dir, "t.json")
	if err := os.WriteFile(src, []byte(`{"builders": [{"type": "null"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(src, Options{Inputs: []Input{{File: filepath.Join(dir, "vars.json")}}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing variables file: %v", err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a := loadText(t, "a.json", `{"builders": [{"type": "null"}]}`)
	same := loadText(t, "a.json", `{"builders": [{"type": "null"}]}`)
	other := loadText(t, "a.json", `{"builders": [{"type": "null" }]}`)
	if a.Digest != same.Digest || a.Digest == other.Digest || !strings.HasPrefix(a.Digest, "sha256:") || len(a.Digest) != 71 {
		t.Errorf("digests %s %s %s", a.Digest, same.Digest, other.Digest)
	}
	if !filepath.IsAbs(a.Dir) || len(a.Files) != 1 {
		t.Errorf("dir %q, files %q", a.Dir, a.Files)
	}
}

// What could make a program run for ever, fill the memory or overflow the stack
// must be an error. That it is the right one shows that it was the bound which ended
// the work.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	laughs := func(format func(i string, prev string) string) string {
		var b strings.Builder
		prev := ""
		for i := 'a'; i <= 'z'; i++ {
			for j := 'a'; j <= 'c'; j++ {
				name := string(i) + string(j)
				b.WriteString(format(name, prev))
				prev = name
			}
		}
		return b.String()
	}
	long := map[string]bool{"nested loops": true, "loops in loops": true, "lists that double": true, "endless loop": true, "locals that double": true}
	build := "\nsource \"null\" \"a\" {}\nbuild {\n  sources = [\"null.a\"]\n}\n"
	for name, in := range map[string]struct{ file, src, want string }{
		"nested lists":      {"t.pkr.hcl", "locals {\n a = " + many(10_000, "[") + "\n}" + build, "nested too deeply"},
		"nested parens":     {"t.pkr.hcl", "locals {\n a = " + many(10_000, "(") + "1" + many(10_000, ")") + "\n}" + build, "nested too deeply"},
		"nested blocks":     {"t.pkr.hcl", many(10_000, "a {\n"), "nested too deeply"},
		"nested templates":  {"t.pkr.hcl", "locals {\n a = " + many(5_000, `"${`) + "\n}" + build, "nested too deeply"},
		"many negations":    {"t.pkr.hcl", "locals {\n a = " + many(50_000, "!") + "true\n}" + build, "expression too large"},
		"many sums":         {"t.pkr.hcl", "locals {\n a = 1" + many(50_000, "+1") + "\n}" + build, "expression too large"},
		"many conditionals": {"t.pkr.hcl", "locals {\n a = 1" + many(20_000, " == 1 ? 1 : 1") + "\n}" + build, "expression too large"},
		"many ifs":          {"t.pkr.hcl", "locals {\n a = \"" + many(10_000, "%{ if true }") + "\"\n}" + build, "expression too large"},
		"many indexes":      {"t.pkr.hcl", "locals {\n a = path" + many(20_000, "[0]") + "\n}" + build, "expression too large"},
		"locals that double": {"t.pkr.hcl", "locals {\n" + laughs(func(n, p string) string {
			if p == "" {
				return n + " = \"lol\"\n"
			}
			return n + " = \"${local." + p + "}${local." + p + "}\"\n"
		}) + "}" + build, "local \"hc\" is larger than 16 MiB"},
		"lists that double": {"t.pkr.hcl", "locals {\n" + laughs(func(n, p string) string {
			if p == "" {
				return n + " = [1]\n"
			}
			return n + " = [local." + p + ", local." + p + "]\n"
		}) + "}" + build, "local \"fc\" is larger than 16 MiB"},
		"long chain of locals": {"t.pkr.hcl", "locals {\n a0 = 1\n" + func() string {
			var b strings.Builder
			for i := 3_000; i > 0; i-- {
				b.WriteString("a" + strconv.Itoa(i) + " = local.a" + strconv.Itoa(i-1) + "\n")
			}
			return b.String()
		}() + "}" + build, "at the end of a chain of more than 500 locals"},
		"nested loops":    {"t.pkr.hcl", "locals {\n a = [for a in range(1000): [for b in range(1000): [for c in range(1000): c]]]\n}" + build, "too many loops"},
		"loops in loops":  {"t.pkr.hcl", "locals {\n a = [for x in [for y in flatten([for a in range(1000): [for b in range(1000): range(1000)]]): y]: x]\n}" + build, "too many loops"},
		"json nested":     {"t.json", many(1_000_000, "["), "values nest deeper than 200 levels"},
		"json objects":    {"t.json", many(1_000_000, `{"a":`), "values nest deeper than 200 levels"},
		"hcl json nested": {"t.pkr.json", many(1_000_000, `{"a":`), "nested too deeply"},
		"json comments":   {"t.json", many(1_000_000, "//\n"), "file is empty"},
		"json same name":  {"t.json", "{" + many(100_000, `"a":1,`) + `"b":2}`, `unknown root level key "b"`},
		"variables doubled": {"t.json", `{"builders":[{"type":"null"}],"variables":{` + strings.TrimSuffix(laughs(func(n, p string) string {
			if p == "" {
				return `"` + n + `": "lol",`
			}
			return `"` + n + `": "{{user ` + "`" + p + "`" + `}}{{user ` + "`" + p + "`" + `}}",`
		}), ",") + `}}`, "value of variable \"ha\" is longer than 4 MiB"},
		"endless loop":   {"t.json", `{"builders":[{"type":"null"}],"variables":{"a":"{{range 1000000000000}}{{end}}"}}`, "loop runs more than 100000 times"},
		"wide printf":    {"t.json", `{"builders":[{"type":"null"}],"variables":{"a":"{{printf \"%0999999d\" 1 | printf \"%[1]s%[1]s%[1]s%[1]s\"}}"}}`, "result is longer than 1 MiB"},
		"deep ifs":       {"t.json", `{"builders":[{"type":"null"}],"variables":{"a":"` + many(100_000, "{{if 1}}") + `"}}`, "text has more than 20000 placeholders"},
		"recursive":      {"t.json", `{"builders":[{"type":"null"}],"variables":{"a":"{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}"}}`, "exceeded maximum template depth"},
		"huge number":    {"t.pkr.hcl", "locals {\n a = 1e999999999\n b = [local.a]\n}\nsource \"null\" \"a\" {\n}\nbuild {\n sources = [\"null.a\"]\n labels = { a = 1 + local.a, b = [local.a] }\n}\n", "label \"b\" is a string, not a list"},
		"nul bytes":      {"t.pkr.hcl", "\nx\x7f" + many(1000, "\x00"), "t.pkr.hcl:2:3: this does not look like a template: it holds binary data"},
		"json nul bytes": {"t.json", "\x7fELF\x00", "t.json:1:5: this does not look like a template: it holds binary data"},
		"many errors":    {"t.pkr.hcl", many(100, "x = \n"), "\nand 70 more errors"},
		"utf-16":         {"t.pkr.hcl", "\xff\xfea\x00", "file is UTF-16"},
		"invalid utf-8":  {"t.pkr.hcl", "a = \"\xff\xfe\xfd\"\n", "invalid character encoding"},
		"json utf-16":    {"t.json", "\xff\xfe{\x00}\x00", "file is UTF-16"},
		"json long line": {"t.json", `{"builders":[` + many(1_000_000, " ") + "x", "a value is expected here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && long[name] {
				t.Skip("takes its time under the race detector: left out by -short")
			}
			path := filepath.Join(t.TempDir(), in.file)
			if err := os.WriteFile(path, []byte(in.src), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path, Options{Environ: []string{}})
			if err == nil || !strings.Contains(err.Error(), in.want) {
				t.Fatalf("got %.500v\nwant %q", err, in.want)
			}
			if len(err.Error()) > 1<<20 {
				t.Errorf("message of %d bytes", len(err.Error()))
			}
			if strings.Contains(err.Error(), "mistake in Proofmark") {
				t.Error(err)
			}
		})
	}
}
