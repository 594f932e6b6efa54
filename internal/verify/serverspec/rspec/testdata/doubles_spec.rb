class Shop
  def self.open?() false end
  def price(of, tax: 0) of + tax end
  def close() :closed end
end
describe 'doubles' do
  let(:box) { double('box', size: 3, 'name' => 'b') }
  it('answers') { expect([box.size, box.name]).to eq [3, 'b'] }
  it('refuses') { box.other }
  it('refuses with arguments') { box.other(1, 'x') }
  it { expect(box).to have_attributes(size: 3) }
  it('responds') { expect([box.respond_to?(:size), box.respond_to?(:other)]).to eq [true, false] }
  it('shows itself') { expect(box.inspect).to eq 'x' }
  it('has no name') { double.foo }
  it('is null') { expect(double('n').as_null_object.foo.bar).to eq 1 }
  it('is a spy') { s = spy('s'); s.call(1); expect(s).to have_received(:call).with(1) }
  it('was not called') { s = spy('s'); expect(s).to have_received(:call) }
  it('was called twice') { s = spy('s'); 2.times { s.call }; expect(s).to have_received(:call).twice }
  it('was called once') { s = spy('s'); 2.times { s.call }; expect(s).to have_received(:call).once }
  it('was not called with that') { s = spy('s'); s.call(1); expect(s).not_to have_received(:call).with(2) }
  it('is an instance') { d = instance_double('Shop', price: 5); expect(d.price(1)).to eq 5 }
  it('is no such instance') { instance_double('Shop', nope: 5) }
  it('is no such class') { class_double('Shop', nope: 5) }
  it('is of a class') { d = class_double('Shop', open?: true); expect(d.open?).to be true }
end
describe 'allow' do
  let(:shop) { Shop.new }
  it { allow(shop).to receive(:close).and_return(1); expect(shop.close).to eq 1 }
  it { allow(shop).to receive(:close).and_return(1, 2); expect([shop.close, shop.close, shop.close]).to eq [1, 2, 2] }
  it { allow(shop).to receive(:close) { 7 }; expect(shop.close).to eq 7 }
  it { allow(shop).to receive(:price) { |a| a * 2 }; expect(shop.price(4)).to eq 8 }
  it { allow(shop).to receive(:close).and_raise('bad'); expect { shop.close }.to raise_error 'bad' }
  it { allow(shop).to receive(:close).and_raise(ArgumentError, 'bad'); expect { shop.close }.to raise_error ArgumentError, 'bad' }
  it { allow(shop).to receive(:price).and_call_original; expect(shop.price(4)).to eq 4 }
  it { allow(shop).to receive(:price).with(1).and_return(10); expect(shop.price(1)).to eq 10 }
  it('other arguments') { allow(shop).to receive(:price).with(1).and_return(10); shop.price(2) }
  it { allow(shop).to receive(:price).and_return(0); allow(shop).to receive(:price).with(1).and_return(10); expect([shop.price(1), shop.price(2)]).to eq [10, 0] }
  it { allow(shop).to receive_messages(close: 1, price: 2); expect([shop.close, shop.price(9)]).to eq [1, 2] }
  it { allow(Shop).to receive(:open?).and_return(true); expect(Shop.open?).to be true }
  it('is undone') { expect(Shop.open?).to be false }
  it { allow(shop).to receive(:each).and_yield(1).and_yield(2); all = []; shop.each { |x| all << x }; expect(all).to eq [1, 2] }
  it { allow(shop).to receive(:close); expect(shop.close).to be_nil }
  it { allow(File).to receive(:exist?).with('/nope').and_return(true); expect(File.exist?('/nope')).to be true }
  it('with kinds') { allow(shop).to receive(:price).with(kind_of(Integer), anything).and_return(3); expect(shop.price(1, 2)).to eq 3 }
  it('with hashes') { allow(shop).to receive(:price).with(hash_including(a: 1)).and_return(3); expect(shop.price(a: 1, b: 2)).to eq 3 }
  it('with no args') { allow(shop).to receive(:price).with(no_args).and_return(3); expect(shop.price).to eq 3 }
  it('with any args') { allow(shop).to receive(:price).with(1, any_args).and_return(3); expect(shop.price(1, 2, 3)).to eq 3 }
end
describe 'expect' do
  let(:shop) { Shop.new }
  let(:box) { double('box') }
  it { expect(box).to receive(:open); box.open }
  it { expect(box).to receive(:open) }
  it { expect(box).to receive(:open).with(1, 'x') }
  it { expect(box).to receive(:open).with(1); box.open(2) }
  it { expect(box).to receive(:open).once; box.open; box.open }
  it { expect(box).to receive(:open).twice; box.open; box.open }
  it { expect(box).to receive(:open).twice; box.open }
  it { expect(box).to receive(:open).exactly(3).times; box.open }
  it { expect(box).to receive(:open).at_least(:once); box.open; box.open }
  it { expect(box).to receive(:open).at_least(2).times; box.open }
  it { expect(box).to receive(:open).at_most(:once); box.open; box.open }
  it { expect(box).to receive(:open).at_most(2).times; box.open }
  it { expect(box).not_to receive(:open) }
  it { expect(box).not_to receive(:open); box.open }
  it { expect(box).to receive(:open).never; box.open }
  it { expect(box).to receive(:open).and_return(4); expect(box.open).to eq 4 }
  it('does both') { expect(box).to receive(:open).with(1).and_return(4); expect(box.open(1)).to eq 4 }
  it('fails otherwise first') { expect(box).to receive(:open); raise 'x' }
  it { expect(Shop).to receive(:open?).and_return(true); expect(Shop.open?).to be true }
  it { expect(Shop).to receive(:open?) }
end
