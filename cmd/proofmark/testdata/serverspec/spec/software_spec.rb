require 'spec_helper'

{ 'memory_limit' => '128M', 'max_execution_time' => 30, 'display_errors' => '', 'precision' => '-1', 'nothing' => '' }.each do |name, value|
  describe php_config(name) do
    values :value, value, 60, '60'
    its(:value) { should be_an Integer }
  end
  describe php_config(name, ini: '/etc/php/cli/php.ini') do
    values :value, value, 60
  end
  describe 'PHP config parameters' do
    context php_config(name) do
      its(:value) { should eq value }
    end
  end
end
%w[curl json nothing].each do |name|
  describe php_extension(name) do
    both { be_loaded }
  end
end
{ 'port' => 3306, 'innodb-buffer-pool-size' => 134_217_728, 'socket' => '/run/mysqld/mysqld.sock', 'nothing' => '' }.each do |name, value|
  describe mysql_config(name) do
    values :value, value
    its(:value) { should be_an Integer }
  end
end

%w[up down none].each do |name|
  describe docker_container(name) do
    both { exist }
    both { be_running }
    both { have_volume('/b', '/a') }
    both { have_volume('/d', '/c') }
    both { have_volume('/x', '/a') }
    its(['Id']) { should eq 'abc' }
    its(['State.Running']) { should eq true }
    its(['State.Pid']) { should eq 42 }
    its(['Config.Env']) { should include 'A=1' }
    its(['Config.Cmd']) { should be_nil }
    its(['Mounts.[0].Source']) { should eq '/a' }
    its(['HostConfig.Binds.[1]']) { should eq '/c:/d:ro' }
    its(['No.Such.Key']) { should be_nil }
    its(:inspection) { should include 'Id' => 'abc' }
    its(:nothing) { should be_nil }
  end
end
%w[image none].each do |name|
  describe docker_image(name) do
    both { exist }
    its(['Architecture']) { should eq 'amd64' }
    its(['Config.Cmd']) { should eq %w[nginx -g] }
    its(['Config.Cmd']) { should include 'nginx' }
    its(['Config.ExposedPorts']) { should include '80/tcp' }
    its(:inspection) { should_not include 'Architecture' => 'arm' }
    its(['Nothing']) { should eq 1 }
  end
end
describe yumrepo('epel') do
  both { exist }
  both { be_enabled }
end
describe ppa('a/b') do
  both { exist }
  both { be_enabled }
end
