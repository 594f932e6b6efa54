require 'serverspec'
set :backend, :exec

describe zfs('pool/data') do
  it { should exist }
  it { should have_property('compression' => 'off', 'mountpoint' => '/data') }
  it { should_not have_property('quota' => 'none') }
  its(:property) { should be_empty }
  its(:property) { should include 'used' }
end

describe lxc('box') do
  it { should exist }
  it { should_not be_running }
end

describe kvm('guest 1') do
  it { should exist }
  it { should be_running }
  it { should_not be_enabled }
end
