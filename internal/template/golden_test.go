package template

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected parts of the golden files")

// TestGolden loads the files of each archive. Its comment holds one argument per
// line: the template first, then -var, -var-file, -only, -except, env. The file
// "want" is what Load gives: the evaluated template, or the diagnostics.
func TestGolden(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, path)
		})
	}
}

func golden(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	want := -1
	for i, f := range a.Files {
		if f.Name == "want" {
			want = i
			continue
		}
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, unescape(f.Data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want < 0 {
		a.Files = append(a.Files, txtar.File{Name: "want"})
		want = len(a.Files) - 1
	}
	got := strings.ReplaceAll(load(t, dir, string(a.Comment)), dir+"/", "")
	got = strings.ReplaceAll(got, dir, "DIR")
	if *update {
		a.Files[want].Data = []byte(got)
		if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(a.Files[want].Data), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", path, diff)
	}
}

// unescape makes bytes that do not survive in a text file: ⟦CR⟧, ⟦BOM⟧, ⟦FF⟧.
func unescape(b []byte) []byte {
	for from, to := range map[string]string{"⟦CR⟧": "\r", "⟦BOM⟧": "\ufeff", "⟦FF⟧": "\xff"} {
		b = bytes.ReplaceAll(b, []byte(from), []byte(to))
	}
	return b
}

// load runs one golden case and prints what comes out.
func load(t *testing.T, dir, args string) string {
	o := Options{Environ: []string{}, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Known: known}
	path := dir
	for line := range strings.Lines(args) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#":
		case "load":
			path = filepath.Join(dir, rest)
		case "stdin":
			b, err := os.ReadFile(filepath.Join(dir, rest))
			if err != nil {
				t.Fatal(err)
			}
			path, o.Stdin = "-", bytes.NewReader(b)
		case "-var":
			k, v, _ := strings.Cut(rest, "=")
			o.Inputs = append(o.Inputs, Input{Name: k, Value: v})
		case "-var-file":
			o.Inputs = append(o.Inputs, Input{File: filepath.Join(dir, rest)})
		case "-only":
			o.Only = append(o.Only, rest)
		case "-except":
			o.Except = append(o.Except, rest)
		case "syntax-only":
			o.SyntaxOnly = true
		case "check":
			o.Check = func(_ string, b *Block) Diagnostics { return checkBlock(b) }
		case "data":
			o.Data = readTestData
		case "env":
			o.Environ = append(o.Environ, rest)
		default:
			t.Fatalf("unknown word %q", word)
		}
	}
	tm, err := Load(path, o)
	if err != nil {
		return err.Error() + "\n"
	}
	return dump(tm)
}

func dump(tm *Template) string {
	var b strings.Builder
	if len(tm.Warnings) > 0 {
		fmt.Fprintln(&b, tm.Warnings.Error())
	}
	for _, v := range tm.Variables {
		value := v.Value
		if v.Sensitive {
			value += " (sensitive)"
		}
		fmt.Fprintf(&b, "var %s = %s\n", v.Name, value)
	}
	if s := tm.Secrets(); len(s) > 0 {
		fmt.Fprintf(&b, "secrets %q\n", s)
	}
	for _, x := range tm.Builds {
		fmt.Fprintf(&b, "build %s label=%s %s", x.Name, x.Label, x.Pos)
		var keys []string
		for k, v := range x.Labels {
			keys = append(keys, k+"="+v)
		}
		sort.Strings(keys)
		fmt.Fprintln(&b, "", strings.Join(keys, " "))
		dumpBlock(&b, "source", x.Source)
		for _, s := range x.Provisioners {
			dumpStep(&b, "provisioner", s)
		}
		if x.ErrorCleanup != nil {
			dumpStep(&b, "cleanup", *x.ErrorCleanup)
		}
		for _, v := range x.Verifiers {
			dumpBlock(&b, "verify", v)
		}
		for i, seq := range x.PostProcessors {
			for _, p := range seq {
				dumpBlock(&b, fmt.Sprintf("post-processor %d", i), p)
				if p.KeepInput != nil {
					fmt.Fprintf(&b, "      keep=%t\n", *p.KeepInput)
				}
			}
		}
	}
	return b.String()
}

func dumpStep(b *strings.Builder, what string, s Step) {
	if s.PauseBefore != "" {
		what += " pause=" + s.PauseBefore
	}
	if s.Timeout != "" {
		what += " timeout=" + s.Timeout
	}
	if s.MaxRetries > 0 || s.NoCache {
		what += fmt.Sprintf(" retries=%d nocache=%t", s.MaxRetries, s.NoCache)
	}
	dumpBlock(b, what, s.Block)
}

func dumpBlock(b *strings.Builder, what string, blk *Block) {
	fmt.Fprintf(b, "  %s %s %s %s\n", what, blk.Type, blk.Name, blk.Pos)
	blk.Hash(hashText{b})
	if d := checkBlock(blk); len(d) > 0 {
		fmt.Fprintln(b, d.Error())
	}
}

type hashText struct{ b *strings.Builder }

func (h hashText) Add(name, value string) { fmt.Fprintf(h.b, "      %s = %s\n", name, value) }
func (h hashText) AddSecret(name, value string) {
	fmt.Fprintf(h.b, "      %s = secret %s\n", name, value)
}
