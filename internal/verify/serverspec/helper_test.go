package serverspec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// helpers are forms of spec_helper.rb that reach the machine in ways which Proofmark has no
// need of. The second is what serverspec-init writes.
var helpers = map[string]string{
	"exec": helper,
	"ssh": `require 'serverspec'
require 'net/ssh'

set :backend, :ssh

if ENV['ASK_SUDO_PASSWORD']
  begin
    require 'highline/import'
  rescue LoadError
    fail "highline is not available. Try installing it."
  end
  set :sudo_password, ask("Enter sudo password: ") { |q| q.echo = false }
else
  set :sudo_password, ENV['SUDO_PASSWORD']
end

host = ENV['TARGET_HOST']

options = Net::SSH::Config.for(host)

options[:user] ||= Etc.getlogin

set :host,        options[:host_name] || host
set :ssh_options, options
`,
	"vagrant": `require 'serverspec'
require 'net/ssh'
require 'tempfile'

set :backend, :ssh
if ENV['ASK_SUDO_PASSWORD']
  set :sudo_password, ask("Enter sudo password: ") { |q| q.echo = false }
else
  set :sudo_password, ENV['SUDO_PASSWORD']
end

host = ENV['TARGET_HOST']
` + "`" + `vagrant up #{host}` + "`" + `
config = Tempfile.new('', Dir.tmpdir)
config.write(` + "`" + `vagrant ssh-config #{host}` + "`" + `)
config.close
options = Net::SSH::Config.for(host, [config.path])
options[:user] ||= Etc.getlogin
set :host,        options[:host_name] || host
set :ssh_options, options
`,
	"version 1": `require 'serverspec'
require 'pathname'
require 'net/ssh'
include SpecInfra::Helper::Ssh
include SpecInfra::Helper::DetectOS

RSpec.configure do |c|
  c.before :all do
    c.host = 'x'
    options = Net::SSH::Config.for(c.host)
    user    = options[:user] || Etc.getlogin
    vagrant_up = ` + "`" + `vagrant up default` + "`" + `
    config = ` + "`" + `vagrant ssh-config default` + "`" + `
    if config != ''
      config.each_line do |line|
        if match = /HostName (.*)/.match(line)
          host = match[1]
        end
      end
    end
    c.ssh.close if c.ssh
    c.ssh   = Net::SSH.start(c.host, user, options)
  end
end
`,
	"winrm": `require 'serverspec'
require 'winrm'
set :backend, :winrm
user = 'x'
pass = 'y'
endpoint = "http://#{ENV['TARGET_HOST']}:5985/wsman"
if Gem::Version.new(WinRM::VERSION) < Gem::Version.new('2')
  winrm = ::WinRM::WinRMWebService.new(endpoint, :ssl, :user => user, :pass => pass, :basic_auth_only => true)
  winrm.set_timeout 300
else
  winrm = ::WinRM::Connection.new({user: user, endpoint: endpoint})
end
Specinfra.configuration.winrm = winrm
`,
	"docker": `require 'serverspec'
require 'docker'
Docker.options[:read_timeout] = 900
image = Docker::Image.build_from_dir('.')
set :os, family: :debian
set :backend, :docker
set :docker_image, image.id
set :docker_container_create_options, { 'Entrypoint' => ['bash'] }
`,
	"settings": `require 'serverspec'
require 'net/ssh'
require 'yaml'
require 'winrm'
properties = YAML.load_file(File.expand_path('../../properties.yml', __FILE__))
host = ENV['TARGET_HOST'] || 'web1'
set_property properties[host]
set :host, host
set :request_pty, true
set :disable_sudo, true
set :env, :LANG => 'C', :LC_MESSAGES => 'C'
set :path, '/sbin:/usr/local/sbin:$PATH'
set :shell, '/bin/bash'
set :pre_command, 'source /etc/profile'
set :login_shell, true
set :sudo_options, '-H'
set :ssh_options, :user => 'x', :keys => ["#{ENV['HOME']}/.ssh/id_rsa"], :verify_host_key => :never, :proxy => Net::SSH::Proxy::Command.new('ssh x')
set :backend, :ssh
RSpec.configure do |c|
  c.request_pty = true
  c.formatter = :documentation
  c.add_formatter 'documentation'
  c.add_formatter 'json', 'out.json'
  c.color = true
  c.tty = true
  c.fail_fast = true
  c.order = :random
  c.filter_run focus: true
  c.run_all_when_everything_filtered = true
  c.filter_run_excluding :broken => true
  c.treat_symbols_as_metadata_keys_with_true_values = true
  c.expect_with(:rspec) { |e| e.syntax = [:should, :expect] }
  c.mock_with :rspec do |m| m.verify_partial_doubles = true end
  c.before(:suite) { @x = 1 }
  c.after(:suite) { puts 'bye' }
  c.before(:each) { }
  c.include Module.new { def helper; 1; end }
  c.example_status_persistence_file_path = 'x'
  c.disable_monkey_patching!
  c.raise_errors_for_deprecations!
  c.warnings = true
  c.profile_examples = 10
  c.default_formatter = 'doc'
  c.os = { :family => 'debian' } if false
  c.sudo_password = ENV['SUDO_PASSWORD']
  c.host = host
  c.alias_example_to :feat
  c.alias_example_group_to :feature
  c.alias_it_behaves_like_to :it_has, 'has:'
  c.define_derived_metadata(file_path: %r{spec/}) { |m| m[:x] = 1 }
  c.verbose_retry = true
  c.default_retry_count = 3
  c.around(:each) { |ex| ex.run_with_retry retry: 3 }
  Kernel.srand c.seed
end
Specinfra.configuration.request_pty = true
Specinfra.configuration.ssh_options = {}
Specinfra::Configuration.error_on_missing_backend_type rescue nil
`,
	"libraries": `require 'serverspec'
require 'logger'
require 'bundler/setup'
require 'simplecov'
require 'open3'
require 'optparse'
Bundler.require(:default, :test) if false
$LOAD_PATH.unshift File.expand_path('../../lib', __FILE__)
Dir[File.join(File.dirname(__FILE__), 'support/**/*.rb')].sort.each { |f| require f }
SimpleCov.start if ENV['COVERAGE']
LOG = Logger.new(STDOUT)
LOG.level = Logger::INFO
$stdout.sync = true
STDOUT.sync = true
if ENV['KITCHEN'] then set :backend, :exec else set :backend, :exec end
include Serverspec::Helper::Exec rescue nil
include Serverspec::Helper::DetectOS rescue nil
class Hash; def deep; self; end; end
module Helpers; def h; 1; end; end
RSpec.configure { |c| c.include Helpers; c.extend Helpers }
Encoding.default_external = Encoding::UTF_8
trap('INT') { exit }
at_exit { puts 'x' }
ENV['LANG'] = 'C'
`,
}

