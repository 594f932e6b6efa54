RSpec.configure do |c|
  c.alias_example_to :feat
  c.alias_example_group_to :feature, kind: :feature
  c.alias_it_behaves_like_to :it_has, 'has:'
  c.define_derived_metadata(kind: :feature) { |m| m[:derived] = true }
  c.before(:each, kind: :feature) { @feature = 1 }
  c.before(:suite) { $order = [] }
  c.include(Module.new { def from_module; 7; end }, :mod)
end
shared_context 'tagged', :tagged do
  let(:tag) { 'tagged' }
end
shared_context 'by name' do |n|
  let(:n) { n }
end
RSpec.configure { |c| c.include_context 'by name', :named }

feature 'aliases', :x do
  feat('is one') { expect(@feature).to eq 1 }
  feat('is derived') { |e| expect(e.metadata[:derived]).to be true }
  it('has kind') { |e| expect(e.metadata[:kind]).to eq :feature }
end
describe 'a tagged group', :tagged do
  it { expect(tag).to eq 'tagged' }
  context('inner') { it { expect(tag).to eq 'tagged' } }
end
describe 'mod', :mod do
  it { expect(from_module).to eq 7 }
end
describe 'not mod' do
  it { expect(respond_to?(:from_module)).to be false }
end
describe 'tagged example' do
  it('has it', :tagged) { expect(tag).to eq 'tagged' }
  it('has the module', :mod) { expect(from_module).to eq 7 }
  it('has named', :named) { expect(n).to be_nil }
end
shared_examples 'sized' do |size, opts = {}|
  it("is #{size}") { expect(subject.size).to eq size }
  it("has #{opts[:name]}") { expect(thing).to eq opts[:name] }
end
describe [1] do
  let(:thing) { :outer }
  it_has('sized', 1, name: :outer)
  it_behaves_like('sized', 1, name: :inner) { let(:thing) { :inner } }
  include_examples('sized', 1, name: :included) { let(:thing) { :included } }
end
describe 'order' do
  before { $order << :before }
  prepend_before { ($order ||= []) << :prepended }
  append_before { $order << :appended }
  after { $order << :after }
  prepend_after { $order << :prepended_after }
  append_after { $order << :appended_after }
  before(:example) { $order << :example }
  around { |ex| $order << :around; ex.run; $order << :end }
  around { |ex| $order << :inner; ex.call; $order << :inner_end }
  it('runs') { }
  it('had all') { expect($order).to eq [] }
end
describe 'metadata', a: 1, b: { c: 2 } do
  it('inherits') { |e| expect(e.metadata[:a]).to eq 1 }
  context 'below', a: 2 do
    it('overrides') { |e| expect(e.metadata[:a]).to eq 2 }
    it('adds', d: 4) { |e| expect(e.metadata.values_at(:a, :d)).to eq [2, 4] }
    it('sees the group') { |e| expect(e.metadata[:example_group][:a]).to eq 2 }
    it('sees above') { |e| expect(e.metadata[:example_group][:parent_example_group][:a]).to eq 1 }
    it('has a description') { |e| expect(e.metadata[:full_description]).to eq 'metadata below has a description' }
    it('is of the class') { expect(self.class.metadata[:a]).to eq 2 }
    it('is of the description') { expect(self.class.description).to eq 'below' }
    it('has parents') { expect(self.class.parent_groups.size).to eq 2 }
    it('has a top') { expect(self.class.top_level_description).to eq 'metadata' }
  end
end
describe 'methods' do
  define_method(:five) { 5 }
  def self.checks(name, &block)
    it("checks #{name}", &block)
  end
  checks('five') { expect(five).to eq 5 }
  %w(a b).each { |x| define_method("m_#{x}") { x } }
  it { expect(m_a + m_b).to eq 'ab' }
  class << self
    def twice(n) 2.times { |i| it("#{n} #{i}") { expect(i).to eq 0 } } end
  end
  twice 'time'
end
describe 'pending' do
  it('a') { pending('why'); expect(1).to eq 2 }
  it('b') { pending('why'); expect(1).to eq 1 }
  it('c', :pending) { expect(1).to eq 2 }
  it('d', pending: 'soon') { }
  pending 'e' do expect(1).to eq 1 end
  pending 'f'
  it('g') { pending; raise 'x' }
  it('h') { skip }
  it('i') { skip 'x' if true; raise }
  xspecify { raise }
  xexample('j') { raise }
  context 'all', :skip do it('k') { raise } end
  context 'all', skip: 'reason' do it('l') { raise } end
  context 'all', pending: 'reason' do it('m') { raise }; it('n') { } end
  xcontext 'x' do it('o') { raise } end
  before { skip 'in before' if self.class.description == 'hook' }
  context('hook') { it('p') { raise } }
