require 'spec_helper'

describe 'an environment' do
  before(:all) { set :env, :LANG => 'C', :SOME_NAME => 'some value' }
  after(:all) { set :env, {} }
  it { expect(command('echo "$LANG"').stdout).to eq "C\n" }
end
describe 'a path' do
  before(:all) { set :path, '/srv/path:$PATH' }
  after(:all) { set :path, nil }
  it { expect(command('echo "$PATH"').stdout).to match(%r{\A/srv/path:.*/bin}) }
  it { expect(file('/srv/f/plain')).to be_mode 644 }
  it { expect(package('bash')).to be_installed }
end
describe 'another shell' do
  before(:all) { set :shell, '/bin/bash' }
  after(:all) { set :shell, nil }
  it { expect(command('echo ${BASH_VERSION:0:1}').stdout).to eq "5\n" }
  it { expect(command('[[ a == a ]]').exit_status).to eq 0 }
  it { expect(file('/srv/f/plain')).to be_file }
end
describe 'a command before each' do
  before(:all) { set :pre_command, 'cd /srv/f' }
  after(:all) { set :pre_command, nil }
  it { expect(command('pwd').stdout).to eq "/srv/f\n" }
  it { expect(file('plain')).to be_file }
  it { expect(file('missing')).to be_file }
end
describe 'no process instead of a service' do
  before(:all) { set :no_service_process_fallback, true }
  after(:all) { set :no_service_process_fallback, false }
  it { expect(service('cron')).to be_running }
  it { expect(service('no-such')).to be_running }
end
describe 'another system' do
  before(:all) { set :os, family: 'redhat', release: '7', arch: 'x86_64' }
  after(:all) { set :os, nil }
  it { expect(os[:family]).to eq 'redhat' }
  it { expect(os[:release]).to eq '7' }
end
describe 'no sudo' do
  let(:disable_sudo) { true }
  it { expect(command('id -u').exit_status).to eq 0 }
end
