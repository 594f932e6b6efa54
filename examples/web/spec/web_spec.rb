require 'spec_helper'

describe package('nginx') do
  it { should be_installed }
end

describe service('nginx') do
  it { should be_enabled }
  it { should be_running }
end

describe port(80) do
  it { should be_listening.with('tcp') }
end

describe user('site') do
  it { should exist }
  it { should have_login_shell '/usr/sbin/nologin' }
end

%w[index.html style.css].each do |name|
  describe file("/srv/site/#{name}") do
    it { should be_file }
    it { should be_owned_by 'site' }
    it { should_not be_writable.by('others') }
  end
end

describe command('curl -s http://127.0.0.1/') do
  its(:exit_status) { should eq 0 }
  its(:stdout) { should match(/It is proven/) }
end
