require 'spec_helper'

%w[bash openssh-server netcat-openbsd ghost no-such-package libc6 libc6:amd64 nginx-light nginx lib* Bash perl-base].each do |name|
  describe package(name) do
    both { be_installed }
    both { be_installed.by('apt') }
    both { be_installed.with_version('1.0') }
    both { be_installed.by('rpm') }
    its(:version) { should be > '0.1' }
    its(:version) { should be_nil }
  end
end
describe package('ghost') do
  both { be_installed.with_version('1.0-1') }
  its(:version) { should eq '1.0-1' }
end
describe package('bash') do
  both { be_installed.with_version('5.2.15-2+b9') }
  both { be_installed.with_version('5.2.15-2+b13') }
  both { be_installed.with_version('5.2') }
  both { be_installed.with_version('5.2.15-2.*') }
  both { be_installed.by(:apt).with_version('5') }
  both { be_installed.by('nonsense') }
  ['5.2', '5.2.15-2', '5.2.15-2+b1', '5.2.15-2+b99', '5.10', '5.1.99', '1:0', '5.2~rc1', '5.2.15~', '6', ''].each do |v|
    its(:version) { should > v }
    its(:version) { should <= v }
    its(:version) { should == v }
    its(:version) { should_not be >= v }
  end
  its(:version) { should be_between('5.0', '6.0') }
  its(:version) { should match(/5\.2/) }
  its('version.to_s') { should match(/\A5\.2/) }
  its('version.version') { should match(/\A5\.2/) }
  it('by hand') { expect(package('bash')).to be_installed }
  it('not by hand') { expect(package('bash')).not_to be_installed }
  it('called') { expect(package('bash').installed?).to be true }
  it('compares') { expect(package('bash').version > '4').to be true }
end
describe package('sudo') do
  its(:version) { should >= '1.9' }
  its(:version) { should < '1:0' }
end
{ 'gem' => %w[rspec rspec-core RSpec rspe nothing], 'npm' => %w[left-pad left nothing], 'pip3' => %w[ansible-core ansible requests Requests nothing],
  'pip' => %w[ansible-core ansible requests nothing], 'pip2' => %w[ansible req], 'pecl' => %w[redis red nothing], 'pear' => %w[redis nothing],
  'cpan' => %w[URI JSON::PP nothing], 'rvm' => %w[ruby-2.7.1 ruby nothing], 'td_agent_gem' => %w[fluentd] }.each do |by, names|
  names.each do |name|
    describe package(name) do
      both { be_installed.by(by) }
      both { be_installed.by(by).with_version('1.3.0') }
      it { should be_installed.by(by).with_version({ 'redis' => '5.3.7', 'URI' => '5.12', 'requests' => '2.28.1', 'rspec' => '3.12.0' }.fetch(name, '2.14')) }
    end
  end
end
