package serverspec_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// write makes a project of files and returns its directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// counted counts how often a spec is evaluated: once more than there are round trips.
type counted struct {
	*serverspec.Spec
	n int
}

func (c *counted) Evaluate(ctx context.Context, s *verify.Session) []verify.Result {
	c.n++
	return c.Spec.Evaluate(ctx, s)
}

func run(t *testing.T, root string, o serverspec.Options) ([]verify.Result, int) {
	t.Helper()
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	s, err := serverspec.Open([]string{filepath.Join(root, "spec")}, o)
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{Spec: s}
	results, err := verify.NewSession(here{}, verify.Options{Probe: probetest.Build(t)}).Run(t.Context(), []verify.Spec{c})
	if err != nil {
		t.Fatal(err)
	}
	return results, c.n - 1
}

const helper = "require 'serverspec'\nset :backend, :exec\n"

// TestRoundTrips wants five hundred checks of ten kinds in at most four round trips.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("require 'spec_helper'\n")
	for i := range 50 {
		fmt.Fprintf(&b, `
describe package('package-%[1]d'), if: os[:family] != 'windows' do
  it { should_not be_installed }
end
describe file('/etc/passwd-%[1]d') do
  it { should_not be_file }
  it { should_not be_mode 644 }
  it { should_not be_owned_by 'root' }
  its(:content) { should_not match /x/ }
end
describe user('user-%[1]d') do
  it { should_not exist }
end
describe group('group-%[1]d') do
  it { should_not exist }
end
describe service('service-%[1]d') do
  it { should_not be_enabled }
end
describe port(%[2]d) do
  it { should_not be_listening }
end
describe command('echo %[1]d') do
  its(:stdout) { should eq "%[1]d\n" }
end
`, i, 64000+i) // above those that this host gives to who asks for any
	}
	results, rounds := run(t, write(t, map[string]string{"spec/spec_helper.rb": helper, "spec/many_spec.rb": b.String()}), serverspec.Options{})
	if len(results) != 500 {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		if r.Verdict != verify.Pass {
			t.Fatalf("%+v", r)
		}
	}
	if rounds > 4 {
		t.Errorf("%d round trips", rounds)
	}
}

// TestNothingTwice wants that evaluating again repeats no effect.
func TestNothingTwice(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	root := write(t, map[string]string{"spec/spec_helper.rb": helper, "spec/a_spec.rb": `
require 'spec_helper'
puts "loading for #{os[:family].class}"
at = Time.now
describe 'effects' do
  def append() command("echo x >> ` + log + `").exit_status end
  it('first') { puts 'once'; expect(append).to eq 0; expect(file('/etc/passwd')).to exist }
  it('second') { expect(append).to eq 0 }
  it('counts') { expect(` + "`wc -l < " + log + "`" + `.to_i).to eq 2 }
  it('has one time') { expect(file('/etc/passwd').size).to be > 0; expect(at).to be <= Time.now; expect(rand).to be < 1 }
end
describe command("echo y >> ` + log + `") do
  its(:exit_status) { should eq 0 }
  its(:stdout) { should eq '' }
  it('ran once') { expect(subject.exit_status).to eq 0; expect(file('` + log + `').content).to eq "x\nx\ny\n" }
end
`})
	var out bytes.Buffer
	results, _ := run(t, root, serverspec.Options{Output: &out})
	for _, r := range results {
		if r.Verdict != verify.Pass {
			t.Errorf("%s: %s %s %s", r.Description, r.Verdict, r.Found, r.Reason)
		}
	}
	if out.String() != "loading for String\nonce\n" {
		t.Errorf("printed %q", out.String())
	}
	if b, err := os.ReadFile(log); err != nil || string(b) != "x\nx\ny\n" {
		t.Errorf("the target has %q, %v", b, err)
	}
}