// TestHelpers runs the same examples under each, of the target that was named.
func TestHelpers(t *testing.T) {
	t.Parallel()
	for name, text := range helpers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := write(t, map[string]string{
				"spec/spec_helper.rb": text, "properties.yml": "web1: {port: 80}\n", "Rakefile": "",
				"spec/a_spec.rb": "require 'spec_helper'\ndescribe file('/etc/passwd') do\n  it { should exist }\n  it { should_not be_directory }\nend\n",
				"spec/b_spec.rb": "require 'spec_helper'\ndescribe(command('echo hi')) { its(:stdout) { should eq \"hi\\n\" } }\n",
			})
			results, _ := run(t, root, serverspec.Options{Environ: []string{"TARGET_HOST=web1", "ASK_SUDO_PASSWORD=1", "USER=me"}})
			if len(results) != 3 {
				t.Errorf("%d results", len(results))
			}
			for _, r := range results {
				if r.Verdict != verify.Pass {
					t.Errorf("%s %s: %s %s %s", r.Pos.File, r.Description, r.Verdict, r.Found, r.Reason)
				}
			}
		})
	}
}

// TestHelperInParts is of a helper with a statement that cannot be run: the others count in
// every spec file, and what fails may fail because of it.
func TestHelperInParts(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		"spec/spec_helper.rb": `require 'serverspec'
ObjectSpace.each_object {}
RSpec.configure do |c|
  c.before { @one = 1 }
  ObjectSpace.garbage_collect
  c.before { @two = 2 }
end
set :backend, :exec
`,
		"spec/a_spec.rb": "require 'spec_helper'\ndescribe('a') { it('has both') { expect(@one + @two).to eq 3 } }\n",
		"spec/b_spec.rb": "require 'spec_helper'\ndescribe('b') { it('has both') { expect(@one + @two).to eq 3 }\n it('has three') { expect(@three).to eq 3 } }\n",
	})
	results, _ := run(t, root, serverspec.Options{})
	var got []string
	for _, r := range results {
		got = append(got, strings.TrimPrefix(r.Pos.String(), root+"/spec/")+" "+r.Description+": "+string(r.Verdict))
	}
	want := "spec_helper.rb:2:1 is loaded whole: could not check\nspec_helper.rb:5:3 is loaded whole: could not check\n" +
		"a_spec.rb:2:17 has both: pass\nb_spec.rb:2:17 has both: pass\nb_spec.rb:3:2 has three: could not check"
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("got\n%s\nwant\n%s", all, want)
	}
}

