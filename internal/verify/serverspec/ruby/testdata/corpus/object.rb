class Animal
  attr_reader :name
  attr_accessor :age
  @@count = 0
  KIND = "animal"
  class << self
    def create(*args) = new(*args)
    attr_accessor :registry
  end
  def self.count = @@count
  def initialize(name, age = 1)
    @name = name
    @age = age
    @@count += 1
  end
  def to_s = "#{self.class.name}(#{@name})"
  def <=>(other) = age <=> other.age
  include Comparable
  def ==(o) = o.is_a?(Animal) && name == o.name
  protected def secret = 42
  private
  def hidden = 1
end
class Dog < Animal
  def initialize(name); super(name, 3); end
  def speak = "woof from #{name}"
  def cmp(o) = o.secret
end
d = Dog.create("Rex"); a = Animal.new("Cat", 2)
puts d, d.speak, d.age, Animal.count, d > a, [d, a].min, Dog.superclass, Dog.ancestors.first(3).inspect, d.is_a?(Animal), Dog::KIND, d.cmp(a)
begin; d.hidden; rescue NoMethodError => e; puts e.message.sub(/#<.*>/, "OBJ"); end
begin; d.secret; rescue NoMethodError => e; puts e.message.sub(/#<.*>/, "OBJ"); end
p d.respond_to?(:hidden), d.respond_to?(:speak), d.instance_variables, d.instance_variable_get(:@name), Dog.instance_methods(false).sort, d.send(:hidden), d.public_send(:speak), Dog.instance_method(:speak).class, d.method(:speak).call, Animal.registry, d.clamp(a, d).name, d.between?(a, d), d.frozen?
d.age += 1; p d.age; d.instance_variable_set(:@z, 1); p d.instance_variable_defined?(:@z)
#=>
Dog(Rex)
woof from Rex
3
2
true
Animal(Cat)
Animal
[Dog, Animal, Comparable]
true
animal
42
private method `hidden' called for OBJ
protected method `secret' called for OBJ
false
true
[:@name, :@age]
"Rex"
[:cmp, :speak]
1
"woof from Rex"
UnboundMethod
"woof from Rex"
nil
"Rex"
true
false
4
true
#---
module Greet
  def self.included(base); base.extend(ClassMethods); end
  module ClassMethods; def greeting(g = nil); g ? @g = g : @g; end; end
  def greet = "#{self.class.greeting} #{who}"
end
class P; include Greet; greeting "hi"; def who = "p"; end
puts P.new.greet; p P.include?(Greet), P.ancestors.include?(Greet), Greet.instance_methods, P.new.is_a?(Greet), Greet === P.new
module Loud; def greet = super.upcase + "!"; end
class P; prepend Loud; end
puts P.new.greet; o = P.new; o.extend(Module.new { def extra = "extra" }); puts o.extra; p o.singleton_methods
def o.single = "single"; puts o.single; p P.name, P.to_s, P.class, P.new.class, Class.new.name, Module.new.to_s[0, 9]
module Util; module_function; def helper(x) = x * 2; end; p Util.helper(4)
module Deep; module Inner; VALUE = 1; class K; def v = VALUE; end; end; def self.x = Inner::VALUE; end; p Deep::Inner::K.new.v, Deep.x, Deep::Inner::K, Deep::Inner.name, Deep.constants.sort, Deep.const_get(:Inner), Object.const_get("Deep::Inner::VALUE"), Deep.const_defined?(:Zork)
#=>
hi p
true
true
[:greet]
true
true
HI P!
extra
[:extra]
single
"P"
"P"
Class
P
nil
"#<Module:"
8
1
1
Deep::Inner::K
"Deep::Inner"
[:Inner]
Deep::Inner
1
false
#---
class Ghost
  def method_missing(name, *args, &blk)
    if name.to_s.start_with?("get_") then "got #{name.to_s.sub("get_", "")} #{args}" else super end
  end
  def respond_to_missing?(name, priv = false) = name.to_s.start_with?("get_") || super
end
g = Ghost.new; puts g.get_x(1, 2); p g.respond_to?(:get_y), g.respond_to?(:other), g.method(:get_q).call
begin; g.other; rescue NoMethodError => e; puts e.message.sub(/0x\h+/, "0x"); end
class Meta; %w[a b].each { |n| define_method("m_#{n}") { |x = 1| "#{n}#{x}" } }; define_method(:w) { |*a, k: 0, &b| [a, k, b&.call] }; end
p Meta.new.m_a, Meta.new.m_b(5), Meta.new.w(1, k: 2) { 3 }, Meta.method_defined?(:m_a), Meta.new.methods.include?(:m_a)
Meta.class_eval { def added = :added; attr_writer :q }; p Meta.new.added; Meta.send(:define_method, :z) { self.class }; p Meta.new.z
p Meta.new.instance_eval { @x = 5; @x }, Meta.new.instance_exec(3) { |v| v + 1 }, Meta.instance_methods(false).size
String.class_eval { def shout = upcase + "!" }; p "a".shout; class Integer; def double = self * 2; end; p 4.double
class Meta; alias_method :mm, :m_a; alias nn m_b; remove_method :added; undef_method :z; end; p Meta.new.mm, Meta.new.nn
begin; Meta.new.z; rescue NoMethodError => e; puts e.message.sub(/0x\h+/, "0x"); end
s = Class.new(StandardError) { def message = "custom" }; begin; raise s; rescue => e; p e.message; end
#=>
got x [1, 2]
true
false
"got q []"
undefined method `other' for #<Ghost:0x>
"a1"
"b5"
[[1], 2, 3]
true
true
:added
Meta
5
4
6
"A!"
8
"a1"
"b1"
undefined method `z' for #<Meta:0x>
"custom"
#---
S = Struct.new(:a, :b) do def sum = a + b end
s = S.new(1, 2); p s, s.sum, s.to_a, s.a, s[0], s["b"], s[:a], s == S.new(1, 2), s.to_h, S.members, s.each.to_a, s.eql?(S.new(1, 2)), { s => 1 }[S.new(1, 2)]; s.a = 5; p s; a, b = *s; p a, b
K = Struct.new(:x, :y, keyword_init: true); p K.new(x: 1, y: 2), K.new(x: 1).y
begin; S.new(1, 2, 3); rescue ArgumentError => e; puts e.message; end
Point = Struct.new(:x, :y) { def dist = Math.sqrt(x * x + y * y); def to_s = "(#{x}, #{y})" }; puts Point.new(3, 4), Point.new(3, 4).dist; p Point.new(1), [Point.new(2, 1), Point.new(1, 2)].sort_by(&:x), Point.new(1, 2).values, Point.new(1, 2).size
#=>
#<struct S a=1, b=2>
3
[1, 2]
1
1
2
1
true
{:a=>1, :b=>2}
[:a, :b]
[1, 2]
true
1
#<struct S a=5, b=2>
5
2
#<struct K x=1, y=2>
nil
struct size differs
(3, 4)
5.0
#<struct Point x=1, y=nil>
[#<struct Point x=1, y=2>, #<struct Point x=2, y=1>]
[1, 2]
2
#---
require "ostruct"; o = OpenStruct.new(a: 1, "b" => 2); p o.a, o.b, o.c, o[:a], o.respond_to?(:a), o.to_h, o; o.z = 5; p o.z, o == OpenStruct.new(a: 1, b: 2, z: 5), o.dig(:a)
require "set"; s = Set.new([1, 2, 2]); s << 3; p s.size, s.include?(2), s.to_a, s | [4], s & [1], s - [1], s.subset?(Set[1, 2, 3, 4]), Set[1] == Set[1], s.map { |x| x * 2 }.class, s.add?(1), s, Set.new([3, 1]).sort, s.select(&:odd?).class, Set[1, 2].superset?(Set[1])
require "forwardable"; class Q; extend Forwardable; def_delegators :@l, :size, :<<, :first; def_delegator :@l, :last, :final; def initialize; @l = []; end; end; q = Q.new; q << 1 << 2; p q.size, q.first, q.final
require "singleton"; class Sing; include Singleton; attr_accessor :v; end; p Sing.instance.equal?(Sing.instance)
begin; Sing.new; rescue NoMethodError => e; puts e.message; end
#=>
1
2
nil
1
true
{:a=>1, :b=>2}
#<OpenStruct a=1, b=2>
5
true
1
3
true
[1, 2, 3]
#<Set: {1, 2, 3, 4}>
#<Set: {1}>
#<Set: {2, 3}>
true
true
Array
nil
#<Set: {1, 2, 3}>
[1, 3]
Array
true
2
1
2
true
private method `new' called for Sing:Class
#---
class V; include Comparable; attr_reader :v; def initialize(v) = @v = v; def <=>(o) = v <=> o.v; def succ = V.new(v + 1); def to_s = "V#{v}"; def inspect = "#<V #{v}>"; def hash = v.hash; def eql?(o) = v == o.v; def coerce(n) = [V.new(n), self]; def +(o) = V.new(v + (o.is_a?(V) ? o.v : o)); def [](i) = v * i; def []=(i, x); @v = i * x; end; def call(x) = x; def -@ = V.new(-v); def !; "not"; end; def to_str = "vstr"; def each; yield 1; yield 2; end; include Enumerable; def =~(o) = "match"; end
v = V.new(3); p v == V.new(3), { v => 1 }[V.new(3)], [V.new(2), v].max, v + 1, 1 + v, v[2], v.(7), -v, !v, "x" + v, v.map { |x| x * 2 }, v.sort, v.include?(2), v.first, v.to_a, v.reduce(:+), v.each_with_index.to_a, v.min_by { |x| -x }, v =~ 1, [V.new(1), V.new(1)].uniq.size, v.entries, v.each_slice(1).to_a, v.sum; v[2] = 5; p v, "#{v}", v.zip([3, 4]), v.inject { |a, b| a * b }, v.each_entry.to_a, v.clamp(V.new(1), V.new(4))
#=>
true
1
#<V 3>
#<V 4>
#<V 4>
6
7
#<V -3>
"not"
"xvstr"
[2, 4]
[1, 2]
true
1
[1, 2]
3
[[1, 0], [2, 1]]
2
"match"
1
[1, 2]
[[1], [2]]
3
#<V 10>
"V10"
[[1, 3], [2, 4]]
2
[1, 2]
#<V 4>
#---
o = Object.new; def o.to_s = "custom"; puts o, "#{o}", [o].join, o.inspect =~ /#<Object/ ? "ok" : o.inspect; p o.nil?, o.dup.class, o.frozen?, o.instance_of?(Object), o.kind_of?(BasicObject), o == o.dup, o.equal?(o), o.hash == o.hash, o.singleton_methods
p Object.new.inspect =~ /\A#<Object:0x\h{16}>\z/ ? 1 : 0; class WithIv; def initialize; @a = 1; @b = "x"; end; end; puts WithIv.new.inspect.gsub(/0x\h+/, "0x"), WithIv.new.to_s.gsub(/0x\h+/, "0x")
p 5.instance_of?(Integer), Integer === 5, Comparable === 5, (1..3) === 2, /a/ === "cat", :a === :a, String === "s", Class === String, nil.to_a, Kernel.respond_to?(:puts), Object.new.respond_to?(:puts), 5.frozen?, [1].frozen?, nil.frozen?, Integer.instance_methods.include?(:+), 3.method(:+).call(4), [1, 2].public_send(:map) { |x| x + 1 }, "a".respond_to?(:unpack)
class Foo; def initialize(a:, b: 2) = (@a, @b = a, b); def vals = [@a, @b]; end; p Foo.new(a: 1).vals; begin; Foo.new; rescue ArgumentError => e; puts e.message; end
begin; Object.new(1); rescue ArgumentError => e; puts e.message; end
begin; class Zed < 5; end; rescue TypeError => e; puts e.message; end
begin; String.new.zork; rescue => e; puts e.message; end
begin; Integer.new; rescue NoMethodError => e; puts e.message; end
begin; BasicObject.new.inspect; rescue NoMethodError => e; puts e.message.sub(/0x\h+/, "0x"); end
class Base; def self.inherited(k); (@subs ||= []) << k.name; super; end; def self.subs = @subs; end; class D1 < Base; end; p Base.subs
class Lazy; def v = @v ||= begin; puts "once"; 1; end; end; l = Lazy.new; l.v; p l.v
class Sup; def hi(a, b = 2, *c, k: 1) = [a, b, c, k]; end; class Sub < Sup; def hi(a, b = 3, *c, k: 5); a += 1; super; end; end; p Sub.new.hi(1), Sub.new.hi(1, 2, 3, k: 9)
class Sub2 < Sup; def hi(*) = super; end; p Sub2.new.hi(7, 8); class Sub3 < Sup; def hi(...) = super(...); end; p Sub3.new.hi(7, k: 3)
$stdout.puts "out"; STDOUT.print "a", "b\n"; $stdout.write("w\n"); $stderr.puts "err"; $stdout << "c" << "\n"; $stdout.flush; warn "x"; $stdout.sync = true; $stdout.printf("%d\n", 3); p $stdout.tty?, $PROGRAM_NAME.class, ARGV
#=>
custom
custom
custom
ok
false
Object
false
true
true
false
true
true
[:to_s]
1
#<WithIv:0x @a=1, @b="x">
#<WithIv:0x>
true
true
true
true
true
true
true
true
[]
true
false
true
false
true
true
7
[2, 3]
true
[1, 2]
missing keyword: :a
wrong number of arguments (given 1, expected 0)
superclass must be an instance of Class (given an instance of Integer)
undefined method `zork' for "":String
undefined method `new' for Integer:Class
undefined method `inspect' for #<BasicObject:0x>
["D1"]
once
1
[2, 3, [], 5]
[2, 2, [3], 9]
[7, 8, [], 1]
[7, 2, [], 3]
out
ab
w
c
3
false
String
[]
#---
begin; Integer.allocate; rescue TypeError => e; puts e.message; end
begin; String.instance_method(:upcase).bind(5); rescue TypeError => e; puts e.message; end
begin; class Odd; define_method(:x, String.instance_method(:upcase)); end; rescue TypeError => e; puts e.message; end
p String.instance_method(:upcase).bind("a").call, String.instance_method(:upcase).bind_call("b")
class Sub5 < Struct.new(:q); def dbl = q * 2; end; p Sub5.new(4).dbl, Sub5.new(4), Sub5.ancestors.include?(Struct)
#=>
allocator undefined for Integer
bind argument must be an instance of String
bind argument must be a subclass of String
"A"
"B"
8
#<struct Sub5 q=4>
true
