require 'spec_helper'

{ 'echo hello' => ["hello\n", '', 0], 'noisy' => ["out\n", "err\n", 3], 'true' => ['', '', 0], 'false' => ['', '', 1], 'exit 42' => ['', '', 42],
  'printf "a\nb"' => ["a\nb", '', 0], 'printf "\n\nx\n"' => ["\n\nx\n", '', 0], 'printf "a\r\nb\r\n"' => ["a\nb\n", '', 0], "echo 'it''s' \"$((1+2))\"" => ["its 3\n", '', 0],
  'echo one | tr a-z A-Z' => ["ONE\n", '', 0], 'cd /srv/f && pwd' => ["/srv/f\n", '', 0], 'echo a; echo b' => ["a\nb\n", '', 0], 'test -f /srv/f/plain' => ['', '', 0],
  'printf "\303\251\n"' => ["é\n", '', 0], 'id -un' => ["root\n", '', 0], 'echo $HOME' => ["/root\n", '', 0], 'echo "$LANG"' => ["C\n", '', 0], 'echo $0' => ["/bin/sh\n", '', 0],
  'echo "a  b"' => ["a  b\n", '', 0], 'echo \\\\' => ["\\\n", '', 0], 'seq 3' => ["1\n2\n3\n", '', 0], 'sh -c "exit 7"' => ['', '', 7],
  'umask' => ["0022\n", '', 0], "echo 'multi\nline'" => ["multi\nline\n", '', 0] }.each do |line, (stdout, stderr, status)|
  describe command(line) do
    its(:stdout) { should eq stdout }
    its(:stdout) { should_not eq stdout }
    its(:stderr) { should eq stderr }
    its(:exit_status) { should eq status }
    its(:exit_status) { should_not eq status }
  end
end
describe command('no-such-command-at-all') do
  its(:exit_status) { should eq 127 }
  its(:stdout) { should be_empty }
end
describe command('printf "one\ntwo\nthree\n"; echo "{}" >&2') do
  its(:stdout) { should match(/two/) }
  its(:stdout) { should match(/^two$/) }
  its(:stdout) { should match(/one.two/m) }
  its(:stdout) { should match(/one.two/) }
  its(:stdout) { should_not match(/four/) }
  its(:stdout) { should include 'one', 'three' }
  its(:stdout) { should contain 'two' }
  its(:stdout) { should contain('two').from('one').to('three') }
  its(:stdout) { should contain('two').after('three') }
  its(:stdout) { should contain('one').before('two') }
  its('stdout.lines.count') { should be 3 }
  its('stdout.strip') { should end_with 'three' }
  its('stdout.split.last') { should eq 'three' }
  its(:stderr) { should match(/\{\}/) }
  its(:exit_status) { should be_zero }
  its(:exit_status) { should be 1 }
  it { should return_stdout(/two/) }
  it { should return_exit_status 0 }
  both { be_something }
end
describe command(%q(echo '{"a": [1, {"b": null}], "c": "d"}')) do
  its(:stdout_as_json) { should include('c' => 'd') }
  its(:stdout_as_json) { should include('a' => [1, { 'b' => nil }]) }
  its(:stdout_as_json) { should include('a' => [2]) }
  its(:stdout_as_yaml) { should include('c' => 'd') }
  its(['stdout_as_json', 'c']) { should eq 'd' }
end
describe command('echo not json {') do
  its(:stdout_as_json) { should include('a') }
end
# What ls prints at a terminal is another thing.
describe 'commands by hand', unless: ENV['DIFFERENTIAL_PASSWORD'] do
  let(:list) { command('ls /srv/f') }
  it { expect(list.stdout).to match(/^plain$/) }
  it { expect(list.exit_status).to eq 0 }
  it { expect(list.stdout.split("\n")).to include('plain', 'star*') }
  it { expect(list.stderr).to be_empty }
  it('has its own text') { expect(command('echo x').stdout.chomp).to eq('x'), 'not x' }
  it { expect(command("cat /srv/f/#{%w[plain empty].first}").stdout.lines.first).to eq "Listen 80\n" }
  %w[anna bert].each do |user|
    it("knows #{user}") { expect(command("id -u #{user}").stdout.to_i).to be > 2000 }
  end
end
describe command('cat /srv/f/plain') do
  its(:stdout) { should eq subject.stdout }
end
describe 'a command that is asked twice' do
  it('runs once for an object') do
    c = command('cat /proc/sys/kernel/random/uuid')
    expect(c.stdout).to eq c.stdout
  end
  it('runs again for another') { expect(command('cat /proc/sys/kernel/random/uuid').stdout).not_to eq command('cat /proc/sys/kernel/random/uuid').stdout }
end
