require 'spec_helper'

F = '/srv/f'.freeze

# Kinds of files, and files of no kind.
%w[plain empty dir link dirlink dangling loop pipe block char missing plain/below dirlink/].each do |name|
  describe file("#{F}/#{name}") do
    both { be_file }
    both { exist }
    both { be_directory }
    both { be_symlink }
  end
end
{ 'pipe' => F + '/pipe', 'socket' => '/run/systemd/notify', 'character device' => '/dev/null', 'block device' => "#{F}/block" }.each do |what, path|
  context "a #{what}" do
    describe file(path) do
      both { be_socket }
      both { be_pipe }
      both { be_block_device }
      both { be_character_device }
      it { should be_a_file }
      it { should_not be_a_directory }
    end
  end
end

# Names that a shell would take apart.
['with space', "it's \"q\" $HOME", 'star*', '-dash', 'semi;colon', 'st*'].each do |name|
  describe file("#{F}/#{name}") do
    both { be_file }
    both { be_mode 644 }
    both { contain 'x' }
    its(:content) { should match(/^[xyzds]$/) }
    its(:size) { should eq 2 }
    its(:md5sum) { should match(/\A\h{32}\z/) }
    its(:sha256sum) { should_not match(/\A\h{64}\z/) }
  end
end

# Modes.
(0..14).each do |n|
  describe file("#{F}/mode#{n}") do
    it { should be_readable }
    it { should be_writable }
    it { should be_executable }
    it { should be_mode 644 }
    its(:mode) { should eq '755' }
    its(:mode) { should match(/\A\d+\z/) }
  end
end
%w[mode0 mode1 mode2 mode3 mode4 mode6 mode8 dir].each do |name|
  describe file("#{F}/#{name}") do
    %w[owner group others].each do |who|
      it { should be_readable.by(who) }
      it { should_not be_writable.by(who) }
      it { should be_executable.by(who) }
    end
  end
end
describe file("#{F}/mode6") do
  [4755, '4755', 755, '755', '04755', 04755, 0755, '.755', '', nil].each { |mode| both { be_mode mode } }
end
describe file("#{F}/mode4") do
  [644, '644', '0644', 0644, 420, 'rw-r--r--', '6.4', '64'].each { |mode| both { be_mode mode } }
end
describe file("#{F}/dir") do
  ['1777', 1777, 777, '777'].each { |mode| both { be_mode mode } }
end
describe file("#{F}/link") do
  both { be_mode 777 }
  both { be_mode 644 }
end
describe file("#{F}/missing") do
  both { be_mode 644 }
  both { be_readable }
  both { be_writable.by('owner') }
  both { be_owned_by 'root' }
  both { be_grouped_into 'root' }
  both { be_linked_to 'plain' }
  both { contain 'x' }
  both { be_immutable }
  both { be_mounted }
  both { be_readable.by_user('anna') }
  its(:mode) { should eq '' }
  its(:owner) { should eq '' }
  its(:group) { should be_empty }
  its(:size) { should eq 0 }
  its(:mtime) { should be_nil }
  its(:link_target) { should eq '' }
  its(:md5sum) { should eq '' }
  its(:sha256sum) { should eq '' }
  its(:content) { should eq '' }
  its(:content) { should_not match(/x/) }
  its(:content_as_json) { should eq({}) }
  its(:content_as_yaml) { should be_falsey }
  its(:selinux_label) { should eq '' }
end

# Owners.
%w[plain mode7 mode10 mode5].each do |name|
  describe file("#{F}/#{name}") do
    ['root', 0, '0', '54321', 'UNKNOWN', 'r..t', 'roo', 2002].each do |who|
      it { should be_owned_by who }
    end
    ['root', 'web', 0, 2101, '54322', 'UNKNOWN', 'we'].each do |who|
      it { should_not be_grouped_into who }
    end
    its(:owner) { should eq 'root' }
    its(:group) { should eq 'web' }
  end
end
%w[anna bert carl nobody root nobody-at-all].each do |who|
  describe file("#{F}/mode11") do
    both { be_readable.by_user(who) }
    both { be_writable.by_user(who) }
    it { should be_executable.by_user(who) }
  end
