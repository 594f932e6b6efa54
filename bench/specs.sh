#!/bin/sh
# specs.sh DIR PORT: 500 checks of ten kinds that hold on this machine, as ServerSpec
# files in DIR/spec, and a server on PORT of the loopback that lets in by DIR/key.
set -eu
dir=$1 port=$2
mkdir -p "$dir/spec"
cat > "$dir/spec/spec_helper.rb" <<RUBY
require 'serverspec'

if ENV['TARGET_HOST']
  set :backend, :ssh
  set :host, ENV['TARGET_HOST']
  set :ssh_options, user: 'root', port: $port, keys: ['$dir/key'], keys_only: true, verify_host_key: :never
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
for n in key host; do ssh-keygen -q -t ed25519 -N '' -f "$dir/$n"; done
cp "$dir/key.pub" "$dir/authorized"
echo "[127.0.0.1]:$port $(cat "$dir/host.pub")" > "$dir/known_hosts"
mkdir -p /run/sshd
/usr/sbin/sshd -p "$port" -h "$dir/host" -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$dir/authorized" -o StrictModes=no \
	-o PermitRootLogin=prohibit-password -o UsePAM=no -o PidFile="$dir/sshd.pid" -o AcceptEnv=LANG