// TestCouldNotCheck is of specs that say what Proofmark does not run: a result tells it,
// and nothing is left out in silence.
func TestCouldNotCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spec    string
		o       serverspec.Options
		reasons []string // of all results that could not be checked
		passed  int
	}{
		"a construct":       {spec: "describe('x') { it('a') { } }\nBEGIN { }\n", reasons: []string{"BEGIN"}, passed: 1},
		"a construct in it": {spec: "describe('x') { it('a') { ObjectSpace.each_object }\n it('b') { } }\n", reasons: []string{"ObjectSpace"}, passed: 1},
		"no Ruby":           {spec: "describe 'x' do\n", reasons: []string{"unexpected end of file"}},
		"a library":         {spec: "require 'no/such/gem'\ndescribe('x') { it('a') { } }\n", reasons: []string{"no/such/gem"}},
		"a type":            {spec: "describe(windows_feature('IIS')) { it { should be_installed } }\n", reasons: []string{"windows_feature"}},
		"a loop":            {spec: "describe('x') { it('a') { loop {} }\n it('b') {} }\n", reasons: []string{"steps"}, passed: 1},
		"a loop at load":    {spec: "loop {}\n", reasons: []string{"steps"}},
		"a text that grows": {spec: "describe('x') { it('a') { s = 'x'; loop { s = s + s } } }\n", reasons: []string{"bytes"}},
		"a change of files": {spec: "require 'rubygems/installer'\nset :backend, :ssh\nclass Place\n  include FileUtils\n  def make; mkdir_p('x'); end\nend\ndescribe('x') { it('a') { Place.new.make }\n it('b') { File.write('/tmp/x', '') }\n it('c') {} }\n",
			reasons: []string{"allow_commands", "allow_commands"}, passed: 1},
		"a temporary file": {
			spec:    "set :backend, :exec\nt = Tempfile.new('x')\nt.write 'hi'\nt.close\ndescribe('x') { it('a') { expect(`cat #{t.path}`).to eq 'hi' }\n it('b') { expect(File.read(t.path)).to eq 'hi' } }\ndescribe(file(t.path)) { it { should exist } }\n",
			reasons: []string{"Tempfile", "Tempfile", "Tempfile"}},
		"network": {spec: "require 'net/http'\ndescribe('x') { it('a') { Net::HTTP.get('example.org', '/') } }\n", reasons: []string{"network"}},
		"controller command": {
			spec: "set :backend, :ssh\ndescribe('x') { it('a') { `echo x` } }\n", reasons: []string{"allow_commands"}},
		"controller file": {
			spec: "describe('x') { it('a') { File.read('/etc/passwd') } }\n", o: serverspec.Options{RunsOn: serverspec.OnController}, reasons: []string{"only files below"}},
		"a link out": {
			spec: "describe('x') { it('a') { File.read('link/passwd') } }\n", o: serverspec.Options{RunsOn: serverspec.OnController}, reasons: []string{"only files below"}},
		"no backend": {
			spec: "set :backend, false\ndescribe('x') { it('a') { `true` } }\n", reasons: []string{"specs_run_on"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := write(t, map[string]string{"spec/spec_helper.rb": helper, "spec/x_spec.rb": "require 'spec_helper'\n" + c.spec})
			if err := os.Symlink("/etc", filepath.Join(root, "link")); err != nil {
				t.Fatal(err)
			}
			results, _ := run(t, root, c.o)
			var reasons []string
			passed := 0
			for _, r := range results {
				switch r.Verdict {
				case verify.Unknown:
					reasons = append(reasons, r.Reason)
					if r.Pos.Line == 0 && name != "a library" {
						t.Errorf("no place: %+v", r)
					}
				case verify.Pass:
					passed++
				default:
					t.Errorf("%+v", r)
				}
			}
			if passed != c.passed || len(reasons) != len(c.reasons) {
				t.Fatalf("%d passed, could not check: %q", passed, reasons)
			}
			for i, want := range c.reasons {
				if !strings.Contains(reasons[i], want) {
					t.Errorf("%q does not say %q", reasons[i], want)
				}
			}
		})
	}
}

