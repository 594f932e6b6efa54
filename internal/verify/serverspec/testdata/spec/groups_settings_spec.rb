require 'spec_helper'

# The settings of a group count in examples that ask for the group's own subject.
describe 'a path' do
  let(:path) { '/usr/sbin:/opt/nowhere:$PATH' }
  describe command('echo $PATH') do
    its(:stdout) { should match %r{\A/usr/sbin:/opt/nowhere:/} }
    its(:stdout) { should_not match %r{\A/usr/sbin:/opt/nowhere:/} }
  end
end
describe command('echo $PATH') do
  its(:stdout) { should_not match %r{/opt/nowhere} }
end
describe 'without a subject of the group' do
  let(:path) { '/opt/elsewhere:$PATH' }
  it('is not looked at') { expect(command('echo $PATH').stdout).not_to match %r{/opt/elsewhere} }
  it('is after a subject') { subject; expect(command('echo $PATH').stdout).to match %r{/opt/elsewhere} }
  it('stays') { expect(command('echo $PATH').stdout).to match %r{/opt/elsewhere} }
  context 'with one of its own' do
    subject { command('echo $PATH') }
    its(:stdout) { should match %r{/opt/elsewhere} }
  end
end
describe 'a command before' do
  let(:pre_command) { 'false' }
  describe command('echo here') do
    its(:stdout) { should eq '' }
    its(:exit_status) { should eq 1 }
  end
  describe package('nothing-of-this-name') do
    it { should_not be_installed.by('gem') }
  end
  describe service('nothing-of-this-name') do
    it { should_not be_enabled }
  end
end
describe 'a shell' do
  let(:shell) { '/bin/bash' }
  describe command('echo ${BASH_VERSION:+bash}') do
    its(:stdout) { should eq "bash\n" }
  end
  context 'that logs in' do
    let(:login_shell) { true }
    describe command('shopt -q login_shell && echo login') do
      its(:stdout) { should eq "login\n" }
    end
  end
  describe command('shopt -q login_shell && echo login') do
    its(:stdout) { should eq "" }
  end
end
describe 'an environment' do
  let(:env) { { :GROUP_SETTING => 'yes', :LANG => 'C.UTF-8' } }
  describe command('echo $GROUP_SETTING $LANG') do
    its(:stdout) { should eq "yes C.UTF-8\n" }
  end
end
describe command('echo "[$GROUP_SETTING]" $LANG') do
  its(:stdout) { should eq "[] C\n" }
end
describe 'a command that is asked twice' do
  one = command('echo "[$GROUP_SETTING]"')
  context 'first' do
    let(:env) { { :GROUP_SETTING => 'first' } }
    it { subject; expect(one.stdout).to eq "[first]\n" }
  end
  context 'then' do
    let(:env) { { :GROUP_SETTING => 'then' } }
    it { subject; expect(one.stdout).to eq "[first]\n" }
  end
end
describe 'a method of the group' do
  def path
    '/opt/method:$PATH'
  end
  describe command('echo $PATH') do
    its(:stdout) { should match %r{\A/opt/method} }
  end
end
