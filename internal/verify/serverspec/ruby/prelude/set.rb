class Set
  include Enumerable

  def self.[](*list)
    new(list)
  end

  def initialize(list = nil, &block)
    @hash = {}
    return if list.nil?
    list.each { |v| add(block ? block.call(v) : v) }
  end

  def initialize_copy(other)
    @hash = other.instance_variable_get(:@hash).dup
  end

  def each(&block)
    return to_enum(:each) unless block
    @hash.each_key(&block)
    self
  end

  def add(v)
    raise FrozenError, "can't modify frozen Set: #{inspect}" if frozen?
    @hash[v] = true
    self
  end
  alias << add

  def add?(v)
    include?(v) ? nil : add(v)
  end

  def delete(v)
    @hash.delete(v)
    self
  end

  def delete?(v)
    include?(v) ? delete(v) : nil
  end

  def delete_if
    to_a.each { |v| delete(v) if yield(v) }
    self
  end
  alias reject! delete_if

  def select!
    to_a.each { |v| delete(v) unless yield(v) }
    self
  end
  alias keep_if select!
  alias filter! select!

  def merge(*lists)
    lists.each { |list| list.each { |v| add(v) } }
    self
  end

  def subtract(list)
    list.each { |v| delete(v) }
    self
  end

  def clear
    @hash.clear
    self
  end

  def include?(v)
    @hash.key?(v)
  end
  alias member? include?
  alias === include?
  alias contain? include?

  def size
    @hash.size
  end
  alias length size
  alias count_all size

  def empty?
    @hash.empty?
  end

  def to_a
    @hash.keys
  end

  def to_set
    self
  end

  def |(other)
    dup.merge(other)
  end
  alias + |
  alias union |

  def &(other)
    Set.new(other.select { |v| include?(v) })
  end
  alias intersection &

  def -(other)
    dup.subtract(other)
  end
  alias difference -

  def ^(other)
    (self | other) - (self & other)
  end

  def subset?(other)
    size <= other.size && all? { |v| other.include?(v) }
  end
  alias <= subset?

  def superset?(other)
    other.subset?(self)
  end
  alias >= superset?

  def proper_subset?(other)
    size < other.size && subset?(other)
  end
  alias < proper_subset?

  def proper_superset?(other)
    other.proper_subset?(self)
  end
  alias > proper_superset?

  def intersect?(other)
    any? { |v| other.include?(v) }
  end

  def disjoint?(other)
    !intersect?(other)
  end

  def ==(other)
    other.is_a?(Set) && size == other.size && subset?(other)
  end

  def eql?(other)
    self == other
  end

  def hash
    to_a.map(&:hash).sort.hash
  end

  def map!
    list = map { |v| yield(v) }
    clear
    merge(list)
  end

  def first(*args)
    to_a.first(*args)
  end

  def min(*args, &block)
    to_a.min(*args, &block)
  end

  def join(separator = nil)
    to_a.join(separator)
  end

  def freeze
    @hash.freeze
    super
  end

  def inspect
    "#<Set: {#{to_a.map(&:inspect).join(', ')}}>"
  end
  alias to_s inspect
end
