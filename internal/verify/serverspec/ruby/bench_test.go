package ruby_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// BenchmarkNew is what each spec file costs before its first line.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		ruby.New(&hostWorld{}, ruby.Limits{})
	}
}

func BenchmarkRun(b *testing.B) {
	file := parse(b, `a = (1..1000).map { |i| "item #{i}" if i.odd? }.compact; h = a.each_with_object({}) { |s, m| m[s] = s[/\d+/].to_i }; h.sum { |_, v| v }`)
	for b.Loop() {
		if _, err := ruby.New(&hostWorld{}, ruby.Limits{}).Run(b.Context(), file); err != nil {
			b.Fatal(err)
		}
	}
}
