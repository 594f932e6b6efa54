package spec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var update = flag.Bool("update", false, "rewrite the expected parts of golden files")

// TestGoss evaluates goss.yaml (or goss.json) against the facts beside it.
func TestGoss(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/goss/*.txtar", func(t *testing.T, dir string, facts map[string]json.RawMessage) string {
		s, err := ReadGoss(gossFile(dir), GossOptions{Vars: vars(dir), Environ: []string{"OS=debian", "EMPTY="}})
		if err != nil {
			return diagnostics(t, dir, err)
		}
		return evaluate(t, dir, s, facts)
	})
}

// TestErrors reads files with something wrong in them.
func TestErrors(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/errors/*.txtar", func(t *testing.T, dir string, _ map[string]json.RawMessage) string {
		_, err := ReadGoss(gossFile(dir), GossOptions{Vars: vars(dir), Environ: []string{"OS=debian"}})
		return diagnostics(t, dir, err)
	})
}

// TestInline evaluates inline.hcl.
func TestInline(t *testing.T) {
	t.Parallel()
	golden(t, "testdata/inline/*.txtar", func(t *testing.T, dir string, facts map[string]json.RawMessage) string {
		s, err := fromInline(treeOf(t, filepath.Join(dir, "inline.hcl")))
		if err != nil {
			return diagnostics(t, dir, err)
		}
		return evaluate(t, dir, s, facts)
	})
}

// golden unpacks each archive, and compares its part "want" with what run returns.
// The part facts.json holds facts by "kind name"; a text is an error.
func golden(t *testing.T, pattern string, run func(t *testing.T, dir string, facts map[string]json.RawMessage) string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files at %s: %v", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			facts := make(map[string]json.RawMessage)
			want := -1
			for i, f := range a.Files {
				switch f.Name {
				case "want":
					want = i
				case "facts.json":
					if err := json.Unmarshal(f.Data, &facts); err != nil {
						t.Fatal(err)
					}
				default:
					write(t, filepath.Join(dir, f.Name), f.Data)
				}
			}
			if want < 0 {
				a.Files = append(a.Files, txtar.File{Name: "want"})
				want = len(a.Files) - 1
			}
			got := run(t, dir, facts)
			if *update {
				a.Files[want].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[want].Data), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func gossFile(dir string) string {
	if path := filepath.Join(dir, "goss.json"); exists(path) {
		return path
	}
	return filepath.Join(dir, "goss.yaml")
}

func vars(dir string) (files []string) {
	files, _ = filepath.Glob(filepath.Join(dir, "vars*"))
	return files
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// answering answers from canned facts. A question that none is there for fails
// the test.
func answering(t *testing.T, facts map[string]json.RawMessage) *verify.Session {
	return verify.Answered(func(q probe.Question) probe.Answer {
		fact, ok := facts[q.Kind+" "+q.Name]
		if !ok {
			t.Errorf("unexpected question: %s %q", q.Kind, q.Name)
		}
		var why string
		if json.Unmarshal(fact, &why) == nil {
			return probe.Answer{Error: why}
		}
		return probe.Answer{Fact: fact}
	})
}

func evaluate(t *testing.T, dir string, s verify.Spec, facts map[string]json.RawMessage) string {
	t.Helper()
	var b bytes.Buffer
	for _, r := range s.Evaluate(context.Background(), answering(t, textFacts(t, facts))) {
		fmt.Fprintf(&b, "%s %s: %s: %s\n", place(dir, r.Pos), strings.ToUpper(string(r.Verdict)), r.Subject, r.Description)
		for _, x := range []struct{ name, text string }{{"wanted", r.Wanted}, {"found", r.Found}, {"reason", r.Reason}, {"command", r.Command}} {
			if x.text != "" {
				fmt.Fprintf(&b, "\t%s %s\n", x.name, strings.ReplaceAll(x.text, dir+"/", ""))
			}
		}
	}
	return b.String()
}

// textFacts lets canned facts give bytes (content, stdout, stderr, body) as text.
func textFacts(t *testing.T, facts map[string]json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	out := make(map[string]json.RawMessage, len(facts))
	for k, raw := range facts {
		var m map[string]any
		if json.Unmarshal(raw, &m) != nil {
			out[k] = raw
			continue
		}
		for _, name := range []string{"content", "stdout", "stderr", "body"} {
			if s, ok := m[name].(string); ok {
				m[name] = []byte(s)
			}
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		out[k] = b
	}
	return out
}

func place(dir string, p template.Pos) string {
	p.File = strings.TrimPrefix(p.File, dir+"/")
	return p.String()
}

func diagnostics(t *testing.T, dir string, err error) string {
	t.Helper()
	if err == nil {
		return "no error\n"
	}
	var list template.Diagnostics
	if !errors.As(err, &list) {
		return "plain error: " + strings.ReplaceAll(err.Error(), dir+"/", "") + "\n"
	}
	var b bytes.Buffer
	for _, d := range list {
		fmt.Fprintf(&b, "%s: %s\n", place(dir, d.Pos), strings.ReplaceAll(d.Summary, dir+"/", ""))
		if d.Source != "" {
			fmt.Fprintf(&b, "\t%s\n", strings.TrimSpace(d.Source))
		}
		if d.Detail != "" {
			fmt.Fprintf(&b, "\t%s\n", d.Detail)
		}
	}
	return b.String()
}

// treeOf reads an HCL body as a template hands it on. The function secret() makes
// a value sensitive.
func treeOf(t *testing.T, path string) template.Tree {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, diags := hclsyntax.ParseConfig(src, filepath.Base(path), hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{"later": cty.UnknownVal(cty.String)},
		Functions: map[string]function.Function{"secret": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType}},
			Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
			Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Mark("sensitive"), nil },
		})},
	}
	return bodyOf(t, f.Body.(*hclsyntax.Body), ctx)
}

func bodyOf(t *testing.T, body *hclsyntax.Body, ctx *hcl.EvalContext) template.Tree {
	pos := func(r hcl.Range) template.Pos {
		return template.Pos{File: r.Filename, Line: r.Start.Line, Col: r.Start.Column}
	}
	tree := template.Tree{Pos: pos(body.SrcRange)}
	for _, a := range body.Attributes {
		v, diags := a.Expr.Value(ctx)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		v, marks := v.UnmarkDeep()
		tree.Items = append(tree.Items, template.Item{Name: a.Name, Pos: pos(a.NameRange), Value: v, Secret: len(marks) > 0})
	}
	for _, b := range body.Blocks {
		inner := bodyOf(t, b.Body, ctx)
		item := template.Item{Name: b.Type, Pos: pos(b.TypeRange), Body: &inner}
		for i := len(b.Labels) - 1; i >= 0; i-- {
			labelled := template.Item{Name: b.Labels[i], Pos: pos(b.LabelRanges[i]), Body: item.Body}
			item.Body = &template.Tree{Pos: labelled.Pos, Items: []template.Item{labelled}}
		}
		tree.Items = append(tree.Items, item)
	}
	return tree
}
