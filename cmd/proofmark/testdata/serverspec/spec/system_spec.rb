require 'spec_helper'

{ 'kernel.ostype' => 'Linux', 'net.ipv4.ip_forward' => 1, 'net.ipv4.conf.all.rp_filter' => 2, 'net.ipv4.tcp_rmem' => "4096\t131072\t6291456", 'net.core.somaxconn' => 1234,
  'no.such.parameter' => '', 'kernel.pid_max' => 4_194_304, 'net/ipv4/ip_forward' => 1, 'net.ipv4.conf.lo.forwarding' => 1, 'kernel.domainname' => '(none)',
  'kernel.printk_delay' => 0, 'net.ipv4' => 1, 'vm.overcommit_ratio' => 50, 'kernel.core_pattern' => 'core' }.each do |name, value|
  describe linux_kernel_parameter(name) do
    its(:value) { should eq value }
    its(:value) { should_not eq value }
    its(:value) { should match(/\d/) }
    its(:value) { should be > 0 }
    its(:value) { should be_an Integer }
    its('value.to_s') { should eq value.to_s }
  end
end
%w[dummy bridge br ip_tables ip no_such overlay].each do |name|
  describe kernel_module(name) do
    both { be_loaded }
  end
end

['*/5 * * * * /usr/bin/job one', '*/5 * * * * /usr/bin/job', '@daily /usr/bin/daily', '#0 0 * * * /usr/bin/off', '0 0 * * * /usr/bin/off', '0 3 * * 1-5 /home/anna/backup.sh',
 '0 3 * * 1-5 /home/anna/backup-sh', '15 * * * * root /usr/bin/hourly', '* * * * * x', ''].each do |entry|
  describe cron do
    both { have_entry entry }
    %w[root anna bert no-such].each { |who| it { should have_entry(entry).with_user(who) } }
    it { should_not have_entry(entry).with_user('anna') }
    its(:table) { should include entry }
  end
end
describe cron do
  its(:table) { should match(%r{/usr/bin/hourly}) }
  its(:table) { should match(%r{/home/anna/backup\.sh}) }
  its(:table) { should_not match(/nothing of that kind/) }
end
describe 'another crontab' do
  it { expect(cron).to have_entry('@daily /usr/bin/daily') }
  it { expect(cron).not_to have_entry('@daily /usr/bin/daily').with_user('anna') }
end

describe fstab do
  both { have_entry(mount_point: '/') }
  both { have_entry(mount_point: '/srv/mnt', type: 'tmpfs') }
  both { have_entry(mount_point: '/srv/mnt', type: 'ext4') }
  both { have_entry(mount_point: '/srv/mnt', type: 'tmpfs', options: { noexec: true }) }
  both { have_entry(mount_point: '/srv/mnt', options: { size: '1m' }) }
  both { have_entry(mount_point: '/srv/mnt', options: { size: '1m', noexec: true }) }
  both { have_entry(mount_point: '/srv/mnt', options: { size: '1m', noexec: true }, dump: 0, pass: 0) }
  both { have_entry(mount_point: '/data', device: '/dev/sdb1', type: 'xfs', options: { defaults: true, noatime: true }, dump: 0, pass: 2) }
  both { have_entry(mount_point: '/data', pass: 1) }
  both { have_entry(mount_point: '/data', pass: '2') }
  both { have_entry(mount_point: '/commented') }
  both { have_entry(mount_point: '/nfs', device: 'server:/export', type: 'nfs') }
  both { have_entry(mount_point: '/nfs', dump: 0) }
  both { have_entry(mount_point: '/none') }
  both { have_entry(device: '/dev/sdb1') }
  both { have_entry('mount_point' => '/data') }
  both { have_entry({}) }
  both { have_entry(mount_point: '/', device: 'UUID=0123-4567', options: { errors: 'remount-ro' }, pass: 1) }
end

{ 'root' => ['admin@example.com', 'admin', 'two words', 'admin.example.com', 'nobody'], 'postmaster' => %w[root roo], 'list' => ['a@example.com', 'b@example.com', 'c@example.com'],
  'pipe' => ['|/usr/bin/filter', '/usr/bin/filter'], 'no-such' => ['root'] }.each do |name, recipients|
  describe mail_alias(name) do
    recipients.each { |r| both { be_aliased_to r } }
  end
end

describe selinux do
  both { be_disabled }
  both { be_enforcing }
  both { be_permissive }
  both { be_permissive.with_policy('targeted') }
  both { be_permissive.with_policy('mls') }
  both { be_enforcing.with_policy('targeted') }
end
%w[base foo foobar fo none].each do |name|
  describe selinux_module(name) do
    both { be_installed }
    both { be_installed.with_version('1.0.1') }
    both { be_installed.with_version('2.0') }
    both { be_enabled }
  end
end
describe linux_audit_system do
  both { be_enabled }
  both { be_running }
  its(:rules) { should match(%r{-w /etc/passwd -p wa}) }
  its(:rules) { should eq '-w /etc/passwd -p wa -k passwd' }
  its('rules.lines.size') { should eq 2 }
end
describe cgroup('group1') do
  its('cpuset.cpus') { should eq '0-1' }
  its('cpu.shares') { should eq 512 }
  its('cpu.shares') { should eq '512' }
  its('memory.limit_in_bytes') { should eq '' }
end
