describe 'change' do
  let(:list) { [1] }
  class Counter
    attr_accessor :n
    def initialize; @n = 1; end
    def bump(by = 1); @n += by; end
  end
  let(:counter) { Counter.new }
  it { expect { list << 1 }.to change { list.size } }
  it { expect { }.to change { list.size } }
  it { expect { list << 1 }.not_to change { list.size } }
  it { expect { }.not_to change { list.size } }
  it { expect { counter.bump }.to change(counter, :n).by(1) }
  it { expect { counter.bump }.to change(counter, :n).by(2) }
  it { expect { counter.bump 3 }.to change(counter, :n).by_at_least(2) }
  it { expect { counter.bump 3 }.to change(counter, :n).by_at_least(4) }
  it { expect { counter.bump 3 }.to change(counter, :n).by_at_most(2) }
  it { expect { counter.bump 3 }.to change(counter, :n).by_at_most(3) }
  it { expect { counter.bump }.to change(counter, :n).from(1).to(2) }
  it { expect { counter.bump }.to change(counter, :n).from(2).to(2) }
  it { expect { counter.bump }.to change(counter, :n).from(1).to(3) }
  it { expect { counter.bump }.to change(counter, :n).from(1) }
  it { expect { counter.bump }.to change(counter, :n).to(2) }
  it { expect { counter.bump }.to change(counter, :n).to(4) }
  it { expect { }.to change(counter, :n).to(4) }
  it { expect { }.to change(counter, :n).from(1).to(4) }
  it { expect { }.to change(counter, :n).from(1) }
  it { expect { }.to change(counter, :n).by(1) }
  it { expect { }.not_to change(counter, :n).from(1) }
  it { expect { }.not_to change(counter, :n).from(2) }
  it { expect { counter.bump }.not_to change(counter, :n).from(1) }
  it { expect { counter.bump }.not_to change(counter, :n).by(1) }
  it { expect { counter.bump }.not_to change(counter, :n).to(1) }
  it { expect { counter.bump }.to change { counter.n }.from(be_odd).to(be_even) }
  it { expect { counter.bump }.to change { counter.n }.from(be_even).to(be_even) }
  it { expect { counter.bump; list << 1 }.to change { counter.n }.by(1).and change { list.size }.by(1) }
  it { expect { counter.bump }.to change { counter.n }.by(1).and change { list.size }.by(1) }
  it { expect { counter.bump }.to change { counter.n }.by(1).or change { list.size }.by(1) }
  it { expect(5).to change { 3 } }
end
describe 'output' do
  it { expect { print 'foo' }.to output.to_stdout }
  it { expect { }.to output.to_stdout }
  it { expect { print 'foo' }.not_to output.to_stdout }
  it { expect { print 'foo' }.to output('foo').to_stdout }
  it { expect { print 'foo' }.to output('bar').to_stdout }
  it { expect { print 'foo' }.to output(/fo/).to_stdout }
  it { expect { puts 'foo' }.to output(/bar/).to_stdout }
  it { expect { puts 'foo' }.not_to output(/bar/).to_stdout }
  it { expect { puts 'foo' }.not_to output(/foo/).to_stdout }
  it { expect { warn 'foo' }.to output("foo\n").to_stderr }
  it { expect { $stderr.puts 'foo' }.to output("foo\n").to_stderr }
  it { expect { $stderr.puts 'foo' }.to output("bar\n").to_stderr }
  it { expect { $stderr.puts 'foo' }.to output("foo").to_stdout }
  it { expect { print 'foo' }.to output('foo') }
  it { expect { puts 'a', 'b'; p 1 }.to output("a\nb\n1\n").to_stdout }
end
describe 'throw_symbol' do
  it { expect { throw :a }.to throw_symbol }
  it { expect { throw :a }.to throw_symbol(:a) }
  it { expect { throw :a }.to throw_symbol(:b) }
  it { expect { throw :a, 3 }.to throw_symbol(:a, 3) }
  it { expect { throw :a, 3 }.to throw_symbol(:a, 4) }
  it { expect { throw :a }.to throw_symbol(:a, 4) }
  it { expect { }.to throw_symbol }
  it { expect { }.to throw_symbol(:a) }
  it { expect { }.to throw_symbol(:a, 1) }
  it { expect { }.not_to throw_symbol }
  it { expect { throw :a }.not_to throw_symbol }
  it { expect { throw :a }.not_to throw_symbol(:a) }
  it { expect { throw :b }.not_to throw_symbol(:a) }
