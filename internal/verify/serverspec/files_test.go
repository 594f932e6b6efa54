package serverspec_test

import (
	"os"
	"path/filepath"
	"strconv"
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

// TestRepository wants that specs read what belongs to their repository, and no more.
func TestRepository(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		"repo/.git/HEAD": "", "repo/vars/all.yml": "port: 80\n", "secret.yml": "key: 1\n",
		"repo/test/spec/a_spec.rb": `require 'serverspec'
set :backend, :ssh
describe 'files' do
  it('reads those of the repository') { expect(YAML.load_file('../vars/all.yml')['port']).to eq 80 }
  it('reads no others') { expect(File.read('../../secret.yml')).to eq '' }
end
`,
	})
	s, err := serverspec.Open([]string{filepath.Join(root, "repo/test/spec/a_spec.rb")}, serverspec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	results, err := verify.NewSession(here{}, verify.Options{Probe: probetest.Build(t)}).Run(t.Context(), []verify.Spec{s})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || results[0].Verdict != verify.Pass || results[1].Verdict != verify.Unknown {
		t.Errorf("got %+v", results)
	}
}

// TestShells wants commands run by the shells that ServerSpec has.
func TestShells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ settings, expectation string }{
		// Two shells, each in a command line; pgrep leaves itself out, and nothing else is begun before it.
		{":backend, :exec", "command('pgrep -fa quince-" + strconv.Itoa(os.Getpid()) + "; true').stdout.lines.size).to eq 2"},
		{":backend, :exec", "command('echo out; echo err >&2').stderr).to eq \"err\\n\""},
		{":backend, :exec\nset :login_shell, true", "command('echo $0').stdout).to eq \"/bin/sh\\n\""},
		{":backend, :ssh\nset :request_pty, true", "command('echo out; echo err >&2').stdout).to eq \"out\\nerr\\n\""},
		{":backend, :ssh\nset :request_pty, true", "command('if').exit_status).to eq 2"},
		{":backend, :ssh", "command('echo out; echo err >&2').stdout).to eq \"out\\n\""},
	} {
		root := write(t, map[string]string{"spec/a_spec.rb": "require 'serverspec'\nset " + c.settings + "\ndescribe('it') { it('holds') { expect(" + c.expectation + " } }\n"})
		results, _ := run(t, root, serverspec.Options{})
		if len(results) != 1 || results[0].Verdict != verify.Pass {
			t.Errorf("%s: got %+v", c.settings, results)
		}
	}
}