// TestHostLoop is of the Rakefile that serverspec-init writes: each directory is a program
// of its own, and its name is the host.
func TestHostLoop(t *testing.T) {
	t.Parallel()
	const spec = "require 'spec_helper'\n$seen = ($seen || 0) + 1\ndescribe 'host' do\n  it(ENV['TARGET_HOST']) { expect($seen).to eq 1 }\n  it('is asked') { expect(file('/etc/passwd')).to exist }\nend\n"
	root := write(t, map[string]string{
		"Rakefile": `require 'rake'
require 'rspec/core/rake_task'
task :spec    => 'spec:all'
task :default => :spec
namespace :spec do
  targets = []
  Dir.glob('./spec/*').each do |dir|
    next unless File.directory?(dir)
    target = File.basename(dir)
    target = "_#{target}" if target == "default"
    targets << target
  end
  task :all     => targets
  task :default => :all
  targets.each do |target|
    original_target = target == "_default" ? target[1..-1] : target
    desc "Run serverspec tests to #{original_target}"
    RSpec::Core::RakeTask.new(target.to_sym) do |t|
      ENV['TARGET_HOST'] = original_target
      t.pattern = "spec/#{original_target}/*_spec.rb"
    end
  end
end
`,
		"spec/spec_helper.rb": helpers["ssh"], "spec/web1/a_spec.rb": spec, "spec/web2/a_spec.rb": spec,
	})
	names := func(o serverspec.Options) string {
		results, _ := run(t, root, o)
		var got []string
		for _, r := range results {
			got = append(got, r.Description+": "+string(r.Verdict)+" "+r.Reason)
		}
		return strings.Join(got, "\n")
	}
	environ := []string{"USER=me"}
	if got, want := names(serverspec.Options{Environ: environ}), "web1: pass \nis asked: pass \nweb2: pass \nis asked: pass "; got != want {
		t.Errorf("got\n%s", got)
	}
	if got := names(serverspec.Options{Environ: append(environ, "TARGET_HOST=web9")}); strings.Count(got, "web9: pass") != 2 {
		t.Errorf("got\n%s", got)
	}
	got := names(serverspec.Options{Environ: environ, Unnamed: true})
	if strings.Count(got, "is asked: could not check") != 2 || !strings.Contains(got, "--target ssh://web2") {
		t.Errorf("when nobody names the target, got\n%s", got)
	}
	s, err := serverspec.Open([]string{filepath.Join(root, "spec")}, serverspec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if files := strings.Join(s.Files(), " "); !strings.Contains(files, "Rakefile") {
		t.Errorf("files %s", files)
	}
}

// TestUnnamedDocker wants specs for a container not to be asked of this host by accident.
func TestUnnamedDocker(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		"spec/spec_helper.rb": "require 'serverspec'\nset :backend, :docker\nset :docker_image, 'debian:12'\n",
		"spec/a_spec.rb":      "require 'spec_helper'\ndescribe(file('/etc/passwd')) { it { should exist } }\ndescribe(command('echo')) { its(:stdout) { should eq \"\\n\" } }\n",
	})
	results, _ := run(t, root, serverspec.Options{Unnamed: true, Environ: os.Environ()})
	for _, r := range results {
		if r.Verdict != verify.Unknown || !strings.Contains(r.Reason, "docker image debian:12") {
			t.Errorf("%+v", r)
		}
	}
	if len(results) != 2 {
		t.Errorf("%d results", len(results))
	}
}
