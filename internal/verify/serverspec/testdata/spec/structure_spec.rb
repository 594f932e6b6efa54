require 'spec_helper'

describe 'structure' do
  it 'has a name' do
    expect(1 + 1).to eq 2
  end
  specify { expect(true).to be true }
  example('by example') { expect([]).to be_empty }
  it { expect(1).to eq 2 }
  it 'is not yet written'
  xit('is left out') { raise 'never' }
  skip('is skipped') { raise 'never' }
  pending('is pending') { expect(1).to eq 2 }
  pending('is fixed') { expect(1).to eq 1 }
  it('skips itself') { skip 'because' }
  it('skips itself without a reason') { skip }
  it('is pending by itself') { pending 'soon'; raise 'no' }
  it('is skipped by metadata', skip: true) { raise 'no' }
  it('is skipped with a reason', skip: 'not here') { raise 'no' }
  it('is pending by metadata', pending: 'later') { raise 'no' }
  it('raises') { raise ArgumentError, 'bad' }
  it('calls what is not there') { nothing_here }

  context 'inner', if: true do
    it { is_expected.to eq 'structure' }
    it { should match /struct/ }
    it { should_not be_nil }
  end
  context 'left out', if: false do
    it('never') { raise }
  end
  context 'left out too', :unless => true do
    it('never') { raise }
  end
  it('never', if: false) { raise }
  xcontext 'temporarily' do
    it('never') { raise }
  end

  describe '#method' do
    it('like a method') {}
  end
  describe String, '#length' do
    it('describes a class') { expect(described_class).to be String }
    it { is_expected.to eq '' }
    its(:length) { should eq 0 }
    its('upcase.size') { should be 0 }
  end
  describe [1, 2, 3] do
    its(:first) { should eq 1 }
    its([1]) { should eq 2 }
    it { should include 2 }
    it { should include(1, 3) }
    it { should_not include 1 }
  end
  describe({ a: 1, 'b' => { c: 2 } }) do
    its([:a]) { should eq 1 }
    its(['b', :c]) { should eq 2 }
    it { should include(:a) }
    it { should include(a: 1) }
    it { should have_key 'b' }
    it { should_not have_key 'b' }
  end
  describe nil do
    it { should be_nil }
  end
end

describe 'let and subject' do
  let(:one) { [] }
  let(:two) { one << 1; one }
  let!(:now) { one << 0 }
  subject { one.length }
  subject(:named) { two }
  it { is_expected.to eq [0, 1] }
  it('memoises') { two; two; expect(one).to eq [0, 1] }
  it('has a name') { expect(named).to eq [0, 1] }
  context 'inner' do
    let(:one) { super() + [9] }
    it { expect(one).to eq [9] }
    it { expect(subject).to be_an Array }
    it { expect(two.last).to eq 1 }
  end
end

$log = []
describe 'hooks' do
  before(:all) { @all = 'all'; $log << :all }
  before { @each = @all + ' each' }
  before(:each, :slow) { @slow = true }
  after { $log << :after }
  after(:all) { $log << :after_all }
  around(:each) { |e| $log << :in; e.run; $log << :out }
  it('has both') { expect(@each).to eq 'all each' }
  it('has slow', :slow) { expect(@slow).to be true }
  it('has no slow') { expect(@slow).to be_nil }
  context 'inner' do
    before { @each << '!' }
    it('adds') { expect(@each).to eq 'all each!' }
    it('has the metadata', answer: 42) { |e| expect(e.metadata[:answer]).to eq 42 }
  end
end
describe 'after hooks' do
  it('ran') { expect($log).to eq([:all] + [:in, :after, :out] * 5 + [:after_all]) }
end
describe 'a hook that fails' do
  before(:all) { raise 'broken' }
  it('one') {}
  context('deep') { it('two') {} }
end
describe 'an each hook that fails' do
  before { raise 'broken' }
  it('one') {}
  it { expect(1).to eq 1 }
end
describe 'an after hook that fails' do
  after { raise 'broken' }
  it('one') {}
end

shared_examples 'a list' do |size|
  it("has #{size}") { expect(subject.size).to eq size }
  its(:class) { should be Array }
end
shared_examples_for 'blank' do
  it { should be_empty }
end
shared_context 'with things' do
  let(:thing) { 'thing' }
  before { @before = 1 }
end
describe [1, 2] do
  include_examples 'a list', 2
  it_behaves_like 'a list', 2
  it_behaves_like 'a list', 3
  it_should_behave_like 'blank'
  include_context 'with things'
  it('has things') { expect(thing * @before).to eq 'thing' }
  it_behaves_like 'blank' do
    subject { [] }
  end
end

describe 'helpers' do
  def double_of(n) n * 2 end
  it('are there') { expect(double_of(2)).to eq 4 }
  %w(a b).each do |n|
    it("loops over #{n}") { expect(n).to eq 'a' }
    describe "in #{n}" do
      it { expect(n).to eq 'b' }
    end
  end
  it('aggregates') do
    aggregate_failures do
      expect(1).to eq 2
      expect(2).to eq 3
    end
  end
  it('aggregates nothing') { aggregate_failures('x') { expect(1).to eq 1 } }
end

RSpec.describe 'with RSpec', :tagged do
  it('is the same') { |ex| expect(ex.metadata[:tagged]).to be true }
  it('knows itself') { |ex| expect(ex.full_description).to eq 'with RSpec knows itself' }
  it('is current') { expect(RSpec.current_example.description).to eq 'is current' }
end

describe 'no examples' do
end

describe 'several', 'parts' do
  it('join') {}
end

describe 'a word', false do
  context 'and none', nil do
    it('counts the first alone') { expect(1).to eq 1 }
  end
end

describe 'places',
         :tag do
  it 'counts lines',
     :slow do
    expect(1).to eq 1
  end
  it('has a block on the next line',
     a: 1) { }
  it_behaves_like 'a list',
                  2 do
    subject { [1, 2] }
  end
  its(:size,
      :slow) { should eq 6 }
  it 'has none',
     :slow
end