end

# Links.
{ 'link' => 'plain', 'dirlink' => '/srv/f/dir', 'dangling' => 'nowhere', 'spacelink' => 'with space', 'plain' => 'plain', 'loop' => 'loop' }.each do |name, to|
  describe file("#{F}/#{name}") do
    both { be_linked_to to }
    both { be_linked_to '/srv/f/plain' }
    its(:link_target) { should eq to }
    its(:link_target) { should eq 'elsewhere' }
  end
end

# What is in them.
describe file("#{F}/plain") do
  ['Listen 80', 'listen', '^Listen', 'key *= *val.e$', '80$', 'b$', '1+1', 'a.b', 'axb', '\.', '\d', '(Listen|nothing)', '[section]', '^\[section\]$',
   'last line', "Listen 80\nkey", '', '*', '/usr/local', 'Listen.*80', '8\+', '\bkey\b', '\<key\>', 'ke\{1\}y', '[[:digit:]]', '[', '\\', '#'].each do |text|
    both { contain text }
  end
  [/Listen \d+/, /^listen/i, /Listen.80/, /80|90/, /^key = value$/, /\AListen/, %r{/usr/local/bin}, /(key)/, /k?ey/, /x+/, /l{2}/, /\s/, /^#/].each do |pattern|
    both { contain pattern }
  end
  both { contain('key').from(/^\[section\]/).to(/^\[other\]/) }
  both { contain('key').from('section').to('other') }
  both { contain('a.b').from(/section/).to(/other/) }
  both { contain('key').after(/^\[other\]/) }
  both { contain('Listen').after('section') }
  both { contain('key = value').before(/^\[section\]/) }
  both { contain('other').before(/^\[section\]/) }
  both { contain('Listen').before('nothing') }
  both { contain('key').from('nothing').to('other') }
  both { contain('/usr').from('path = /usr').to('other') }
  both { contain(['Listen 80', 'key = value']) }
  both { contain(['key = value', 'Listen 80']) }
  both { contain(['[section]', 'a.b = 1+1', 'path = /usr/local/bin']) }
  both { contain(['last line']) }
  its(:content) { should match(/^Listen 80$/) }
  its(:content) { should match(/last line\z/) }
  its(:content) { should match(/listen/i) }
  its(:content) { should match(/Listen.*key/m) }
  its(:content) { should match 'a.b' }
  its(:content) { should_not match(/^key = value$/) }
  its(:content) { should include 'section', 'other' }
  its(:content) { should include 'nothing' }
  its(:content) { should start_with 'Listen' }
  its(:content) { should end_with 'line' }
  its(:content) { should contain 'key' }
  its(:content) { should contain(/^a\.b/) }
  its(:content) { should contain('key').from(/section/).to(/other/) }
  its('content.lines.size') { should eq 10 }
  its('content.length') { should be > 10 }
  its(:size) { should eq 101 }
  its(:size) { should be > 50 }
  its('mtime.year') { should eq 2001 }
  its('mtime.to_time.to_i') { should eq 1_000_000_000 }
  its(:md5sum) { should eq 'd41d8cd98f00b204e9800998ecf8427e' }
  its(:sha256sum) { should_not eq 'x' }
  its(:nothing) { should eq 1 }
  both { be_version '1.0' }
  both { be_immutable }
  both { be_selfmade }
  both { have_thing 3 }
end
describe file("#{F}/empty") do
  its(:size) { should eq 0 }
  its(:size) { should be_zero }
  its(:content) { should be_empty }
  its(:content) { should_not be_empty }
  its(:md5sum) { should eq 'd41d8cd98f00b204e9800998ecf8427e' }
  its(:sha256sum) { should eq 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  both { contain '' }
  both { contain(//) }
end
describe file("#{F}/crlf") do
  both { contain 'a' }
  both { contain 'a$' }
  both { contain(/^b/) }
  its(:content) { should eq "a\r\nb\r\n" }
  its(:content) { should eq "a\nb\n" }
  its(:content) { should match(/^a$/) }
  its(:size) { should eq 6 }
end
describe file("#{F}/binary") do
  both { contain 'Listen 80' }
  both { contain '^Listen' }
  its(:size) { should eq 14 }
  its(:content) { should include 'Listen' }
  its(:content) { should match(/^Listen 80$/) }
  its(:md5sum) { should match(/\A\h+\z/) }
end
describe file("#{F}/utf8") do
  both { contain 'caf' }
  both { contain 'caf.$' }
  both { contain 'caf..$' }
  its(:content) { should match(/caf/) }
  its(:size) { should eq 6 }
end
describe file("#{F}/many") do
  both { contain 'line 2999 of many' }
  both { contain '^line 3000' }
  its('content.lines.count') { should eq 3000 }
  its('content.lines.last') { should match(/2999/) }
end
describe file("#{F}/dir") do
  both { contain 'x' }
  its(:content) { should eq '' }
  its(:md5sum) { should eq '' }
  its(:mode) { should eq '1777' }
end
describe file("#{F}/ok.json") do
  its(:content_as_json) { should include('c' => 'd') }
  its(:content_as_json) { should include('a' => [1, { 'b' => nil }]) }
  its(:content_as_json) { should include('c' => 'e') }
  its(:content_as_json) { should include 'n' => 1.5, 't' => true }
  its(:content_as_json) { should have_key 'a' }
  its(:content_as_yaml) { should include('c' => 'd') }
end
describe file("#{F}/ok.yaml") do
  its(:content_as_yaml) { should include('c' => 'd') }
  its(:content_as_yaml) { should eq('a' => [1, { 'b' => nil }], 'c' => 'd', 'n' => 1.5, 't' => true) }
  its(:content_as_yaml) { should include('c' => 'x') }
  its(:content_as_json) { should include('c' => 'd') }
end
describe file("#{F}/bad.json") do
  its(:content_as_json) { should include('a') }
  its(:content_as_json) { should_not include('a') }
end
describe json_file("#{F}/ok.json") do
  its(:content) { should include('c' => 'd') }
  its(['content', 'c']) { should eq 'd' }
  its('content.keys') { should eq %w[a c n t] }
  its(:content) { should eq({}) }
  both { exist }
  both { be_file }
end
describe json_file("#{F}/bad.json") do
  its(:content) { should include('a') }
end
describe json_file("#{F}/missing") do
  its(:content) { should eq nil }
end
describe file('/proc/version') do
  its(:content) { should match(/^Linux version/) }
  both { contain 'Linux' }
  its(:size) { should eq 0 }
end

# Mounts.
['/srv/mnt', '/srv/m nt', '/srv/bind', '/', '/proc', '/srv', '/srv/mnt/', '/s.v/mnt', '/no/such'].each do |path|
  describe file(path) do
    both { be_mounted }
    it { should be_mounted.with(type: 'tmpfs') }
    it { should be_mounted.with(type: 'proc', device: 'proc') }
  end
end
describe file('/srv/mnt') do
  both { be_mounted.with(type: 'tmpfs', options: { noexec: true }) }
  both { be_mounted.with(device: 'tmpfs') }
  both { be_mounted.with(options: { rw: true }) }
  both { be_mounted.with(options: { ro: true }) }
  both { be_mounted.with(options: { mode: '700' }) }
  both { be_mounted.with(options: { mode: 700 }) }
  both { be_mounted.with(options: { size: '1024k' }) }
  both { be_mounted.with(type: 'ext4') }
  both { be_mounted.with('type' => 'tmpfs') }
  both { be_mounted.with({}) }
  both { be_mounted.only_with(type: 'tmpfs') }
  both { be_mounted.only_with(device: 'tmpfs', type: 'tmpfs', options: { rw: true, noexec: true, relatime: true, size: '1024k', mode: 700 }) }
  both { be_mounted.only_with(device: 'tmpfs', type: 'tmpfs', options: { rw: true }) }
end
describe file('/srv/m nt') do
  both { be_mounted.with(options: { ro: true, nosuid: true }) }
  both { be_mounted.with(device: 'other') }
end
