package serverspec_test

import (
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// TestSuiteHelpers wants the spec_helper.rb of a Test Kitchen suite, wherever it lies,
// and not the one of the cookbook's unit tests.
func TestSuiteHelpers(t *testing.T) {
	t.Parallel()
	const spec = "require 'spec_helper'\ndescribe(HELPED) { it('has its helper') { expect(true).to be true } }\n"
	const suite = "test/integration/default/serverspec/"
	for _, c := range []struct {
		name, spec string
		files      map[string]string
	}{
		{"beside", suite + "a_spec.rb", map[string]string{suite + "spec_helper.rb": helper + "HELPED = 1"}},
		{"above", suite + "localhost/a_spec.rb", map[string]string{suite + "spec_helper.rb": helper + "HELPED = 1"}},
		{"helpers", suite + "localhost/a_spec.rb", map[string]string{"test/integration/helpers/serverspec/spec_helper.rb": helper + "HELPED = 1"}},
		{"not of unit tests", suite + "a_spec.rb", map[string]string{
			"Rakefile": "", "spec/spec_helper.rb": "require 'chefspec'\n", "test/integration/helpers/serverspec/spec_helper.rb": helper + "HELPED = 1",
		}},
		{"rspec's order below spec", "spec/web/a_spec.rb", map[string]string{"spec/spec_helper.rb": helper + "HELPED = 1", "spec/web/spec_helper.rb": "raise 'the wrong one'\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.files[c.spec] = spec
			s, err := serverspec.Open([]string{filepath.Join(write(t, c.files), c.spec)}, serverspec.Options{})
			if err != nil {
				t.Fatal(err)
			}
			results, err := verify.NewSession(here{}, verify.Options{Probe: probetest.Build(t)}).Run(t.Context(), []verify.Spec{s})
			if err != nil {
				t.Fatal(err)
			}
			if len(results) != 1 || results[0].Verdict != verify.Pass {
				t.Errorf("got %+v", results)
			}
		})
	}
}
