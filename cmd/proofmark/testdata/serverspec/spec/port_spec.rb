require 'spec_helper'

[80, '80', 8001, 8003, 8004, 8005, 8006, 8008, 8011, 801, 99_999].each do |number|
  describe port(number) do
    both { be_listening }
    %w[tcp udp tcp6 udp6].each { |proto| both { be_listening.with(proto) } }
  end
end
[8001, 8002, 8004, 8005, 8006].each do |number|
  describe port(number) do
    ['0.0.0.0', '127.0.0.1', '::', '::1', '127.0.0.2', '127.0.0.3'].each { |ip| it { should be_listening.on(ip) } }
    it { should be_listening.on('127.0.0.1').with('tcp') }
    it { should be_listening.on('::1').with('tcp6') }
    it { should be_listening.on('127.0.0.1').with('udp') }
    it { should_not be_listening.on('0.0.0.0').with('udp') }
  end
end
describe port(8001) do
  both { be_listening.on('nowhere') }
  both { be_listening.with('sctp') }
  both { be_listening.with('TCP') }
  both { be_listening.with(:tcp) }
  both { be_listening.on('') }
  it('by hand') { expect(port(8001).listening?('tcp', nil)).to be true }
end
