class OpenStruct
  def initialize(hash = nil)
    @table = {}
    hash.each { |k, v| @table[k.to_sym] = v } if hash
  end

  def initialize_copy(other)
    @table = other.to_h
  end

  def [](name)
    @table[name.to_sym]
  end

  def []=(name, value)
    @table[name.to_sym] = value
  end

  def to_h(&block)
    block ? @table.to_h(&block) : @table.dup
  end

  def each_pair(&block)
    @table.each_pair(&block)
    self
  end

  def dig(name, *rest)
    value = @table[name.to_sym]
    rest.empty? || value.nil? ? value : value.dig(*rest)
  end

  def delete_field(name)
    @table.delete(name.to_sym)
  end

  def respond_to_missing?(name, include_private = false)
    @table.key?(name.to_s.chomp('=').to_sym) || super
  end

  def method_missing(name, *args)
    text = name.to_s
    if text.end_with?('=')
      raise FrozenError, "can't modify frozen OpenStruct" if frozen?
      @table[text.chomp('=').to_sym] = args.first
    elsif args.empty?
      @table[name]
    else
      super
    end
  end

  def ==(other)
    other.is_a?(OpenStruct) && to_h == other.to_h
  end

  def eql?(other)
    self == other
  end

  def hash
    @table.hash
  end

  def inspect
    fields = @table.map { |k, v| " #{k}=#{v.inspect}" }.join(',')
    "#<#{self.class}#{fields}>"
  end
  alias to_s inspect
end
