require 'spec_helper'

describe package('dpkg') do
  it { should be_installed }
  it { is_expected.to be_installed.by('apt') }
  its(:version) { should >= '1.2' }
end

describe package('no-such-package'), :if => os[:family] == 'debian' do
  it { should be_installed }
  it { should_not be_installed }
end

describe file('/etc/passwd') do
  it { should be_file }
  it { should exist }
  it { should be_mode 644 }
  it { should be_mode 600 }
  it { should be_owned_by 'root' }
  it { should be_grouped_into 'root' }
  it { should contain 'root' }
  it { should be_readable.by('owner') }
  it { should be_executable.by('owner') }
  its(:content) { should match /^root:/ }
  its(:content) { should_not match(/nobody-knows/) }
  its(:size) { should > 0 }
  it { should be_a_file }
  it { should be_immutible }
end

describe service('no-such-service') do
  it { should_not be_running }
  it { should be_enabled }
end

describe command('echo hello; echo oops >&2; exit 3') do
  its(:stdout) { should eq "hello\n" }
  its(:stderr) { should match /oops/ }
  its(:exit_status) { should eq 3 }
  its(:exit_status) { should eq 0 }
end

describe port(1) do
  it { should be_listening }
  it { should_not be_listening.with('tcp') }
end

describe user('root') do
  it { should exist }
  it { should belong_to_group 'root' }
  it { should have_uid 0 }
  it { should have_home_directory '/root' }
  it { should have_login_shell '/bin/bash' }
end

# The count takes in every command line that has the name, those of other tests too.
describe process('named-nowhere-else') do
  it { should_not be_running }
  its(:count) { should eq 0 }
end
