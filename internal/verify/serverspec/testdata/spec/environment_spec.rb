require 'spec_helper'

# What a spec changes in its environment, its commands inherit.
ENV['FROM_THE_FILE'] = "it's set"
describe command('echo "$FROM_THE_FILE"') do
  its(:stdout) { should eq "it's set\n" }
end
describe 'in an example' do
  before { ENV['FROM_A_HOOK'] = 'hook' }
  after { ENV.delete('FROM_A_HOOK') }
  describe command('echo "[$FROM_A_HOOK]"') do
    its(:stdout) { should eq "[hook]\n" }
  end
  it('is inherited by others') { expect(`echo "[$FROM_A_HOOK]"`).to eq "[hook]\n" }
  it('is inherited by the runner') { expect(Specinfra.backend.run_command('echo "[$FROM_A_HOOK]"').stdout).to eq "[hook]\n" }
end
describe command('echo "[$FROM_A_HOOK]" ') do
  its(:stdout) { should eq "[]\n" }
end
describe 'a removed one' do
  it('is gone') do
    ENV.delete('HOME')
    expect(command('echo "[$HOME]"').stdout).to eq "[]\n"
    expect(`echo "[$HOME]"`).to eq "[]\n"
  end
end
describe 'a search path' do
  around do |example|
    before = ENV['PATH']
    ENV['PATH'] = "/opt/first:#{before}"
    example.run
    ENV['PATH'] = before
  end
  it('counts') { expect(command('echo "$PATH"').stdout).to start_with '/opt/first:' }
end
describe 'the language' do
  it('is C all the same') do
    ENV['LANG'] = 'de_DE.UTF-8'
    expect(command('echo $LANG').stdout).to eq "C\n"
    expect(`echo $LANG`).to eq "de_DE.UTF-8\n"
    expect(Specinfra::Runner.run_command('echo $LANG').stdout).to eq "C\n"
  end
end
describe 'several lines' do
  it('stay') do
    ENV['LINES_OF_TEXT'] = "a\nb 'c'"
    expect(command('echo "$LINES_OF_TEXT"').stdout).to eq "a\nb 'c'\n"
  end
end
describe 'another directory' do
  around { |example| Dir.chdir('/etc') { example.run } }
  describe command('pwd; ls passwd') do
    its(:stdout) { should eq "/etc\npasswd\n" }
  end
  it('is that of files') { expect(File.exist?('passwd')).to be true }
  it('is that of backticks') { expect(`pwd`).to eq "/etc\n" }
  describe file('passwd') do
    it { should exist }
  end
end
