package template

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestOddInput gives Load what editors, systems and mistakes do to files: the right
// result, or an error that says what is wrong and is no longer than people read.
func TestOddInput(t *testing.T) {
	t.Parallel()
	const (
		null = "source \"null\" \"x\" {\n  communicator = \"none\"\n}\nbuild {\n  sources = [\"null.x\"]\n}\n"
		json = `{"builders": [{"type": "null", "communicator": "none"}]}`
	)
	var laughs []string
	for i := range 30 {
		ten := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("local.v%d, ", i), 10), ", ")
		laughs = append(laughs, fmt.Sprintf("v%d = concat(%s)\n", i+1, ten))
	}
	for name, tt := range map[string]struct {
		text string
		want string // part of the error; "" when it loads
	}{
		"laughs-lists.pkr.hcl": {"locals {\nv0 = [1, 2, 3]\n" + strings.Join(laughs, "") + "}\n" + null, "larger than 16 MiB"},
		"cycle.pkr.hcl":        {"locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n" + null, "local.a → local.b → local.c → local.a"},
		"cycle.json":           {`{"variables": {"a": "{{user ` + "`b`" + `}}", "b": "{{user ` + "`a`" + `}}"}, "builders": [{"type": "null"}]}`, "needs itself"},
		"self.pkr.hcl":         {"local \"a\" {\n  expression = \"${local.a}x\"\n}\n" + null, "needs itself"},

		"utf8.json":           {strings.Replace(json, "none", "n\xff\xfe", 1), ""},
		"utf8.pkr.hcl":        {strings.Replace(null, "none", "n\xff\xfe", 1), "t:2:"},
		"mark.json":           {"\ufeff" + json, ""},
		"mark.pkr.hcl":        {"\ufeff" + null, ""},
		"lines.json":          {strings.ReplaceAll(json, ",", ",\r\n"), ""},
		"lines.pkr.hcl":       {strings.ReplaceAll(null, "\n", "\r\n"), ""},
		"nul.json":            {"\x00", "1:1"},
		"nul.pkr.hcl":         {"\x00", "1:1"},
		"empty.json":          {"", "1:1"},
		"twice.json":          {`{"builders": [{"type": "null", "communicator": "ssh", "communicator": "none"}]}`, ""},
		"twice.pkr.hcl":       {strings.Replace(null, "  communicator = \"none\"\n", "  communicator = \"none\"\n  communicator = \"ssh\"\n", 1), "redefined"},
		"comma.json":          {`{"builders": [{"type": "null", "communicator": "none",},],}`, ""},
		"comma.pkr.hcl":       {strings.Replace(null, `"null.x"]`, `"null.x",]`, 1), ""},
		"long-line.json":      {`{"builders": [{"type": "null", "x": "` + strings.Repeat("a", 4<<20) + `" "y"]}`, "a comma or '}'"},
		"many-errors.json":    {`{"builders": [` + strings.Repeat(`{},`, 100_000) + `{}]}`, "builder has no type"},
		"many-blocks.pkr.hcl": {strings.Repeat("sauce \"a\" \"b\" {}\n", 20_000) + null, "unsupported block type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && (strings.HasPrefix(name, "many-") || strings.HasPrefix(name, "laughs-")) {
				t.Skip("takes its time under the race detector: left out by -short")
			}
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path, Options{Environ: []string{}})
			var diags Diagnostics
			if err != nil && !errors.As(err, &diags) {
				t.Fatalf("error is a %T: %v", err, err)
			}
			got := strings.ReplaceAll(fmt.Sprint(err), path, "t")
			if len(got) > 64<<10 {
				t.Errorf("the error has %d bytes", len(got))
			}
			if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(got, tt.want) {
				t.Errorf("got %.600s, want %q in it", got, tt.want)
			}
		})
	}
}

// TestLargeFile: a file of 100 MB is refused without being read whole.
func TestLargeFile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100 MB: left out by -short")
	}
	for _, name := range []string{"t.json", "t.pkr.hcl", "t.pkr.json"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 100<<20); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Load(path, Options{Environ: []string{}})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
			t.Errorf("%s: %v", name, err)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 300 {
			t.Errorf("%s took %d MiB", name, n)
		}
	}
}
