
RSpec::Matchers.define :be_a_multiple_of do |expected|
  match { |actual| actual % expected == 0 }
end
RSpec::Matchers.define :have_parts do |a, b|
  match { |actual| actual == [a, b] }
  chain(:in_order) { @order = true }
  chain :with, :extra
  description { "have parts #{a} and #{b}#{' in order' if @order}" }
  failure_message { |actual| "wanted #{a}, #{b} and got #{actual}" }
  failure_message_when_negated { |actual| "did not want #{actual}" }
end
RSpec::Matchers.define :never do
  match { |_| expect(1).to eq 2 }
  match_when_negated { |_| true }
end
RSpec::Matchers.define_negated_matcher :exclude, :include

class Odd
  def initialize(n) @n = n end
  def matches?(actual) actual.odd? end
  def failure_message() "not odd" end
end

describe 'matchers' do
  describe 10 do
    it { should eq 10 }
    it { should eq 11 }
    it { should_not eq 10 }
    it { should eql 10 }
    it { should eql 10.0 }
    it { should equal 10 }
    it { should be 10 }
    it { should be == 10 }
    it { should be > 5 }
    it { should be >= 11 }
    it { should be <= 10 }
    it { should_not be < 10 }
    it { should == 10 }
    it { should == 11 }
    it { should_not == 10 }
    it { should > 5 }
    it { should >= 11 }
    it { should be }
    it { should be_a Integer }
    it { should be_an(Integer) }
    it { should be_a_kind_of Numeric }
    it { should be_kind_of String }
    it { should be_an_instance_of Integer }
    it { should be_instance_of Float }
    it { should be_between(1, 10) }
    it { should be_between(1, 10).exclusive }
    it { should be_within(2).of(11) }
    it { should be_within(10).percent_of(100) }
    it { should be_truthy }
    it { should be_falsey }
    it { should be_nil }
    it { should be_even }
    it { should be_odd }
    it { should be_a_multiple_of 5 }
    it { should be_a_multiple_of 3 }
    it { should_not be_a_multiple_of 5 }
    it { should be_frobbed }
    it { should have_frobs 3, 'x' }
    it { should respond_to :abs }
    it { should respond_to(:abs, :nope) }
    it { should satisfy { |n| n > 5 } }
    it { should satisfy('be big') { |n| n > 50 } }
    it { should never }
    it { should_not never }
    it { should exist }
    it { should eq(10).and be_even }
    it { should eq(10).and be_odd }
    it { should eq(11).or be_even }
    it { should eq(11).or be_odd }
    it { should have_attributes(abs: 10, size: 8) }
    it { should have_attributes(abs: 11) }
    it { should_not have_attributes(abs: 11) }
    it { should Odd.new(1) }
  end
  describe 'hello world' do
    it { should match /wor/ }
    it { should match 'wor' }
    it { should match /x/ }
    it { should_not match /wor/ }
    it { should =~ /hel/ }
    it { should =~ /xel/ }
    it { should_not =~ /xel/ }
    it { should include 'hello' }
    it { should include 'hello', 'nope' }
    it { should include('o').twice }
    it { should include('o').once }
    it { should include('o').at_least(1).times }
    it { should start_with 'hell' }
    it { should start_with 'x' }
    it { should end_with 'world' }
    it { should_not end_with 'world' }
    it { should exclude 'x' }
    it { should exclude 'hello' }
    it { should be_start_with 'hello' }
    it { should have_parts 'a', 'b' }
    it { should_not have_parts('a', 'b').in_order }
    it { should match(/hello/).and(match(/world/)) }
    it { should eq "multi\nline \"quotes\" \t \e" }
    it { should eq 'x' * 300 }
    it { should match(/#{'long ' * 60}/) }
    it { should_not be_empty }
    it { should be_empty }
    its(:length) { is_expected.to be 11 }
    its(:nothing) { should be 11 }
  end
  describe [3, 1, 2] do
    it { should match_array [1, 2, 3] }
    it { should_not match_array [1, 2, 3] }
    it { should =~ [1, 2, 3] }
    it { should =~ [1, 2] }
    it { should include 1 }
    it { should include(be > 2) }
    it { should include(an_instance_of(String)) } if false
    it { should all(be > 0) }
    it { should all(be > 1) }
    it { should all(be_an(Integer).and(be < 4)) }
    it { should start_with 3, 1 }
    it { should end_with 2 }
    it { should match [3, 1, 2] }
    it { should match [3, be > 0, Integer] }
    it { should eq [1, 2, 3] }
    it { should_not be_empty }
    it { should have_parts 3, 1 }
  end
  describe({ name: 'x', 'list' => [1] }) do
    it { should include name: 'x' }
    it { should include(name: 'y', 'list' => [1]) }
    it { should include :name, 'list' }
    it { should_not include :other }
    it { should_not include :name }
    it { should eq({ name: 'x' }) }
    it { should match(name: /x/, 'list' => [1]) }
    it { should have_key :name }
    it { should have_value 'x' }
    it { should include(name: match(/x/)) }
  end
  describe 1..10 do
    it { should cover 2, 3 }
    it { should cover 11 }
    it { should include 5 }
  end
  it { expect { raise 'x' }.to raise_error }
  it { expect { raise 'x' }.to raise_error RuntimeError }
  it { expect { raise 'x' }.to raise_error ArgumentError }
  it { expect { raise 'x' }.to raise_error 'x' }
  it { expect { raise 'x' }.to raise_error RuntimeError, /x/ }
  it { expect { raise 'x' }.to raise_error(RuntimeError, 'y') }
  it { expect { 1 }.to raise_error RuntimeError }
  it { expect { 1 }.not_to raise_error }
  it { expect { raise 'x' }.not_to raise_error }
  it { expect(1).to eq(2), 'my own words' }
  it { expect { 1 }.to eq 1 }
  it { expect(nil).to be_nil }
  it { expect(nil).to be }
  it { expect(:a).to be(:a).or eq('a') }
  it { expect([1, [2, nil], { a: :b }]).to eq 1 }
  it { 5.should eq 5 }
  it { 5.should_not eq 5 }
  it { expect(1.5).to be_within(0.1).of(1.55) }
  it { expect('abc').to a_string_matching(/b/) }
  it { expect(['abc']).to include(a_string_starting_with('a')) }
  it { expect(1).to be(1), -> { 'lazy' } }
  it { expect('a').to eq(:a) }
  it { }
  it('two expectations') { expect(1).to eq 1; expect(2).to eq 2 }
  it { expect(1).to eq 1; expect(2).to be_even }
  it { expect(1).to eq 1; raise 'after' }
end
