package ruby_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

var update = flag.Bool("update", false, "rewrite the expected outputs from the real ruby")

// A file of the corpus is snippets, each followed by what the real ruby prints for it:
//
//	puts 1
//	#=>
//	1
//	#---
const (
	outputMark  = "#=>\n"
	snippetMark = "#---\n"
)

type snippet struct{ code, want string }

func readCorpus(t testing.TB, path string) []snippet {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []snippet
	for part := range strings.SplitSeq(string(text), snippetMark) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		code, want, _ := strings.Cut(part, outputMark)
		list = append(list, snippet{code, want})
	}
	return list
}

func writeCorpus(t *testing.T, path string, list []snippet) {
	t.Helper()
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteString(snippetMark)
		}
		b.WriteString(s.code + outputMark + s.want)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fixtures makes the files that the snippets read, in the current directory of both. Some
// snippets write there.
func fixtures(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plain.txt": "one\ntwo\nthree\n", "empty": "", "sub/a.rb": "VALUE = 42\n", "sub/b.txt": "b", "sub/.hidden": "h", "sub/deep/c.rb": "puts 'deep'\n",
		"config.yml":  "---\nname: web\nports: [80, 443]\nhosts:\n  - &a {ip: 10.0.0.1}\n  - 10.0.0.2\nflag: yes\nnone: ~\nsym: :value\noct: 0644\nfloat: 1.5\nver: \"1.10\"\nmulti: |\n  line 1\n  line 2\n",
		"config.json": `{"name": "web", "ports": [80, 443], "nested": {"a": null, "b": true, "c": 1.5}}`,
		"helper.rb":   "module Helper\n  def self.greet(n)\n    \"hello #{n}\"\n  end\nend\n$loaded = ($loaded || 0) + 1\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("plain.txt", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// evaluate runs a snippet with this package.
func evaluate(t *testing.T, dir, code string) string {
	file, problems := syntax.Parse("main.rb", code)
	if len(problems) > 0 {
		return "syntax: " + problems[0].Error() + "\n"
	}
	w := &hostWorld{dir: dir, env: map[string]string{"HOME": "/home/me", "PATH": os.Getenv("PATH"), "LANG": "C.UTF-8"}}
	in := ruby.New(w, ruby.Limits{})
	_, err := in.Run(t.Context(), file)
	if r, ok := errors.AsType[*ruby.Raise](err); ok {
		fmt.Fprintf(&w.out, "uncaught %s: %s\n", r.ClassName(), r.Message())
	} else if err != nil {
		fmt.Fprintf(&w.out, "stopped: %v\n", err)
	}
	return w.out.String()
}

//go:embed testdata/driver.rb
var driver string

// realOutputs runs snippets with the real ruby, each in a process of its own.
func realOutputs(t *testing.T, dir string, list []snippet) []string {
	t.Helper()
	var codes []string
	for _, s := range list {
		codes = append(codes, s.code)
	}
	input, err := json.Marshal(codes)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ruby", "-W0", "--disable-did_you_mean", "-e", driver)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=/home/me", "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"}
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func needRuby(t *testing.T) {
	t.Helper()
	out, err := exec.Command("ruby", "-e", "print RUBY_VERSION").Output()
	if err != nil || !strings.HasPrefix(string(out), "3.1.") {
		t.Skip("ruby 3.1 is not installed (apt-get install ruby)")
	}
}

func corpus(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.rb")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	return files
}

// TestCorpus compares what snippets print with what the real ruby printed.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, path := range corpus(t) {
		list := readCorpus(t, path)
		if *update {
			needRuby(t)
			for i, out := range realOutputs(t, fixtures(t), list) {
				list[i].want = out
			}
			writeCorpus(t, path, list)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".rb")
		for i, s := range list {
			t.Run(fmt.Sprintf("%s/%d", name, i+1), func(t *testing.T) {
				t.Parallel()
				got := evaluate(t, fixtures(t), s.code)
				if diff := cmp.Diff(s.want, got); diff != "" {
					t.Errorf("%s\n(-ruby +here):\n%s", s.code, diff)
				}
			})
		}
	}
}

// TestCorpusIsReal holds the expected outputs against the real ruby.
func TestCorpusIsReal(t *testing.T) {
	t.Parallel()
	needRuby(t)
	dir := fixtures(t)
	for _, path := range corpus(t) {
		list := readCorpus(t, path)
		for i, out := range realOutputs(t, dir, list) {
			if diff := cmp.Diff(list[i].want, out); diff != "" {
				t.Errorf("%s: the real ruby prints something else than is written for\n%s\n%s", path, list[i].code, diff)
			}
		}
	}
}
