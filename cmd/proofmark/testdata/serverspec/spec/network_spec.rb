require 'spec_helper'

%w[localhost dummy six.example.com twice commented known.example.com unknown.invalid 127.0.0.1].each do |name|
  describe host(name) do
    both { be_resolvable }
    both { be_resolvable.by('hosts') }
    both { be_resolvable.by('dns') }
    its(:ipaddress) { should eq '10.77.0.1' }
    its(:ipaddress) { should match(/\A(127\.|::1)/) }
    its(:ipv4_address) { should eq '10.77.0.1' }
    its(:ipv6_address) { should eq 'fd77::1' }
  end
end
describe host('localhost') do
  both { be_reachable }
  both { be_reachable.with(port: 22) }
  both { be_reachable.with(port: 22, proto: 'tcp', timeout: 2) }
  both { be_reachable.with(port: 1, timeout: 1) }
  both { be_reachable.with(port: 8007, proto: 'udp', timeout: 1) }
  both { be_reachable.with(:proto => 'tcp', :port => 80) }
end
describe host('unknown.invalid') do
  it { should_not be_reachable.with(port: 22, timeout: 1) }
end

%w[lo eth0 dummy0 nothing0 eth].each do |name|
  describe interface(name) do
    both { exist }
    both { be_up }
    ['127.0.0.1', '127.0.0.1/8', '10.77.0.1', '10.77.0.1/24', '10.77.0.1/2', '10.77.0', '10.78.0.1', '10.77.0.0'].each { |a| it { should have_ipv4_address a } }
    ['::1', '::1/128', 'fd77::1', 'FD77::1', 'fd77::1/64', 'fd77::1/6', 'fe80::'].each { |a| it { should have_ipv6_address a } }
    its(:mtu) { should eq 1400 }
    its(:mtu) { should eq 65_536 }
    its(:speed) { should eq 1000 }
    its(:ipv4_address) { should eq '10.77.0.1/24' }
    its(:ipv4_address) { should match(/127/) }
    its(:ipv6_address) { should eq 'fd77::1/64' }
  end
end
describe interface('dummy0') do
  its(:speed) { should be_an Integer }
  its(:speed) { should eq '' }
end
%w[br0 bond0 nothing0].each do |name|
  describe bridge(name) do
    both { exist }
    both { have_interface 'dummy1' }
    both { have_interface 'dummy' }
  end
  describe bond(name) do
    both { exist }
    both { have_interface 'dummy2' }
    both { have_interface 'eth9' }
  end
end

describe default_gateway do
  its(:ipaddress) { should match(/\A\d+\.\d+\.\d+\.\d+\z/) }
  its(:ipaddress) { should eq '10.0.0.1' }
  its(:interface) { should eq 'eth0' }
  its(:interface) { should eq 'dummy0' }
end
describe routing_table do
  both { have_entry(destination: '192.0.2.0/24', interface: 'dummy0', gateway: '10.77.0.9') }
  both { have_entry(destination: '192.0.2.0/24') }
  both { have_entry(destination: '192.0.2.0/24', interface: 'eth0') }
  both { have_entry(destination: '192.0.2.0/24', gateway: '10.77.0.8') }
  both { have_entry(destination: '198.51.100.0/24', interface: 'dummy0') }
  both { have_entry(destination: '198.51.100.0/24', gateway: '10.77.0.9') }
  both { have_entry(destination: '203.0.113.0/24') }
  both { have_entry(destination: 'default', interface: 'eth0') }
  both { have_entry(destination: '0.0.0.0/0', interface: 'eth0') }
  both { have_entry(destination: '10.77.0.0/24', interface: 'dummy0', gateway: '10.77.0.9') }
  both { have_entry(interface: 'dummy0') }
  both { have_entry('destination' => '192.0.2.0/24') }
  both { have_entry({}) }
end

['-P INPUT ACCEPT', '-P INPUT DROP', '-A INPUT -p tcp -m tcp --dport 9999 -j DROP', '--dport 9999', '-A SIDE -s 10.9.0.0/16', 'two words', '--comment "two words"', '-N SIDE',
 '-A POSTROUTING -s 10.77.0.0/24 -j MASQUERADE', 'dport 99.9', '9998'].each do |rule|
  describe iptables do
    both { have_rule(rule) }
    it { should have_rule(rule).with_chain('INPUT') }
    it { should have_rule(rule).with_table('nat') }
    it { should have_rule(rule).with_table('filter').with_chain('SIDE') }
    it { should_not have_rule(rule).with_table('nat').with_chain('POSTROUTING') }
    it { should have_rule(rule).with_table('mangle').with_chain('NOTHING') }
  end
  describe ip6tables do
    both { have_rule(rule) }
    it { should have_rule(rule).with_table('filter').with_chain('INPUT') }
  end
end
