require 'spec_helper'

set_property('roles' => { 'web' => { port: 80 } }, plain: 'x')

describe 'os' do
  it('is a hash') { expect(os).to be_a Hash }
  it('has a family') { expect(os[:family]).to match /\A[a-z]+\z/ }
  it('has an arch') { expect(os[:arch]).to eq `uname -m`.strip }
  it('is not windows') { expect(os[:family]).not_to eq 'windows' }
end
describe 'property' do
  it { expect(property['roles']['web'][:port]).to eq 80 }
  it { expect(property[:plain]).to eq 'y' }
end
describe 'host_inventory' do
  it('has a host name') { expect(host_inventory['hostname']).to eq `hostname -s`.strip }
  it('has a platform') { expect(host_inventory[:platform]).to eq os[:family] }
  it('has memory') { expect(host_inventory['memory']['total']).to match /\A\d+kB\z/ }
  it('has a kernel') { expect(host_inventory['kernel']['release']).to eq `uname -r`.strip }
  it('has processors') { expect(host_inventory['cpu']['total'].to_i).to be > 0 }
end
describe 'Specinfra' do
  it { expect(Specinfra.configuration.backend).to eq :exec }
  it { expect(Specinfra.backend.run_command('echo x').stdout).to eq "x\n" }
  it { expect(Specinfra.backend.run_command('false')).to be_failure }
  it { expect(Specinfra::Runner.run_command('exit 3').exit_status).to eq 3 }
end
describe 'the world' do
  it('has files') { expect(File.exist?('/etc/passwd')).to be true }
  it('reads files') { expect(File.read('/etc/hostname').strip).to eq `cat /etc/hostname`.strip }
  it('has directories') { expect(Dir.exist?('/etc')).to be true }
  it('has backticks') { expect(`echo hi`).to eq "hi\n" }
  it('has a status') { system('exit 2'); expect($?.exitstatus).to eq 2 }
  it('has a place') { expect(File.basename(__FILE__)).to eq 'settings_spec.rb' }
  it('reads beside itself') { expect(File.read(File.join(__dir__, 'spec_helper.rb'))).to include 'serverspec' }
  it('has an environment') { expect(ENV['PATH']).to include '/bin' }
end
describe command('cat /etc/hostname') do
  let(:before) { file('/etc/hostname').content }
  its(:stdout) { should eq before }
end
describe 'a command that changes things' do
  name = "/tmp/proofmark-spec-of-replay"
  it('is not there') { expect(file(name)).not_to exist }
  it('makes it') { expect(command("touch #{name}").exit_status).to eq 0 }
  it('is there') { expect(file(name)).to exist }
  it('goes') { expect(command("rm #{name}").exit_status).to eq 0 }
  it('is gone') { expect(file(name)).not_to exist }
end
