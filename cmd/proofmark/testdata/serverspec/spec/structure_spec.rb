require 'spec_helper'

describe 'let, subject and hooks' do
  let(:path) { '/srv/f/plain' }
  let(:mode) { file(path).mode }
  subject { file(path) }
  before(:all) { @all = command('echo all').stdout }
  before { @each = @all.chomp + ' each' }
  after { @each = nil }
  it { should be_file }
  it { is_expected.to be_directory }
  it { expect(mode).to eq '644' }
  it { expect(@each).to eq 'all each' }
  its(:owner) { is_expected.to eq 'root' }
  context 'with another path' do
    let(:path) { '/srv/f/dir' }
    it { should be_directory }
    it { expect(mode).to eq '644' }
    it { expect(subject.mode).to eq '1777' }
  end
  context 'with a subject of its own' do
    subject(:service_of_cron) { service('cron') }
    it { should be_running }
    it { expect(service_of_cron).to be_enabled }
  end
  describe file('/srv/f/missing') do
    it { should exist }
    it { expect(subject).not_to exist }
  end
end

shared_examples 'a plain file' do |size|
  it { should be_file }
  it { should be_mode 644 }
  its(:size) { should eq size }
end
shared_examples_for 'a thing of root' do
  it { should be_owned_by 'root' }
end
shared_context 'with anna' do
  let(:who) { 'anna' }
end
describe file('/srv/f/empty') do
  include_examples 'a plain file', 0
  it_behaves_like 'a plain file', 1
  it_should_behave_like 'a thing of root'
end
describe file('/srv/f/mode10') do
  include_context 'with anna'
  it { should be_owned_by who }
  it_behaves_like 'a thing of root'
end

describe 'pending and skipped' do
  it 'is not yet written'
  xit('is left out') { expect(file('/srv')).to be_file }
  skip('is skipped') { raise 'never' }
  pending('fails as it should') { expect(file('/srv')).to be_file }
  pending('holds all the same') { expect(file('/srv')).to be_directory }
  it('skips itself') { skip 'because' }
  it('skips by what it finds') { skip 'no such file' unless file('/srv/none').exists? }
  it('asks what nobody answers') { expect(file('/srv/none').exist?).to be false }
  it('is pending by itself') { pending 'soon'; expect(package('none')).to be_installed }
  it('is skipped by metadata', skip: 'no') { raise }
  xdescribe file('/srv') do
    it { should be_file }
  end
end

describe 'tags', :slow, kind: 'web' do
  it { |e| expect(e.metadata[:kind]).to eq 'web' }
  it('has its own', kind: 'db') { |e| expect(e.metadata[:kind]).to eq 'web' }
  it { |e| expect(e.metadata[:slow]).to be true }
end

describe 'loops' do
  %w[nginx cron no-such].each do |name|
    describe service(name) do
      it { should be_enabled }
      it("#{name} runs") { should be_running }
    end
  end
  { '/srv/f/plain' => '644', '/srv/f/mode3' => '700', '/srv/f/mode5' => '644' }.each do |path, mode|
    describe file(path), "with mode #{mode}" do
      it { should be_mode mode }
    end
  end
  [22, 80, 81].each_with_index { |p, i| describe(port(p)) { it("number #{i}") { should be_listening } } }
  3.times { |n| it("counts #{n}") { expect(file("/srv/f/mode#{n}")).to be_mode(n.zero? ? 0 : 7) } }
end

def binary(name)
  "/usr/bin/#{name}"
end
describe file(binary('env')) do
  it { should be_executable.by('others') }
  it { should be_executable.by('owner').and be_owned_by('root') }
  it { should be_file.or be_directory }
  it { should be_directory.or be_symlink }
end

describe 'errors' do
  it('raises') { raise ArgumentError, 'bad' }
  it('calls nothing') { nothing_here }
  it('calls nothing of a resource') { file('/srv').nothing_here }
  it { expect(file('/srv').nothing).to eq 1 }
  it { expect { raise 'x' }.to raise_error(RuntimeError) }
  it { expect { file('/srv').nothing }.to raise_error(NoMethodError) }
  it { expect { port(80).listening?('sctp', nil) }.to raise_error(ArgumentError) }
  it { expect { yumrepo('x').enabled? }.to raise_error(NotImplementedError) }
end
describe command('echo x') do
  before { raise 'broken' }
  its(:stdout) { should eq "x\n" }
end

RSpec::Matchers.define :be_of_root do
  match { |f| f.owner == 'root' && f.group == 'root' }
  failure_message { |f| "#{f} is of #{f.owner}" }
end
describe file('/srv/f/plain') do
  both { be_of_root }
end
describe file('/srv/f/mode10') do
  both { be_of_root }
end

describe 'the text of a resource' do
  it { expect(file('/x').to_s).to eq 'File "/x"' }
  it { expect(package('p').to_s).to eq 'Package "p"' }
  it { expect(port(80).to_s).to eq 'Port "80"' }
  it { expect(cron.to_s).to eq 'Cron' }
  it { expect(linux_kernel_parameter('a.b').to_s).to eq 'Linux kernel parameter "a.b"' }
  it { expect(x509_certificate('/c').to_s).to eq 'X509 certificate "/c"' }
  it { expect(command('c d').inspect).to include 'Command' }
  it { expect(file('/x').name).to eq '/x' }
  it { expect(command('true')).to be_a Serverspec::Type::Command }
end
