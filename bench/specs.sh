#!/bin/sh
# specs.sh DIR PORT: checks that hold on this machine, as ServerSpec files, and a server
# on PORT of the loopback that lets in by DIR/key. DIR/spec has 500 of ten kinds, DIR/ten
# the first 10 of them, DIR/many 500 files of one each, and DIR/large four of a file of 1
# GiB. DIR/memory is the 500 and a last one, that writes the most memory that the probe,
# its parent, has had to DIR/peak. DIR/commands are those of the 500 that are commands.
# DIR/goss.yaml asks what is asked in the 500.
set -eu
dir=$1 port=$2
mkdir -p "$dir/spec"
cat > "$dir/spec/spec_helper.rb" <<RUBY
require 'serverspec'

if ENV['TARGET_HOST']
  set :backend, :ssh
  set :host, ENV['TARGET_HOST']
  set :ssh_options, user: 'root', port: ENV.fetch('TARGET_PORT', '$port').to_i, keys: ['$dir/key'], keys_only: true, verify_host_key: :never
else
  set :backend, :exec
end
RUBY
packages=$(dpkg-query -f '${db:Status-Abbrev} ${Package}\n' -W | awk '$1 == "ii" { print $2 }' | head -50)
files=$(find /etc -maxdepth 1 -type f -user root | sort | head -50)
line() { printf '%s\n' "$2" | awk -v n="$1" '{ l[NR] = $0 } END { print l[(n - 1) % NR + 1] }'; }
{
	echo "require 'spec_helper'"
	for i in $(seq 50); do
		f=$(line "$i" "$files")
		cat <<RUBY
describe package('$(line "$i" "$packages")') do
  it { should be_installed }
end
describe file('$f') do
  it { should be_file }
  it { should be_mode $(stat -c %a "$f") }
  it { should be_owned_by 'root' }
end
describe file('/etc/passwd') do
  its(:content) { should match(/^root:/) }
end
describe user('$(line "$i" "$(cut -d: -f1 /etc/passwd)")') do
  it { should exist }
end
describe group('$(line "$i" "$(cut -d: -f1 /etc/group)")') do
  it { should exist }
end
describe service('getty@tty1') do
  it { should be_enabled }
end
describe port($port) do
  it { should be_listening }
end
describe command('echo check $i') do
  its(:stdout) { should match(/check $i/) }
end
RUBY
	done
} > "$dir/spec/all_spec.rb"

sub() { # NAME: a directory beside the first, with the same helper
	mkdir -p "$dir/$1/spec"
	cp "$dir/spec/spec_helper.rb" "$dir/$1/spec"
}
peak() { # WORD: the check that writes the probe's memory
	cat <<RUBY
describe command('grep VmHWM /proc/\$PPID/status >$dir/peak') do
  its(:exit_status) { should eq 0 }
end
RUBY
}
sub ten
sed -n '1,/^describe command/p' "$dir/spec/all_spec.rb" > "$dir/ten/spec/all_spec.rb"
sed -n '/^describe command/,/^end/p' "$dir/spec/all_spec.rb" | sed -n 2,3p >> "$dir/ten/spec/all_spec.rb"
sub many
for i in $(seq 500); do
	printf "require 'spec_helper'\n\ndescribe file('%s') do\n  it { should be_file }\nend\n" "$(line "$i" "$files")" > "$dir/many/spec/${i}_spec.rb"
done
sub memory
{ cat "$dir/spec/all_spec.rb"; peak; } > "$dir/memory/spec/all_spec.rb"
sub large
yes 'one line of many that a large file has' | head -c 1073741824 > "$dir/gigabyte"
{
	cat <<RUBY
require 'spec_helper'
describe file('$dir/gigabyte') do
  its(:size) { should eq 1073741824 }
  it { should contain 'a large file' }
  it { should_not contain 'this is not there' }
  its(:sha256sum) { should eq '$(sha256sum "$dir/gigabyte" | cut -d' ' -f1)' }
end
RUBY
	peak
} > "$dir/large/spec/all_spec.rb"
for i in $(seq 50); do echo "/bin/sh -c 'echo check $i'"; done > "$dir/commands"
{
	echo package:
	for p in $packages; do printf '  %s:\n    installed: true\n' "$p"; done
	echo file:
	for f in $files; do printf "  %s:\n    exists: true\n    filetype: file\n    mode: '0%s'\n    owner: root\n" "$f" "$(stat -c %a "$f")"; done
	echo user:
	for u in $(cut -d: -f1 /etc/passwd | head -50); do printf '  %s:\n    exists: true\n' "$u"; done
	echo group:
	for g in $(cut -d: -f1 /etc/group | head -50); do printf '  %s:\n    exists: true\n' "$g"; done
	echo port:
	printf '  tcp:%s:\n    listening: true\n' "$port"
	echo command:
	for i in $(seq 50); do printf '  echo check %s:\n    exit-status: 0\n    stdout: [check %s]\n' "$i" "$i"; done
} > "$dir/goss.yaml"
for n in key host; do ssh-keygen -q -t ed25519 -N '' -f "$dir/$n"; done
cp "$dir/key.pub" "$dir/authorized"
echo "[127.0.0.1]:$port $(cat "$dir/host.pub")" > "$dir/known_hosts"
mkdir -p /run/sshd
/usr/sbin/sshd -p "$port" -h "$dir/host" -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$dir/authorized" -o StrictModes=no \
	-o PermitRootLogin=prohibit-password -o UsePAM=no -o PidFile="$dir/sshd.pid" -o AcceptEnv=LANG