end
describe 'yield' do
  def one; yield; end
  def two(*a) a.each { |x| yield x } end
  def args(*a) yield(*a) end
  def none; end
  it { expect { |b| one(&b) }.to yield_control }
  it { expect { |b| none(&b) }.to yield_control }
  it { expect { |b| one(&b) }.not_to yield_control }
  it { expect { |b| none(&b) }.not_to yield_control }
  it { expect { |b| two(1, 2, &b) }.to yield_control.twice }
  it { expect { |b| two(1, 2, &b) }.to yield_control.once }
  it { expect { |b| two(1, 2, &b) }.to yield_control.exactly(3).times }
  it { expect { |b| two(1, 2, &b) }.to yield_control.at_least(1).times }
  it { expect { |b| two(1, 2, &b) }.to yield_control.at_most(:once) }
  it { expect { |b| args(1, 2, &b) }.to yield_with_args }
  it { expect { |b| args(1, 2, &b) }.to yield_with_args(1, 2) }
  it { expect { |b| args(1, 2, &b) }.to yield_with_args(1, 3) }
  it { expect { |b| args(1, 'x', &b) }.to yield_with_args(Integer, /x/) }
  it { expect { |b| args(1, 2, &b) }.not_to yield_with_args }
  it { expect { |b| args(1, 2, &b) }.not_to yield_with_args(1, 2) }
  it { expect { |b| one(&b) }.to yield_with_args }
  it { expect { |b| none(&b) }.to yield_with_args }
  it { expect { |b| none(&b) }.to yield_with_args(1) }
  it { expect { |b| none(&b) }.not_to yield_with_args(1) }
  it { expect { |b| one(&b) }.to yield_with_no_args }
  it { expect { |b| args(1, &b) }.to yield_with_no_args }
  it { expect { |b| none(&b) }.to yield_with_no_args }
  it { expect { |b| one(&b) }.not_to yield_with_no_args }
  it { expect { |b| two(1, 2, &b) }.to yield_successive_args(1, 2) }
  it { expect { |b| two(1, 2, &b) }.to yield_successive_args(1, 3) }
  it { expect { |b| two([1, 2], 2, &b) }.to yield_successive_args([1, 2], Integer) }
  it { expect { |b| two(1, 2, &b) }.not_to yield_successive_args(1, 2) }
  it { expect { |b| none(&b) }.to yield_successive_args(1) }
end
describe 'raise_error' do
  it { expect { raise 'x' }.to raise_error }
  it { expect { raise 'x' }.to raise_error 'x' }
  it { expect { raise 'x' }.to raise_error 'y' }
  it { expect { raise 'x' }.to raise_error(/x/) }
  it { expect { raise 'x' }.to raise_error(/y/) }
  it { expect { raise 'x' }.to raise_error RuntimeError }
  it { expect { raise 'x' }.to raise_error(RuntimeError, 'x') }
  it { expect { raise 'x' }.to raise_error(RuntimeError, /z/) }
  it { expect { raise 'x' }.to raise_error ArgumentError }
  it { expect { raise 'x' }.to raise_error(RuntimeError).with_message('x') }
  it { expect { raise 'x' }.to raise_error(RuntimeError) { |e| expect(e.message).to eq 'x' } }
  it { expect { raise 'x' }.to raise_error(RuntimeError) { |e| expect(e.message).to eq 'y' } }
  it { expect { raise 'x' }.to raise_error { |e| expect(e.message).to eq 'x' } }
  it { expect { }.to raise_error }
  it { expect { }.to raise_error ArgumentError }
  it { expect { }.not_to raise_error }
  it { expect { raise 'x' }.not_to raise_error }
  it { expect { Integer('z') }.to raise_error ArgumentError, /invalid/ }
  it { expect { raise 'x' }.to raise_exception(StandardError) }
  it { expect { raise 'x' }.to raise_error an_instance_of(RuntimeError) }
  it { expect { raise 'x' }.to raise_error(having_attributes(message: 'x')) }
end
describe 'more' do
  it { expect(1).to be_between(1, 2).and be_odd }
  it { expect(1..3).to cover 2 }
  it { expect(1..3).to cover 2, 5 }
  it { expect(1..3).not_to cover 2 }
  it { expect([1, 3]).to all be_odd }
  it { expect([1, 2]).to all be_odd }
  it { expect([1, 2]).to all(be_odd.or be_even) }
  it { expect([1, 2, 4]).to all be_odd }
  it { expect([]).to all be_odd }
  it { expect({ a: 1 }).to include(a: be_odd) }
  it { expect([1, 'a']).to match [Integer, a_string_starting_with('a')] }
  it { expect([1, 'a']).to contain_exactly(a_string_matching(/a/), an_instance_of(Integer)) }
  it { expect(a: 1, b: { c: 2 }).to match(a: 1, b: { c: a_value > 1 }) }
  it { expect(5).to satisfy('be big') { |x| x > 2 } }
  it { expect(nil).to be_nil.or eq 1 }
  it { expect('abc').to start_with('a').and end_with('c') }
  it { expect([1, 2]).to start_with(1, 2) }
  it { expect(1.05).to be_within(0.1).of(1) }
  it { expect(1.05).to a_value_within(0.01).of(1) }
  it { expect('x').to eq('y'), 'said so' }
  it { expect('x').to eq('y'), -> { 'said so' } }
  it { expect(:a).to be_one_of([:a]) }
  it { expect([1]).to be_any }
  it { expect([1]).to have_attributes(size: 1, first: be_odd) }
  it { expect('a').to be_an_instance_of(String) & eq('a') }
  it { expect([[1, 2], [3]]).to include(include(1)) }
  it { expect(%w(a b)).to include(/a/, 'b') }
  it { expect('abc').to include('a', 'z') }
  it { expect(true).to be(true).and be_truthy }
  it { expect(3).to eq(1).or eq(2).or eq(3) }
  it { expect(3).to eq(1).or eq(2).or eq(4) }
  it { expect(3).to eq(3).and eq(2).and eq(4) }
end
