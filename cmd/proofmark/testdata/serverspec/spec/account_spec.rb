require 'spec_helper'

KEY = 'ssh-rsa AAAAB3NzaC1yc2E='.freeze

%w[root anna carl daemonette no-such 2001].each do |name|
  describe user(name) do
    both { exist }
    [0, 2001, 2002, '2001', 200, 65_534].each { |uid| it { should have_uid uid } }
    %w[root docker doc web web-admin admin 2101 21 anna].each { |group| it { should belong_to_group group } }
    %w[root anna web web-admin ann].each { |group| it { should_not belong_to_primary_group group } }
    ['/root', '/home/anna', '/home', '/home/a', '/home/a/b', 'home', '/home/ann', '/nonexistent'].each { |dir| it { should have_home_directory dir } }
    ['/bin/bash', '/bin/sh', 'sh', '/bin/sh-x', '/usr/sbin/nologin', 'nologin', '/bin'].each { |shell| it { should have_login_shell shell } }
    its(:uid) { should eq 2001 }
    its(:uid) { should be_an Integer }
  end
end
%w[anna carl no-such].each do |name|
  describe user(name) do
    [KEY, "#{KEY} somebody@somewhere", 'ssh-rsa AAAAB3NzaC1yc2E', 'ssh-rsa', 'AAAAB3NzaC1yc2E=', 'ssh-rsa BBBB=', "#{KEY} other words here", "from=\"x\" #{KEY}", ''].each do |key|
      both { have_authorized_key key }
    end
    its(:encrypted_password) { should match(/^\$6\$.{8,}/) }
    its(:encrypted_password) { should eq '*' }
    its(:encrypted_password) { should match(/^[!*]/) }
    its(:minimum_days_between_password_change) { should eq 0 }
    its(:minimum_days_between_password_change) { should eq 3 }
    its(:maximum_days_between_password_change) { should eq 90 }
    its(:maximum_days_between_password_change) { should be > 1000 }
    both { be_something }
  end
end
%w[root docker web no-such 2101].each do |name|
  describe group(name) do
    both { exist }
    [0, 2100, 2101, '2101', 210, '0', ''].each { |gid| it { should have_gid gid } }
    its(:gid) { should eq 2101 }
    its(:gid) { should eq 0 }
  end
end
describe 'accounts by hand' do
  it { expect(user('anna')).to exist.and belong_to_group('web') }
  it { expect(user('anna').uid).to be 2001 }
  it { expect(group('web').gid).to be > 2100 }
  it { expect(user('anna')).to belong_to_group('web').and belong_to_group('wheel') }
end
