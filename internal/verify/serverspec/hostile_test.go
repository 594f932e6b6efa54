package serverspec_test

import (
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// TestHostile: spec files that would never end, or fill the memory, end with a place.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a loop":              "loop {}",
		"a regexp":            "('a' * 40 + '!') =~ /^(a+)+$/",
		"a doubled string":    "s = 'x'; loop { s += s }",
		"a deep method":       "def f; f; end\nf",
		"deep blocks":         "f = ->(x) { f.(x) }\nf.(1)",
		"a long list":         "(1..10**12).to_a",
		"a long text":         "'a' * 10**10",
		"an endless heredoc":  "x = <<END\n" + strings.Repeat("text\n", 100_000),
		"many heredocs":       "x = " + strings.Repeat("<<A + ", 10_000) + "1\n",
		"parentheses":         strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000),
		"open parentheses":    strings.Repeat("(", 100_000),
		"brackets":            "x = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"braces":              "x = " + strings.Repeat("{a: ", 100_000),
		"groups":              strings.Repeat("describe('x') { ", 100_000) + strings.Repeat("}", 100_000),
		"interpolations":      "x = " + strings.Repeat(`"#{`, 100_000),
		"negations":           "x = " + strings.Repeat("!", 100_000) + "1",
		"ifs":                 strings.Repeat("if true\n", 100_000),
		"many lines printed":  "10_000_000.times { puts 'x' }",
		"a template":          "require 'erb'\nERB.new('<%= \"x\" * 10**10 %>').result",
		"a template of loops": "require 'erb'\nERB.new('<% loop do %>x<% end %>').result",
		"a deep template":     "require 'erb'\ndef f; ERB.new('<%= f %>').result(binding); end\nf",
		"groups at run time":  "def g(c); c.describe('x') { g(self) }; end\ng(RSpec)",
	} {
		t.Run(name, func(t *testing.T) {
			root := write(t, map[string]string{"spec/a_spec.rb": text})
			type end struct{ results []verify.Result }
			done := make(chan end, 1)
			go func() {
				results, _ := run(t, root, serverspec.Options{RunsOn: serverspec.OnTarget, Limit: 20 * time.Second})
				done <- end{results}
			}()
			select {
			case got := <-done:
				if len(got.results) == 0 {
					t.Fatal("no result")
				}
				r := got.results[0]
				if r.Verdict != verify.Unknown || r.Reason == "" || r.Pos.Line == 0 || !strings.HasSuffix(r.Pos.File, "a_spec.rb") && r.Pos.File != "(erb)" {
					t.Errorf("got %s at %v: %.200s", r.Verdict, r.Pos, r.Reason)
				}
			case <-time.After(5 * time.Minute):
				t.Fatal("it does not end")
			}
			debug.FreeOSMemory()
		})
	}
}
