require 'spec_helper'

set_property('roles' => { 'web' => { port: 80 } }, plain: 'x', list: [1, 2])

describe 'os' do
  it { expect(os).to be_a Hash }
  it { expect(os[:family]).to eq 'debian' }
  it { expect(os[:family]).to eq 'ubuntu' }
  it { expect(os[:release]).to match(/\A12\.\d+\z/) }
  it { expect(os[:release].to_f).to be >= 12 }
  it { expect(os[:release]).to eq 12 }
  it { expect(os[:arch]).to eq command('uname -m').stdout.chomp }
  it { expect(os.keys).to include(:family, :release, :arch) }
  it { expect(os['family']).to be_nil }
end
describe 'Debian alone', if: os[:family] == 'debian' do
  it { expect(1).to eq 1 }
end
describe 'not Debian', if: %w[redhat fedora].include?(os[:family]) do
  it { expect(1).to eq 1 }
end
describe 'all but Debian', unless: os[:family] == 'debian' do
  it { expect(1).to eq 1 }
end
if os[:release].to_i >= 12
  describe package('bash') do
    it { should be_installed }
  end
else
  describe package('no-such') do
    it { should be_installed }
  end
end
case os[:family]
when 'debian', 'ubuntu'
  describe service('cron') do
    it { should be_running }
  end
when /redhat/
  describe service('crond') do
    it { should be_running }
  end
end

describe 'property' do
  it { expect(property['roles']['web'][:port]).to eq 80 }
  it { expect(property[:plain]).to eq 'x' }
  it { expect(property[:plain]).to eq 'y' }
  it { expect(property[:missing]).to be_nil }
  it { expect(property[:list].sum).to eq 3 }
  property[:list].each { |n| it("has #{n}") { expect(n).to be > 1 } }
end

describe 'host_inventory' do
  it { expect(host_inventory['hostname']).to eq 'machine' }
  it { expect(host_inventory[:hostname]).to eq 'other' }
  it { expect(host_inventory['fqdn']).to eq 'machine.example.com' }
  it { expect(host_inventory['domain']).to eq 'example.com' }
  it { expect(host_inventory['platform']).to eq 'debian' }
  it { expect(host_inventory['platform_version']).to match(/\A12/) }
  it { expect(host_inventory['memory']['total']).to match(/\A\d+kB\z/) }
  it { expect(host_inventory['memory']).to include('free', 'swap') }
  it { expect(host_inventory['memory']['swap']['total']).to match(/kB\z/) }
  it { expect(host_inventory['memory']['nothing']).to be_nil }
  it { expect(host_inventory['cpu']['total']).to match(/\A\d+\z/) }
  it { expect(host_inventory['cpu']['total'].to_i).to be > 0 }
  it { expect(host_inventory['cpu']['0']).to include('vendor_id') }
  it { expect(host_inventory['cpu']['0']['flags']).to include('fpu') } if os[:arch] == 'x86_64'
  it { expect(host_inventory['kernel']['name']).to eq 'Linux' }
  it { expect(host_inventory['kernel']['release']).to eq command('uname -r').stdout.chomp }
  it { expect(host_inventory['kernel']).to have_key('version') }
  it { expect(host_inventory['filesystem']).to be_a Hash }
  it { expect(host_inventory['filesystem']['tmpfs']).to have_key('mount') }
  it { expect(host_inventory['filesystem'].keys).to include('tmpfs') }
  it { expect(host_inventory['user']['anna']).to include('uid' => '2001') }
  it { expect(host_inventory['user']['anna']['shell']).to eq '/bin/bash' }
  it { expect(host_inventory['user']['anna']['directory']).to eq '/home/anna' }
  it { expect(host_inventory['user']['none']).to be_nil }
  it { expect(host_inventory['group']['web']['gid']).to eq '2101' }
  it { expect(host_inventory['group']['web']['members']).to eq ['anna'] }
  it { expect(host_inventory['group']['web']).to include('name' => 'web') }
  it { expect(host_inventory['mount']).to be_an Array }
  it { expect(host_inventory['mount'].map { |m| m['directory'] }).to include('/srv/mnt') }
  it { expect(host_inventory['mount'].first.keys.sort).to eq %w[device directory filesystem_type options] }
  it { expect(host_inventory['mount'].find { |m| m['mount_point'] == '/srv/mnt' }).not_to be_nil }
  it { expect(host_inventory['virtualization']).to be_a Hash }
  it { expect(host_inventory['virtualization'][:system]).to be_nil }
  it { expect(host_inventory['block_device']).to be_a Hash }
  it { expect(host_inventory['nothing']).to be_nil }
  it { expect(host_inventory['ec2']).to be_nil } if false
end
host_inventory['user'].keys.grep(/\A(anna|bert)\z/).each do |name|
  describe user(name) do
    it { should exist }
    it { should belong_to_group 'web' }
  end
end

describe 'Specinfra' do
  it { expect(Specinfra.backend.run_command('echo x').stdout).to eq "x\n" }
  it { expect(Specinfra.backend.run_command('false')).to be_failure }
  it { expect(Specinfra.backend.run_command('true')).to be_success }
  it { expect(Specinfra::Runner.run_command('exit 3').exit_status).to eq 3 }
  it { expect(Specinfra::Runner.run_command('echo e >&2').stderr).to eq "e\n" }
  it { expect(Specinfra.configuration.path).to be_nil }
end
