require 'spec_helper'

describe file('/etc') do
  it { should be_directory }
  it { should be_file }
  it { should_not be_symlink }
  it { should be_executable }
  it { should be_writable.by('owner') }
  it { should be_writable.by('others') }
  it { should be_readable.by_user('root') }
  it { should be_mode '755' }
  it { should be_mode 0755 }
  it { should be_mounted }
  its(:mode) { should eq '755' }
  its(:owner) { should eq 'root' }
  its(:group) { should be == 'root' }
end
describe file('/proc') do
  it { should be_mounted }
  it { should be_mounted.with(:type => 'proc') }
  it { should be_mounted.with(:type => 'ext4') }
  it { should be_mounted.only_with(:type => 'proc') }
end
describe file('/bin') do
  it { should be_symlink }
  it { should be_linked_to 'usr/bin' }
  it { should be_linked_to '/usr/bin' }
  its(:link_target) { should eq 'usr/bin' }
end
describe file('/no/such/file') do
  it { should exist }
  it { should_not exist }
  it { should be_file }
  its(:content) { should eq '' }
  its(:content) { should_not match /x/ }
  its(:size) { should eq 0 }
  its(:md5sum) { should eq '' }
  it { should contain 'x' }
end
describe file('/etc/group') do
  it { should contain('root').from(/^root/).to(/^daemon/) }
  it { should contain('nope').after(/^root/) }
  it { should contain('root').before(/^daemon/) }
  it { should contain(/^root:/) }
  it { should_not contain 'never-there' }
  its(:content) { should include 'daemon' }
  its(:sha256sum) { should match /\A\h{64}\z/ }
  its(:content) { should match /^daemon:x:1:$/ }
  its('content.lines.first') { should start_with 'root' }
  it { should_not be_immutable }
  it { should be_version '1' }
end
describe file('/dev/null') do
  it { should be_character_device }
  it { should be_block_device }
  it { should_not be_pipe }
  it { should_not be_socket }
end

describe user('daemon') do
  it { should exist }
  it { should belong_to_group 'dae' }
  it { should belong_to_primary_group 'daemon' }
  it { should_not belong_to_primary_group 'root' }
  it { should have_uid 1 }
  it { should have_home_directory '/usr/sbin' }
  it { should have_login_shell '/usr/sbin/nologin' }
  it { should have_login_shell '/bin/sh' }
  it { should have_authorized_key 'ssh-rsa AAAA x' }
  its(:uid) { should eq 1 }
  its(:encrypted_password) { should eq '*' }
  its(:minimum_days_between_password_change) { should eq 0 }
end
describe user('no-such-user') do
  it { should exist }
  it { should_not exist }
end
describe group('daemon') do
  it { should exist }
  it { should have_gid 1 }
  it { should have_gid 2 }
  its(:gid) { should eq 1 }
end
describe group('nope') do
  it { should_not exist }
end
describe host('localhost') do
  it { should be_resolvable }
  it { should be_resolvable.by('hosts') }
  its(:ipaddress) { should match /127|::1/ }
end
describe interface('lo') do
  it { should exist }
  it { should have_ipv4_address '127.0.0.1' }
  it { should have_ipv4_address '127.0.0.1/8' }
  it { should have_ipv4_address '10.9.8.7' }
  its(:mtu) { should eq 65536 }
end
describe linux_kernel_parameter('kernel.ostype') do
  its(:value) { should eq 'Linux' }
  its(:value) { should match /lin/i }
end
describe 'Linux kernel parameters' do
  context linux_kernel_parameter('kernel.pid_max') do
    its(:value) { should > 100 }
    its(:value) { should be_an Integer }
  end
end
describe kernel_module('no_such') do
  it { should be_loaded }
  it { should_not be_loaded }
end
describe cron do
  it { should have_entry('* * * * * nothing').with_user('root') }
  it { should_not have_entry '* * * * * nothing' }
end
describe selinux do
  it { should be_disabled }
  it { should be_enforcing }
  it { should be_permissive.with_policy('mls') }
end
describe iptables do
  it { should have_rule('-P INPUT DROPPED').with_table('nat').with_chain('X') }
end
describe fstab do
  it { should have_entry(:mount_point => '/nope') }
end
describe routing_table do
  it { should have_entry(:destination => '203.0.113.0/24') }
end
describe default_gateway do
  its(:interface) { should eq 'nope0' }
end
describe mail_alias('nobody-at-all') do
  it { should be_aliased_to 'x' }
end
describe bridge('br-none') do
  it { should exist }
end
describe bond('bond-none') do
  it { should_not exist }
end
describe yumrepo('epel') do
  it { should exist }
end
describe process('never-started') do
  it { should be_running }
  its(:user) { should eq 'root' }
  its(:args) { should match // }
end
describe package('bash') do
  it { should be_installed }
  it { should be_installed.with_version('0') }
  it { should_not be_installed.by('gem') }
  it { should be_installed.by('gem').with_version('1.2.3') }
  its(:version) { should be > '1.0' }
  its(:version) { should < '1.0' }
  it('by hand') { expect(package('bash').installed?).to be true }
end
describe package('no-such-package') do
  it { should_not be_installed }
  its(:version) { should be_nil }
end
describe service('no-such') do
  it { should be_enabled.with_level(3) }
  it { should be_running.under('supervisor') }
  it { should_not be_enabled.under('systemd') }
  it { should be_monitored_by('monit') }
  it { should be_monitored_by('god').with_name('x') }
end
describe port(65000) do
  it { should be_listening }
  it { should_not be_listening.with('udp') }
  it { should be_listening.on('127.0.0.1').with('tcp') }
  it { should be_listening.with('sctp') }
  it { should be_listening.on('nowhere') }
end
describe command('exit 4') do
  its(:exit_status) { should eq 4 }
  its(:exit_status) { should be_zero }
  its(:stdout) { should be_empty }
  it { should return_exit_status 4 }
end
describe command('printf "a\nb\n"; printf "{}" >&2') do
  its(:stdout) { should contain('a') }
  its(:stdout) { should contain('b').from('a') }
  its(:stdout) { should match /^b$/ }
  its('stdout.lines.count') { should eq 2 }
  its(:stderr) { should eq '{}' }
end
describe command('echo \'{"a": [1, {"b": null}]}\'') do
  its(:stdout_as_json) { should include('a' => [1, { 'b' => nil }]) }
  its(:stdout_as_json) { should include('a') }
end
describe x509_certificate('/no/such.pem') do
  it { should be_certificate }
  it { should_not be_valid }
end
describe php_config('memory_limit') do
  its(:value) { should eq '' }
end
describe zfs('tank') do
  it { should exist }
end if false
