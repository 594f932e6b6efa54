package serverspec

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// FuzzEvaluate evaluates spec files against a machine that never answers: whatever they say
// ends in results, within the limits.
func FuzzEvaluate(f *testing.F) {
	for _, pattern := range []string{"testdata/spec/*.rb", "rspec/testdata/*.rb"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	for _, text := range []string{
		"describe('x') { it('a') { loop {} } }", "describe('x') { it('a') { s = 'x'; loop { s += s } } }", "describe('x') { before(:all) { loop {} }; it('a') {} }",
		"describe('x') { let(:a) { a }; it { expect(a).to eq 1 } }", "def f() f end\nf", "(1..10**12).to_a", "'a' * 10**10", "10_000_000.times { puts 'x' }",
		"shared_examples('x') { include_examples 'x' }\ndescribe('x') { include_examples 'x' }", "describe('x') { it_behaves_like 'y'; shared_examples('y') { it_behaves_like 'y' } }",
		"describe('x') { describe('y') { around { |e| e.run; e.run }; it {} } }", "RSpec::Matchers.define(:m) { match { |a| expect(a).to m } }\ndescribe(1) { it { should m } }",
		"describe(file('/x')) { it { should be_mode 644 }; its('a.b') { should be 1 } }", "set :os, 1\nos[:family]", "set :env, 1\ndescribe(command('x')) { its(:stdout) { should eq 1 } }",
		"RSpec.configure { |c| c.include 1 }", "describe('x') { d = double; it { allow(d).to receive(:x).and_return; d.x } }", "$stdout = 1; puts 1",
		"describe('x', if: raise) {}", "describe { it { expect { |b| b }.to yield_control } }", "set_property 1; property[:x]", "host_inventory[:x][:y]", "x = {}; x[x] = x; describe(x) { it { should eq x } }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root := t.TempDir()
		file := filepath.Join(root, "x_spec.rb")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open([]string{file}, Options{Limit: 10 * time.Second, Environ: []string{"HOME=/"}})
		if err != nil {
			t.Fatal(err)
		}
		s.limits = ruby.Limits{Steps: 50_000, Bytes: 8 << 20, Depth: 500, Match: 100 * time.Millisecond, Total: 64 << 20}
		session := verify.NewSession(nil, verify.Options{})
		for range 2 {
			for _, r := range s.Evaluate(t.Context(), session) {
				if r.Verdict == "" {
					t.Errorf("no verdict: %+v", r)
				}
			}
		}
	})
}
