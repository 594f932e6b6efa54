// Package rspectest runs the real rspec for tests, and puts what it finds beside what
// Proofmark finds.
package rspectest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// Example is one of either program, as far as both must agree.
type Example struct {
	Name   string // its full description, spaces as they are
	Place  string // file:line, the file as seen from the directory of the specs
	Status string // passed, failed or pending
}

// Outcome is all examples in order, and what was said of each.
type Outcome struct {
	Examples []Example
	Said     []string // messages of failures, reasons of pending ones
	Class    []string // of the exceptions of rspec's examples; "" for none
}

func (o *Outcome) add(e Example, said, class string) {
	o.Examples, o.Said, o.Class = append(o.Examples, e), append(o.Said, said), append(o.Class, class)
}

// Run runs rspec in a directory, with more in its environment, and skips the test where
// there is none. Examples run as they stand.
func Run(t *testing.T, dir string, environ []string, args ...string) Outcome {
	t.Helper()
	if _, err := exec.LookPath("rspec"); err != nil {
		t.Skip("needs rspec and ServerSpec: apt-get install ruby-serverspec")
	}
	out := filepath.Join(t.TempDir(), "out.json")
	cmd := exec.CommandContext(t.Context(), "rspec", append([]string{"-f", "json", "-o", out, "--order", "defined"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), environ...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	_ = cmd.Run() // 1 when examples fail
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return Read(t, text)
}

// Read reads what rspec says as JSON.
func Read(t *testing.T, text []byte) Outcome {
	t.Helper()
	var report struct {
		Messages []string
		Examples []struct {
			FullDescription string `json:"full_description"`
			FilePath        string `json:"file_path"`
			LineNumber      int    `json:"line_number"`
			Status          string
			PendingMessage  string `json:"pending_message"`
			Exception       struct{ Class, Message string }
		}
		Summary struct {
			Outside int `json:"errors_outside_of_examples_count"`
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	if report.Summary.Outside > 0 {
		t.Fatalf("rspec could not load the files:\n%s", strings.Join(report.Messages, "\n"))
	}
	var o Outcome
	for _, e := range report.Examples {
		said := e.Exception.Message
		if e.Status == "pending" || e.Exception.Class == FixedClass {
			said = e.PendingMessage
		}
		place := fmt.Sprintf("%s:%d", strings.TrimPrefix(e.FilePath, "./"), e.LineNumber)
		o.add(Example{e.FullDescription, place, e.Status}, said, e.Exception.Class)
	}
	return o
}

// FixedClass is the exception of a pending example that passes.
const FixedClass = "RSpec::Core::Pending::PendingExampleFixedError"

// Results are Proofmark's of specs in a directory, as rspec would show them. What rspec has
// no word for has its verdict as its status.
func Results(t *testing.T, dir string, results []verify.Result) Outcome {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	var o Outcome
	for _, r := range results {
		status := map[verify.Verdict]string{verify.Pass: "passed", verify.Fail: "failed", verify.Skipped: "pending"}[r.Verdict]
		if status == "" {
			status = string(r.Verdict)
		}
		file, err := filepath.Abs(r.Pos.File)
		if err != nil {
			t.Fatal(err)
		}
		place := fmt.Sprintf("%s:%d", strings.TrimPrefix(file, dir+"/"), r.Pos.Line)
		o.add(Example{r.Name(), place, status}, r.Reason+r.Found, "")
	}
	return o
}