// TestController lets specs of SSH read their own files and the environment here.
func TestController(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		".rspec": "--require spec_helper\n--tag ~slow\n",
		"spec/spec_helper.rb": `
require 'serverspec'
require 'net/ssh'
require 'yaml'
host = ENV['TARGET_HOST']
options = Net::SSH::Config.for(host)
options[:user] ||= Etc.getlogin
set :backend, :ssh
set :host, options[:host_name] || host
set :ssh_options, options
set_property YAML.load_file('properties.yml')[host]
RSpec.configure { |c| c.color = true; c.before(:each) { @seen = 1 } }
`,
		"properties.yml":        "web1:\n  port: 80\n",
		"spec/web1/web_spec.rb": "require 'spec_helper'\ndescribe 'web' do\n  it('has its property') { expect(property['port'] * @seen).to eq 80 }\n  it('lists') { expect(Dir.glob('spec/*/*_spec.rb').size).to eq 1 }\n  it('never', :slow) { raise }\n  it('runs here') { expect(`echo $TARGET_HOST`.strip).to eq 'web1' }\nend\n",
	})
	results, _ := run(t, root, serverspec.Options{Environ: []string{"TARGET_HOST=web1", "USER=me", "PATH=" + os.Getenv("PATH")}, AllowCommands: true})
	if len(results) != 3 {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		if r.Verdict != verify.Pass {
			t.Errorf("%s: %s %s %s", r.Description, r.Verdict, r.Found, r.Reason)
		}
	}
}

// TestTerminal gives commands one, as request_pty does: both outputs are one.
func TestTerminal(t *testing.T) {
	t.Parallel()
	const spec = "require 'serverspec'\nset :backend, :ssh\nset :request_pty, true\ndescribe command('echo a; echo b >&2; exit 3') do\n  its(:stdout) { should eq \"%s\" }\n  its(:stderr) { should eq \"%s\" }\n  its(:exit_status) { should eq 3 }\nend\n"
	for _, c := range []struct {
		stdout, stderr string
		strict         bool
	}{{`a\nb\n`, ``, false}} {
		results, _ := run(t, write(t, map[string]string{"spec/a_spec.rb": fmt.Sprintf(spec, c.stdout, c.stderr)}), serverspec.Options{Strict: c.strict})
		for _, r := range results {
			if r.Verdict != verify.Pass {
				t.Errorf("strict %v: %s: %s %s %s", c.strict, r.Description, r.Verdict, r.Found, r.Reason)
			}
		}
	}
}

// TestLateCommand has a fact read after a command whose text is known only when another
// command has been answered, and so in a later round than the fact could be asked.
func TestLateCommand(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "mark")
	root := write(t, map[string]string{"spec/a_spec.rb": "require 'serverspec'\nset :backend, :exec\nmark = '" + mark + "'\n" + `
describe 'a command' do
  before(:all) { ` + "`touch #{mark}`; name = `echo #{mark}`.strip; `rm #{name}`" + ` }
  it('is run') { expect(1).to eq 1 }
end
describe(file(mark)) { it { should_not exist } }
`})
	results, _ := run(t, root, serverspec.Options{})
	for _, r := range results {
		if r.Verdict != verify.Pass {
			t.Errorf("%s: %s %s %s", r.Description, r.Verdict, r.Found, r.Reason)
		}
	}
}

// TestFilesWritten has specs of the backend exec make files on the target, once each.
func TestFilesWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := write(t, map[string]string{"spec/a_spec.rb": "require 'serverspec'\nrequire 'fileutils'\nset :backend, :exec\ndir = '" + dir + `/a b'
describe 'files' do
  before(:all) do
    FileUtils.mkdir_p dir
    File.open("#{dir}/script", 'a') { |f| f.puts 'echo it is $1' }
    FileUtils.chmod 0755, ["#{dir}/script"]
  end
  describe(file("#{dir}/script")) { it { should be_mode 755 } }
  describe(command("'#{dir}/script' here")) { its(:stdout) { should eq "it is here\n" } }
  after(:all) { FileUtils.rm_rf dir }
end
describe(file(dir)) { it { should_not exist } }
describe 'relative names' do
  it('are those of the directory of the project') do
    FileUtils.mkdir 'made'
    File.write('made/text', 'of it')
    FileUtils.ln_s 'text', 'made/link'
    FileUtils.rm_rf 'made', noop: true
    expect(File.read(File.expand_path('made/link'))).to eq 'of it'
  end
end
`})
	results, _ := run(t, root, serverspec.Options{})
	if len(results) != 4 {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		if r.Verdict != verify.Pass {
			t.Errorf("%s: %s %s %s", r.Description, r.Verdict, r.Found, r.Reason)
		}
	}
}