end
module Checks
  extend RSpec::Matchers::DSL
  matcher :be_even_more do |than|
    match { |a| a > than && a.even? }
    chain(:and_less_than) { |n| @max = n }
    chain(:loudly) { @loud = true }
    match { |a| a > than && (@max.nil? || a < @max) }
    description { "be more than #{than}" + (@max ? " and less than #{@max}" : '') }
  end
end
describe 'matchers' do
  include Checks
  it { expect(4).to be_even_more(2) }
  it { expect(4).to be_even_more(2).and_less_than(3) }
  it { expect(4).to be_even_more(2).and_less_than(9).loudly }
  RSpec::Matchers.define(:have_word) do |w|
    match { |t| @words = t.split; @words.include?(w) }
    failure_message { |t| "no #{w} among #{@words}" }
    define_method(:helper) { 1 }
  end
  it { expect('a b').to have_word 'a' }
  it { expect('a b').to have_word 'c' }
  it { expect('a b').not_to have_word 'b' }
  RSpec::Matchers.define(:raise_something) do
    supports_block_expectations
    match { |b| begin; b.call; false; rescue StandardError; true; end }
  end
  it { expect { raise 'x' }.to raise_something }
  RSpec::Matchers.define(:pass_inner) do |x|
    match { |a| values_match?(x, a) }
  end
  it { expect(3).to pass_inner(be_odd) }
  RSpec::Matchers.define(:raises_inside) do
    match(notify_expectation_failures: true) { |a| expect(a).to eq 1 }
  end
  it { expect(2).to raises_inside }
  matcher(:local) { |x| match { |a| a == x } }
  it { expect(2).to local 2 }
  RSpec::Matchers.alias_matcher :a_local, :local
  RSpec::Matchers.define_negated_matcher :not_eq, :eq
  it { expect(2).to not_eq 2 }
  it { expect(2).to not_eq(3).and eq(2) }
end
describe 'its', type: :its do
  subject { { a: { b: [1, 2] }, 'c' => 'text', n: nil } }
  its([:a]) { should include :b }
  its([:a, :b]) { should eq [1, 2] }
  its(['c']) { is_expected.to match(/ex/) }
  its('keys.size') { should eq 3 }
  its(:size, :slow) { should eq 3 }
  its('nope') { should eq 1 }
  its(:keys) { are_expected.to include 'c' }
  its(:fetch) { will raise_error ArgumentError }
  its('size') { will_not raise_error }
end
describe 'aggregate', :aggregate_failures do
  it('collects') { expect(1).to eq 2; expect(2).to eq 3 }
  it('one') { expect(1).to eq 2 }
  it('none') { expect(1).to eq 1 }
  it('nested') { aggregate_failures('label') { expect(1).to eq 2; expect(2).to eq 3; aggregate_failures { expect(3).to eq 4 } } }
end
describe 'lets' do
  let(:a) { 1 }
  let!(:b) { $eager = true; 2 }
  subject!(:s) { $subject = 3 }
  it { expect([a, b, $eager, $subject]).to eq [1, 2, true, 3] }
  let(:c) { a + 1 }
  context('override') { let(:a) { super() + 10 }; it { expect(c).to eq 12 } }
  it('knows instance variables') { @x = 1; expect(instance_variable_get(:@x)).to eq 1 }
end
describe 'helper methods' do
  it('has described_class') { expect(described_class).to be_nil }
  it('has self') { expect(self.class.ancestors).to include RSpec::Core::ExampleGroup }
  it('knows its location') { |e| expect(e.location).to match(/structure2_spec.rb:\d+/) }
  it('has example') { |example| expect(example.description).to eq 'has example' }
  it('fails') { fail 'this' }
  it('raises an Exception') { raise Exception, 'bad' }
  it('exits') { expect { exit 1 }.to raise_error SystemExit }
  it('RSpec fail_with') { RSpec::Expectations.fail_with('because') }
end
describe 'xit' do
  fit('focused') { expect(1).to eq 1 }
  fcontext('ctx') { it('in') { } }
  it 'does it', :focus do end
end
