class IPAddr
  include Comparable

  class Error < ArgumentError; end
  class InvalidAddressError < Error; end
  class AddressFamilyError < Error; end
  class InvalidPrefixError < InvalidAddressError; end

  attr_reader :prefix

  def initialize(text)
    text = text.to_s
    address, mask = text.split('/', 2)
    address = address.to_s.delete_prefix('[').delete_suffix(']')
    @v6 = address.include?(':')
    @number = @v6 ? parse6(address, text) : parse4(address, text)
    @prefix = bits
    return unless mask
    @prefix = mask.include?('.') ? parse4(mask, text).to_s(2).count('1') : Integer(mask, 10)
    raise InvalidPrefixError, "invalid length: #{text}" if @prefix < 0 || @prefix > bits
    @number &= netmask
  end

  def ipv4?
    !@v6
  end

  def ipv6?
    @v6
  end

  def to_i
    @number
  end

  def include?(other)
    other = IPAddr.new(other) unless other.is_a?(IPAddr)
    return false if other.ipv6? != @v6
    (other.to_i & netmask) == @number && other.prefix >= @prefix
  end
  alias === include?

  def mask(length)
    IPAddr.new("#{self}/#{length}")
  end

  def succ
    clone.tap { |ip| ip.instance_variable_set(:@number, @number + 1) }
  end

  def to_range
    first = clone
    last = clone
    first.instance_variable_set(:@prefix, bits)
    last.instance_variable_set(:@prefix, bits)
    last.instance_variable_set(:@number, @number | (netmask ^ ((1 << bits) - 1)))
    first..last
  end

  def ==(other)
    other = IPAddr.new(other) unless other.is_a?(IPAddr)
    other.ipv6? == @v6 && other.to_i == @number
  rescue Error
    false
  end

  def eql?(other)
    other.is_a?(IPAddr) && self == other
  end

  def hash
    @number.hash
  end

  def <=>(other)
    other = IPAddr.new(other) unless other.is_a?(IPAddr)
    @number <=> other.to_i
  rescue Error
    nil
  end

  def loopback?
    @v6 ? @number == 1 : @number >> 24 == 127
  end

  def private?
    return @number >> 121 == 0x7e if @v6
    @number >> 24 == 10 || @number >> 20 == 0xac1 || @number >> 16 == 0xc0a8
  end

  def to_s
    return [24, 16, 8, 0].map { |shift| (@number >> shift) & 255 }.join('.') unless @v6
    words = (0..7).map { |i| (@number >> (112 - 16 * i)) & 0xffff }
    text = words.map { |w| w.to_s(16) }.join(':')
    best = (2..8).to_a.reverse.map { |n| [n, (0..8 - n).find { |i| words[i, n].all?(&:zero?) }] }.find { |_, at| at }
    return text unless best
    n, at = best
    words[0, at].map { |w| w.to_s(16) }.join(':') + '::' + words[at + n..-1].map { |w| w.to_s(16) }.join(':')
  end

  def inspect
    mask = @v6 ? "#{IPAddr.new('::').tap { |ip| ip.instance_variable_set(:@number, netmask) }.full}" : [24, 16, 8, 0].map { |s| (netmask >> s) & 255 }.join('.')
    "#<IPAddr: IPv#{@v6 ? 6 : 4}:#{@v6 ? full : to_s}/#{mask}>"
  end

  def full
    (0..7).map { |i| format('%04x', (@number >> (112 - 16 * i)) & 0xffff) }.join(':')
  end
  alias to_string to_s

  private

  def bits
    @v6 ? 128 : 32
  end

  def netmask
    ((1 << bits) - 1) ^ ((1 << (bits - @prefix)) - 1)
  end

  def parse4(address, text)
    parts = address.split('.', -1)
    valid = parts.size == 4 && parts.all? { |p| p =~ /\A\d{1,3}\z/ && p.to_i < 256 }
    raise InvalidAddressError, "invalid address: #{text}" unless valid
    parts.inject(0) { |n, p| n * 256 + p.to_i }
  end

  def parse6(address, text)
    address = address.sub(/%.*\z/, '')
    if address =~ /\A(.*:)(\d+\.\d+\.\d+\.\d+)\z/
      tail = parse4($2, text)
      address = $1 + format('%x:%x', tail >> 16, tail & 0xffff)
    end
    head, rest = address.split('::', 2)
    left = head.to_s.split(':')
    right = rest.to_s.split(':')
    fill = 8 - left.size - right.size
    words = address.include?('::') ? left + ['0'] * [fill, 0].max + right : left
    valid = words.size == 8 && words.all? { |w| w =~ /\A\h{1,4}\z/ }
    raise InvalidAddressError, "invalid address: #{text}" unless valid
    words.inject(0) { |n, w| (n << 16) + w.hex }
  end
end
