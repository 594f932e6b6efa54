// Package templatetest checks blocks of templates written in tests.
package templatetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Check loads a template, legacy JSON when it begins with a brace and HCL2 otherwise,
// with the inputs given, and checks its blocks of the set's kinds. It returns what is
// wrong, a line for each as "line:column: [warning: ]summary[ (detail)]".
func Check[T any](t *testing.T, set template.Set[T], text string, inputs ...template.Input) string {
	t.Helper()
	name := "t.pkr.hcl"
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		name = "t.json"
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tm, err := template.Load(file, template.Options{
		Environ: []string{}, Inputs: inputs, CleanName: set.CleanName,
		Check: func(_ string, b *template.Block) template.Diagnostics {
			for _, name := range set.Names() {
				if name == b.Type {
					return set.Check(b)
				}
			}
			return nil
		},
	})
	var diags template.Diagnostics
	switch {
	case err == nil:
		diags = tm.Warnings
	case !errors.As(err, &diags):
		t.Fatal(err)
	}
	var out strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&out, "%d:%d: ", d.Pos.Line, d.Pos.Col)
		if d.Warning {
			out.WriteString("warning: ")
		}
		out.WriteString(d.Summary)
		if d.Detail != "" {
			fmt.Fprintf(&out, " (%s)", d.Detail)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Rule is one rule of a kind, broken: its name, options, and what is found in the line
// of what is wrong. The options are added to a block that is valid without them, after
// its first line. One that the block has already is replaced, one written as "-name" is
// taken away.
type Rule [3]string

// Rules checks rules by a block in HCL2, such as a source, that is valid as it is.
// Nothing but what is wanted may be wrong; when that is "" nothing at all.
func Rules[T any](t *testing.T, set template.Set[T], block string, rules []Rule, inputs ...template.Input) {
	t.Helper()
	t.Run("valid", func(t *testing.T) {
		t.Parallel()
		if got := Check(t, set, whole(block, ""), inputs...); got != "" {
			t.Errorf("the block that rules are tried on is not valid:\n%s", got)
		}
	})
	for _, r := range rules {
		name, options, want := r[0], r[1], r[2]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Check(t, set, whole(block, options), inputs...)
			switch lines := strings.Count(got, "\n"); {
			case want == "" && got != "":
				t.Errorf("got\n%s", got)
			case want != "" && (lines != 1 || !strings.Contains(got, want)):
				t.Errorf("got %d:\n%swant one with %q", lines, got, want)
			}
		})
	}
}

// whole makes a template of a block with other options.
func whole(block, options string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(block), "\n")
	lines := strings.Split(rest, "\n")
	depth := 0
	for line := range strings.SplitSeq(options, "\n") {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if depth == 0 && name != "" {
			lines = without(lines, strings.TrimPrefix(name, "-"))
		}
		depth += strings.Count(line, "{") + strings.Count(line, "[") - strings.Count(line, "}") - strings.Count(line, "]")
	}
	var kept []string
	for line := range strings.SplitSeq(options, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "-") {
			kept = append(kept, line)
		}
	}
	text := first + "\n" + strings.Join(kept, "\n") + "\n" + strings.Join(lines, "\n") + "\n"
	words := strings.Fields(first)
	kind, typ := words[0], strings.Trim(words[1], `"`)
	switch kind {
	case "source":
		return text + "build {\n  sources = [\"source." + typ + "." + strings.Trim(words[2], `"`) + "\"]\n}\n"
	case "data":
		return text + "source \"none\" \"x\" {}\nbuild {\n  sources = [\"source.none.x\"]\n}\n"
	}
	return "source \"none\" \"x\" {}\nbuild {\n  sources = [\"source.none.x\"]\n" + text + "}\n"
}

// without leaves out an option or block at the outermost level.
func without(lines []string, name string) (out []string) {
	depth, gone := 0, false
	for _, line := range lines {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if depth == 0 {
			gone = word == name
		}
		if !gone {
			out = append(out, line)
		}
		depth += strings.Count(line, "{") + strings.Count(line, "[") - strings.Count(line, "}") - strings.Count(line, "]")
	}
	return out
}
