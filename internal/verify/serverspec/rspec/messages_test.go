package rspec_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspectest"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// nowhere is a World with this host's files, for File.exist?, and nothing else.
type nowhere struct{ ruby.World }

func (nowhere) Stat(_ ruby.Place, name string) (os.FileInfo, error) { return os.Stat(name) }

func (nowhere) Print(ruby.Place, int, string) error { return nil }

type ended struct{ Name, Status, Message string }

// What messages have of their run: places of objects, backtraces, and the difference of
// texts that RSpec puts below.
var (
	address = regexp.MustCompile(`0x[0-9a-f]+`)
	trace   = regexp.MustCompile(`(?s) with backtrace:.*`)
	pointed = regexp.MustCompile(`(?s)(NameError|NoMethodError)(:.*?)\n\n.*`)
	within  = regexp.MustCompile(`\n+ +\./\S+:in .*`)
	diff    = regexp.MustCompile(`(?s)\n+Diff:.*|\n\(compared using .*`)
)

func normal(message string) string {
	message = within.ReplaceAllString(message, "")
	message = pointed.ReplaceAllString(message, "$1$2")
	message = trace.ReplaceAllString(diff.ReplaceAllString(message, ""), "")
	return strings.TrimSpace(address.ReplaceAllString(message, "0x"))
}

// TestMessages compares descriptions, verdicts and messages with those of the real rspec.
func TestMessages(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*_spec.rb")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), "_spec.rb"), func(t *testing.T) {
			t.Parallel()
			compareMessages(t, filepath.Base(f))
		})
	}
}

func compareMessages(t *testing.T, file string) {
	// The configuration is the one that lets RSpec's old syntax by without a warning.
	theirs := rspectest.Run(t, "testdata", nil, "-r", "rspec/its", file)
	var want, got []ended
	for i, e := range theirs.Examples {
		message := theirs.Said[i]
		switch c := theirs.Class[i]; {
		case c == rspectest.FixedClass:
			message = "Expected pending '" + message + "' to fail. No error was raised."
		case c != "" && e.Status == "failed" && !strings.HasPrefix(c, "RSpec::Expectations"):
			message = c + ":\n  " + message
		}
		want = append(want, ended{e.Name, e.Status, normal(message)})
	}

	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	tree, problems := syntax.Parse("./"+file, string(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	in := ruby.New(nowhere{}, ruby.Limits{})
	s := rspec.New(in)
	s.Text = func(string) string { return string(text) }
	if _, err := in.Run(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	err = s.Run(t.Context(), func(e *rspec.Example) {
		status := map[rspec.Status]string{rspec.Passed: "passed", rspec.Failed: "failed", rspec.Pending: "pending"}[e.Status]
		if e.Status == rspec.Stopped {
			status = errors.Unwrap(e.Err).Error()
		}
		got = append(got, ended{e.FullDescription(), status, normal(e.Message)})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 20 {
		t.Fatalf("rspec ran %d examples", len(want))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