// TestWhereSpecsRun reads a file of the host and runs a command, where that is allowed.
func TestWhereSpecsRun(t *testing.T) {
	t.Parallel()
	const spec = "require 'serverspec'\n%sdescribe('x') do\n  it('reads') { expect(File.read('/etc/passwd')).to match(/^root:/) }\n  it('runs') { expect(`echo $((6*7))`).to eq \"42\\n\" }\nend\n"
	for name, c := range map[string]struct {
		set  string
		o    serverspec.Options
		want verify.Verdict
	}{
		"ssh":                   {"set :backend, :ssh\n", serverspec.Options{}, verify.Unknown},
		"ssh, commands allowed": {"set :backend, :ssh\n", serverspec.Options{AllowCommands: true}, verify.Pass},
		"ssh, local":            {"set :backend, :ssh\n", serverspec.Options{Local: true}, verify.Pass},
		"no backend":            {"", serverspec.Options{AllowCommands: true}, verify.Unknown},
		"no backend, local":     {"", serverspec.Options{Local: true}, verify.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results, _ := run(t, write(t, map[string]string{"spec/a_spec.rb": fmt.Sprintf(spec, c.set)}), c.o)
			if len(results) != 2 {
				t.Errorf("%d results", len(results))
			}
			for _, r := range results {
				if r.Verdict != c.want {
					t.Errorf("%s: %s %s", r.Description, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// TestJSONSpec is of the gem that Debian's ServerSpec does not have.
func TestJSONSpec(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{"spec/spec_helper.rb": helper + "require 'json_spec'\n", "spec/a_spec.rb": `
require 'spec_helper'
describe command(%q(echo '{"id": 1, "a": {"b": [1, 2]}}')) do
  its(:stdout) { should be_json_eql %({"a": {"b": [1, 2]}, "id": 2}) }
  its(:stdout) { should be_json_eql('2').at_path('a/b/1') }
  its(:stdout) { should be_json_eql(%({"a": 1})) }
  its(:stdout) { should be_json_eql(%({"a": {"b": [1, 2]}, "id": 2})).including('id') }
  its(:stdout) { should have_json_path('a') }
end
`})
	results, _ := run(t, root, serverspec.Options{})
	var got []string
	for _, r := range results {
		got = append(got, r.Description+": "+string(r.Verdict))
	}
	want := []string{"is expected to equal JSON: pass", `is expected to equal JSON at path "a/b/1": pass`, "is expected to equal JSON: fail", "is expected to equal JSON: fail",
		"example at ./spec/a_spec.rb:8: could not check"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestInputs wants the files that an image's proof depends on.
func TestInputs(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		"Rakefile": "", "spec/spec_helper.rb": helper + "require 'support/more'\nset_property YAML.load_file('properties.yml')\n",
		"spec/support/more.rb": "", "spec/a_spec.rb": "require 'spec_helper'\nENV['ONE']\n", "spec/unused.rb": "", "properties.yml": "a: 1\n",
	})
	digest := func(env ...string) (*serverspec.Spec, string) {
		s, err := serverspec.Open([]string{filepath.Join(root, "spec/*_spec.rb")}, serverspec.Options{Environ: env})
		if err != nil {
			t.Fatal(err)
		}
		return s, s.Digest()
	}
	s, one := digest("ONE=1", "TWO=1")
	var names []string
	for _, f := range s.Files() {
		rel, err := filepath.Rel(root, f)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, rel)
	}
	if want := []string{"properties.yml", "spec/a_spec.rb", "spec/spec_helper.rb", "spec/support/more.rb"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	if _, same := digest("ONE=1", "TWO=2"); same != one {
		t.Error("a variable that no spec names changes the digest")
	}
	if _, other := digest("ONE=2", "TWO=1"); other == one {
		t.Error("a variable that a spec names does not change the digest")
	}
}

// TestOpenRefuses is of paths that name nothing.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		"": "no such file", dir: "no file below", dir + "/*_spec.rb": "no file matches", dir + "/no_spec.rb": "no such file",
	} {
		if _, err := serverspec.Open([]string{path}, serverspec.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := serverspec.Open([]string{dir}, serverspec.Options{RunsOn: "moon", Limit: time.Second}); err == nil || !strings.Contains(err.Error(), "moon") {
		t.Errorf("%v", err)
	}
}
