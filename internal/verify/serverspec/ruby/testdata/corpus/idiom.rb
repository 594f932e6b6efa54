require "yaml"
properties = YAML.load_file("config.yml", aliases: true)
host = ENV["TARGET_HOST"] || "default"
options = { user: "root" }.merge(port: 22)
%w[nginx php-fpm].each do |pkg|
  name = "#{pkg}-#{options[:port]}"
  puts "package #{name}" unless pkg =~ /php/
end
puts host, properties.fetch("name"), properties["hosts"].map { |h| h.is_a?(Hash) ? h["ip"] : h }.join(" ")
p properties.dig("hosts", 0, "ip"), properties.key?("nope"), (properties["x"] || {})["y"]
#=>
package nginx-22
default
web
10.0.0.1 10.0.0.2
"10.0.0.1"
false
nil
#---
module Cfg
  DEFAULTS = { "debian" => %w[apache2 mysql], "redhat" => %w[httpd mariadb] }.freeze
  class << self
    def packages(os) = DEFAULTS.fetch(os) { raise KeyError, "no #{os}" }
    attr_writer :debug
    def debug? = !!@debug
  end
  def self.each_service
    return enum_for(:each_service) unless block_given?
    DEFAULTS.each { |os, list| list.each { |s| yield os, s } }
  end
end
p Cfg.packages("debian"), Cfg.debug?; Cfg.debug = 1; p Cfg.debug?; Cfg.each_service { |os, s| puts "#{os}/#{s}" }; p Cfg.each_service.to_a, Cfg::DEFAULTS.frozen?
begin; Cfg.packages("plan9"); rescue KeyError => e; puts "#{e.class}: #{e.message}"; end
#=>
["apache2", "mysql"]
false
true
debian/apache2
debian/mysql
redhat/httpd
redhat/mariadb
[["debian", "apache2"], ["debian", "mysql"], ["redhat", "httpd"], ["redhat", "mariadb"]]
true
KeyError: no plan9
#---
os = { family: "debian", release: "12.5" }
pkg = case os[:family]
      when "debian", "ubuntu" then "apache2"
      when /redhat|centos/ then "httpd"
      else raise "unknown"
      end
puts pkg
puts "new" if os[:release].to_f >= 12 and os[:family] != "redhat"
puts Gem::Version.new("1.10") > Gem::Version.new("1.9") ; p Gem::Version.new("1.10.0") == Gem::Version.new("1.10"), %w[1.9 1.10 1.2.b1].map { |v| Gem::Version.new(v) }.max.to_s, Gem::Requirement.new("~> 1.2").satisfied_by?(Gem::Version.new("1.9")), Gem::Version.new("2.0.pre") < Gem::Version.new("2.0")
version = os[:release].split(".").map(&:to_i); p version, (version <=> [12, 4]), version.first.between?(11, 13)
conf = { "a" => { "b" => [1, { "c" => "d" }] } }
def flat(h, prefix = nil) = h.each_with_object({}) { |(k, v), out| key = [prefix, k].compact.join("."); v.is_a?(Hash) ? out.merge!(flat(v, key)) : out[key] = v }
p flat(conf)
#=>
apache2
new
true
true
"1.10"
true
true
[12, 5]
1
true
{"a.b"=>[1, {"c"=>"d"}]}
#---
lines = <<-EOF.split("\n").map(&:strip).reject(&:empty?)
  tcp   LISTEN 0  128  0.0.0.0:22   0.0.0.0:*
  tcp   LISTEN 0  128     [::]:80      [::]:*

EOF
ports = lines.map { |l| l.split[4][/:(\d+)\z/, 1].to_i }
p ports, ports.include?(80), lines.size, lines.first.split(/\s+/).values_at(0, 4)
users = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n".each_line.map { |l| l.chomp.split(":", -1) }.map { |n, _, uid, *, shell| { name: n, uid: Integer(uid), shell: shell } }
p users, users.find { |u| u[:uid].zero? }[:name], users.sum { |u| u[:uid] }, users.group_by { |u| File.basename(u[:shell]) }.keys
ini = "[a]\nx = 1\n; c\n[b]\ny=2"; section = nil
r = ini.lines.each_with_object(Hash.new { |h, k| h[k] = {} }) { |l, h| case l.strip when /^\[(.+)\]$/ then section = $1 when /^(\w+)\s*=\s*(.*)$/ then h[section][$1] = $2 end }
p r, r.to_a, r["b"]["y"]
#=>
[22, 80]
true
2
["tcp", "0.0.0.0:22"]
[{:name=>"root", :uid=>0, :shell=>"/bin/bash"}, {:name=>"nobody", :uid=>65534, :shell=>"/usr/sbin/nologin"}]
"root"
65534
["bash", "nologin"]
{"a"=>{"x"=>"1"}, "b"=>{"y"=>"2"}}
[["a", {"x"=>"1"}], ["b", {"y"=>"2"}]]
"2"
#---
def retry_it(times: 3, wait: 0)
  attempts ||= 0
  attempts += 1
  yield attempts
rescue ArgumentError => e
  sleep wait
  retry if attempts < times
  raise "gave up after #{attempts}: #{e.message}"
else
  :fine
ensure
  puts "done"
end
p retry_it { |n| raise ArgumentError, "n#{n}" if n < 2; n }
begin; retry_it(times: 2) { raise ArgumentError, "never" }; rescue => e; puts e.message, e.cause.class; end
#=>
done
:fine
done
gave up after 2: never
ArgumentError
#---
class Matcher
  def initialize(*expected, &block) = (@expected, @block, @chains = expected, block, {})
  def method_missing(name, *args) = name.to_s.start_with?("with_") ? (@chains[name] = args.first; self) : super
  def respond_to_missing?(n, p = false) = n.to_s.start_with?("with_") || super
  def matches?(actual) = (@actual = actual) && instance_exec(actual, &@block)
  def description = "match #{@expected.map(&:inspect).join(", ")}#{@chains.map { |k, v| " #{k.to_s.tr("_", " ")} #{v.inspect}" }.join}"
end
m = Matcher.new(1, "a") { |x| @expected.include?(x) }.with_level(3).with_name("n"); p m.matches?("a"), m.matches?(2), m.description, m.respond_to?(:with_x), m.respond_to?(:zork)
#=>
true
false
"match 1, \"a\" with level 3 with name \"n\""
true
false
#---
$node ||= { "a" => 1 }; $node["b"] ||= []; $node["b"] << 1; p $node, $node["c"]&.fetch(0), $node.dig("b", 0)
@cache = {}; def cached(k) = (@cache ||= {})[k] ||= yield; p cached(:a) { 1 }, cached(:a) { 2 }
a, b = "k=v".split("=", 2); p a, b; first, *rest = %w[x y z]; p first, rest; h = { a: 1, **{ b: 2 }, "c": 3 }; p h; p [*h.keys, *[1, 2]], [[1, 2], [3, 4]].to_h { |x, y| [x.to_s, y] }
puts "%-20s %s" % %w[name value], "=" * 10, "a".ljust(3) + "|", 5.to_s.rjust(3, "0"), "tot: #{"%.2f" % 3.14159}", "#{1}#{"#{2}"}"
puts [1, 2, 3].to_s + "x", "a" + :b.to_s, "abc"[1..] * 2, 'single #{x}', "tab\tq\"uote", "multi
line", "con" "cat", ?c
x = if true then :t else :f end; y = while true do break :b end; z = begin 1 / 0 rescue :z end; p x, y, z, (puts "in"; 5), [1, 2, 3].sum.then { |s| s > 5 ? "big" : "small" }
p (1..3).each_slice(2).to_a.inspect, __method__.inspect, [nil, false, 0, "", []].map { |v| v ? 1 : 0 }, !!nil, (not 1), 5.!, nil.to_a.empty?, [] <=> [1], "a".!
#=>
{"a"=>1, "b"=>[1]}
nil
1
1
1
"k"
"v"
"x"
["y", "z"]
{:a=>1, :b=>2, :c=>3}
[:a, :b, :c, 1, 2]
{"1"=>2, "3"=>4}
name                 value
==========
a  |
005
tot: 3.14
12
[1, 2, 3]x
ab
bcbc
single #{x}
tab	q"uote
multi
line
concat
c
in
:t
:b
:z
5
"big"
"[[1, 2], [3]]"
"nil"
[0, 0, 1, 1, 1]
false
false
false
true
-1
false
#---
content = "server {\n  listen 80;\n  server_name example.com;\n}\n"
p content.match?(/listen\s+80;/), content =~ /server_name (\S+);/, $1, content.scan(/^\s+(\w+) (.+);$/), content.lines.grep(/listen/).first.strip, content.include?("listen 80"), content.split("\n").map(&:strip).select { |l| l.end_with?(";") }.map { |l| l.chomp(";").split(" ", 2) }.to_h, content.each_line.with_index(1).map { |l, i| "#{i}:#{l.chomp}" }.last, content.sub(/\d+/) { |n| (n.to_i + 1).to_s }[/listen (\d+)/, 1], content.lines.map(&:chomp).map(&:length).max, content.index("listen"), content.tr("{}", "[]")[7], content[/server_name\s+(?<name>[^;]+)/, "name"], content.squeeze(" ").count("\n"), content.lines.partition { |l| l =~ /;/ }.map(&:size), content.hash == content.dup.hash
#=>
true
24
"example.com"
[["listen", "80"], ["server_name", "example.com"]]
"listen 80;"
true
{"listen"=>"80", "server_name"=>"example.com"}
"4:}"
"81"
26
11
"["
"example.com"
4
[2, 2]
true
#---
class Stack
  include Enumerable
  def initialize(*v) = @v = v
  def each(&b) = block_given? ? (@v.each(&b); self) : to_enum
  def <<(x) = tap { @v << x }
  def to_s = "Stack(#{@v.join(",")})"
  def inspect = "#<Stack #{@v}>"
  def coerce(o) = [o, @v.sum]
  def ===(o) = @v.include?(o)
  def to_proc = ->(x) { @v.include?(x) }
  def to_ary = @v
end
s = Stack.new(3, 1) << 2; puts s, "#{s}"; p s, s.sort, s.map { |x| x + 1 }, s.include?(2), s.min_by { |x| -x }, s.each_slice(2).to_a, s.first, s.first(2), s.inject(:+), s.to_a, s.each.next, s.sum, s.sort_by { |x| -x }, s.each_with_index.to_a, s.reduce(1) { |a, b| a * b }, s.zip(s), s.each_with_object([]) { |x, a| a << x }, s.partition(&:odd?), s.entries, s.reject(&:odd?), s.count, s.tally, s.max, s.minmax, s.group_by(&:odd?), s.each_cons(2).to_a, s.find { |x| x < 3 }, s.take_while { |x| x > 2 }, s.reverse_each.to_a, s.uniq, s.each_entry.to_a, s.chunk_while { |a, b| b == a + 1 }.to_a, s.flat_map { |x| [x] * x }
case 1 when s then puts "in stack" end; p [1, 5].map(&s); a, b, c = s; p a, b, c; p 1 + s
#=>
3
1
2
Stack(3,1,2)
#<Stack [3, 1, 2]>
[1, 2, 3]
[4, 2, 3]
true
3
[[3, 1], [2]]
3
[3, 1]
6
[3, 1, 2]
3
6
[3, 2, 1]
[[3, 0], [1, 1], [2, 2]]
6
[[3, 3], [1, 1], [2, 2]]
[3, 1, 2]
[[3, 1], [2]]
[3, 1, 2]
[2]
3
{3=>1, 1=>1, 2=>1}
3
[1, 3]
{true=>[3, 1], false=>[2]}
[[3, 1], [1, 2]]
1
[3]
[2, 1, 3]
[3, 1, 2]
[3, 1, 2]
[[3], [1, 2]]
[3, 3, 3, 1, 2, 2]
in stack
[true, false]
3
1
2
7
#---
obj = Object.new
class << obj
  def hi = "hi #{self.class}"
  attr_accessor :z
  private def sec = 1
end
obj.z = 4; p obj.hi, obj.z, obj.singleton_methods.sort; begin; obj.sec; rescue NoMethodError => e; puts e.message.gsub(/0x\h+/, ""); end
obj.instance_variable_set(:@q, 1); p obj.instance_variables, obj.instance_variable_get(:@q), obj.respond_to?(:hi), obj.method(:hi).arity, obj.public_methods(false).class, obj.then { |o| o.z }
obj.define_singleton_method(:dyn) { |x = 2| x * @q }; p obj.dyn, obj.dyn(5), obj.singleton_class.instance_methods(false).sort, obj.singleton_class.inspect[0, 8]
k = Class.new { def self.name = "Named"; define_method(:a) { 1 }; const_set(:C, 5) }; p k.new.a, k.name, k::C, k.const_get(:C); Konst = Class.new(StandardError); p Konst.name, Konst.new.message, Konst.ancestors.take(2)
p Module.new.instance_methods, Comparable.instance_methods.sort, Kernel.method_defined?(:puts), Object.private_method_defined?(:puts), Class.instance_method(:new).class, [].method(:push).unbind.class, 5.method(:+).owner, "a".method(:upcase).receiver, method(:p).name, [1, 2].each_slice(2).class
#=>
"hi Object"
4
[:hi, :z, :z=]
private method `sec' called for #<Object: @z=4>
[:@z, :@q]
1
true
0
Array
4
2
5
[:dyn, :hi, :z, :z=]
"#<Class:"
1
"Named"
5
5
"Konst"
"Konst"
[Konst, StandardError]
[]
[:<, :<=, :==, :>, :>=, :between?, :clamp]
false
true
UnboundMethod
UnboundMethod
Integer
"a"
:p
Enumerator
#---
def opt(a, b = a * 2, *c, d, e: b, f: e + 1, **g, &h) = [a, b, c, d, e, f, g, h&.call]
p opt(1, 2), opt(1, 2, 3), opt(1, 2, 3, 4, e: 5), opt(1, 2, z: 9) { :blk }, method(:opt).arity, method(:opt).parameters
def dest((a, b), c) = [a, b, c]
p dest([1, 2], 3), ->((x, y), z = 3) { [x, y, z] }.([1, 2]), proc { |x, (y, *z), w| [x, y, z, w] }.call(1, [2, 3, 4], 5), proc { |x,| x }.call([1, 2]), lambda(&:upcase).call("a"), proc { |a, b = 5, *c, d| [a, b, c, d] }.call(1, 2), proc { |*a, **k| [a, k] }.call(1, z: 2), proc { |a, k: 1| [a, k] }.call([1, 2]), proc { || 1 }.call(2, 3)
def blk(&) = inner(&); def inner = yield(1); p blk { |x| x + 1 }
def yielder; yield 1; yield 2; :end; end; p yielder { |x| next x * 2 }, yielder { |x| break x }, (yielder do |x| x end), to_enum(:yielder).to_a, enum_for(:yielder).map { |x| x * 3 }
def nest = [1, 2].each { |x| [3, 4].each { |y| return [x, y] if y == 4 } }; p nest; p [1, 2, 3].each_with_index.map { |x, i| next 0 if i == 1; x }; r = [1, 2, 3].each do |x| next if x == 1; break x * 100 end; p r
#=>
[1, 2, [], 2, 2, 3, {}, nil]
[1, 2, [], 3, 2, 3, {}, nil]
[1, 2, [3], 4, 5, 6, {}, nil]
[1, 2, [], 2, 2, 3, {:z=>9}, :blk]
-3
[[:req, :a], [:opt, :b], [:rest, :c], [:req, :d], [:key, :e], [:key, :f], [:keyrest, :g], [:block, :h]]
[1, 2, 3]
[1, 2, 3]
[1, 2, [3, 4], 5]
1
"A"
[1, 5, [], 2]
[[1], {:z=>2}]
[1, 1]
1
2
:end
1
:end
[1, 2]
[3, 6]
[1, 4]
[1, 0, 3]
200
#---
puts "ok" if "abc" =~ /b/ && $~.pre_match == "a"; puts $~[0]; "xyz".match(/y/) { |m| puts m[0] }; if (m = "k: v".match(/(\w): (\w)/)) then puts m[1], m[2] end; puts "no" unless "abc".match?(/z/); case "hello world" when /hello (\w+)/ then puts $1 end; p $~ && $~[1]; def mm = "q" =~ /q/; mm; p $~[0]; [/a/, /b/].each { |re| puts re.source if "b".match?(re) }; p "a1b2".gsub(/\d/) { |d| (d.to_i * 2).to_s }, "a.b".split("."), "2024-01-02".match(/(?<y>\d+)-(?<m>\d+)/).named_captures, "x".gsub(/x/, "x" => "y"), "ab".each_char.map { |c| c.match(/[a]/) ? 1 : 0 }
#=>
ok
b
y
k
v
no
world
"world"
"hello world"
b
"a2b4"
["a", "b"]
{"y"=>"2024", "m"=>"01"}
"y"
[1, 0]
#---
begin
  raise ArgumentError
rescue => e
  p e.message, e.backtrace.first[/main.rb:\d+/], $!.equal?(e), $@.class
end
p $!
class Err < StandardError
  attr_reader :code
  def initialize(msg = "dflt", code: 1) = (super(msg); @code = code)
  def to_s = "E:" + super
end
begin; raise Err.new("m", code: 5); rescue Err => e; p e.message, e.code, e.inspect, e.to_s; end
begin; raise Err; rescue Err, TypeError => e; p e.message, e.code; end
begin; raise Err.new(code: 7), "over"; rescue => e; p e.message, e.code; end
def risky = yield; p (risky { raise "x" } rescue "saved #{$!.message}"); x = Integer("z") rescue -1; p x
begin; begin; raise "a"; ensure; puts "e1"; end; rescue => e; puts e.message; ensure; puts "e2"; end
begin; [1, 2].each { |i| begin; next if i == 1; raise "i#{i}"; ensure; puts "ens#{i}"; end }; rescue => e; puts e.message; end
def multi; yield; rescue ArgumentError, KeyError => e; "AK #{e.class}"; rescue *[IOError, TypeError] => e; "IT #{e.class}"; end; p multi { raise KeyError }, multi { raise TypeError, "t" }, multi { {}.fetch(:a) }
e = (raise "q" rescue $!); p e.exception.equal?(e), e.exception("new").message, (raise e rescue $!.message), e == RuntimeError.new("q"), StandardError.new(nil).message, StandardError.new(5).message, RuntimeError.new("x").full_message(highlight: false).class, e.cause
begin; raise IOError, "x", cause: nil; rescue => e; p e.cause; end; begin; raise "s", cause: RuntimeError.new("c"); rescue => e; p e.cause.message; end; begin; def z(a:) = a; z; rescue ArgumentError => e; p e.message; end; begin; z(1); rescue ArgumentError => e; p e.message; end; begin; z(a: 1, b: 2); rescue ArgumentError => e; p e.message; end; begin; ->(x) {}.call; rescue ArgumentError => e; p e.message; end; begin; [].fetch(3); rescue IndexError => e; p e.message; end; begin; nil + 1; rescue NoMethodError => e; p e.message; end; begin; nil[0]; rescue => e; p e.message; end; begin; Object.const_get(:Nope); rescue NameError => e; p e.message, e.name; end; begin; Math::NOPE; rescue NameError => e; p e.message; end; begin; @x.y; rescue => e; p e.message; end; begin; true.foo; rescue => e; p e.message; end; begin; 5.upcase; rescue => e; p e.message; end; begin; :a.nope; rescue => e; p e.message; end; begin; {a: 1}.nope; rescue => e; p e.message; end; begin; "x" * -1; rescue => e; p e.message; end; begin; [1, 2].first("x"); rescue => e; p e.message; end; begin; "a".center; rescue => e; p e.message; end; begin; Integer("12x"); rescue => e; p e.message; end; begin; "abc".to_sym.call; rescue => e; p e.message; end; begin; raise "a\nb"; rescue => e; p e; end; begin; "x".frozen_thing; rescue => e; p e.message; end; begin; CONST_X = 1; CONST_X.freeze; p CONST_X; end; begin; Struct.new(:a).new(1, 2); rescue => e; p e.message; end; begin; loop { raise StopIteration, "done" }; p 1; end; begin; [3, "a", nil].sort; rescue => e; p e.class; end; begin; [[1], ["a"]].sort; rescue => e; p e.message; end; begin; %w[a b].sum; rescue => e; p e.message; end; begin; "5" + 5; rescue => e; p e.message; end; begin; 5 + "5"; rescue => e; p e.message; end; begin; [1] + 5; rescue => e; p e.message; end; begin; {}.merge(5); rescue => e; p e.message; end; begin; "a".send(:zork); rescue => e; p e.message; end; begin; Array.new(-1); rescue => e; p e.message; end
#=>
"ArgumentError"
"main.rb:2"
true
Array
nil
"E:m"
5
"#<Err: E:m>"
"E:m"
"E:dflt"
1
"E:over"
7
"saved x"
-1
e1
a
e2
ens1
ens2
i2
"AK KeyError"
"IT TypeError"
"AK KeyError"
true
"new"
"q"
false
"StandardError"
"5"
String
nil
nil
"c"
"missing keyword: :a"
"wrong number of arguments (given 1, expected 0; required keyword: a)"
"unknown keyword: :b"
"wrong number of arguments (given 0, expected 1)"
"index 3 outside of array bounds: 0...0"
"undefined method `+' for nil:NilClass"
"undefined method `[]' for nil:NilClass"
"uninitialized constant Nope"
:Nope
"uninitialized constant Math::NOPE"
"undefined method `y' for nil:NilClass"
"undefined method `foo' for true:TrueClass"
"undefined method `upcase' for 5:Integer"
"undefined method `nope' for :a:Symbol"
"undefined method `nope' for {:a=>1}:Hash"
"negative argument"
"no implicit conversion of String into Integer"
"wrong number of arguments (given 0, expected 1..2)"
"invalid value for Integer(): \"12x\""
"undefined method `call' for :abc:Symbol"
#<RuntimeError: a
b>
"undefined method `frozen_thing' for \"x\":String"
1
"struct size differs"
1
ArgumentError
"comparison of Array with Array failed"
"String can't be coerced into Integer"
"no implicit conversion of Integer into String"
"String can't be coerced into Integer"
"no implicit conversion of Integer into Array"
"no implicit conversion of Integer into Hash"
"undefined method `zork' for \"a\":String"
"negative array size"
#---
def check(os) = os =~ /deb/i ? :apt : :yum
[{ os: "Debian", pk: %w[a b] }, { os: "rhel", pk: [] }].each do |h|
  os, pk = h.values_at(:os, :pk)
  puts "#{os} #{check(os)} #{pk.join("+")}"
end
[["web", { "ports" => [80, 443] }]].each { |name, cfg| cfg["ports"].each_with_index { |port, i| puts "#{name}:#{port}:#{i}" } }
{ "a" => %w[x], b: nil }.each_pair { |k, v| puts "#{k.inspect} #{Array(v).size}" }
puts [1, 2, 3, 4].each_slice(2).map { |a, b| "#{a}-#{b}" }.join(","), (1..3).inject { |a, b| a * b }, %w[a b c].each_cons(2).map(&:join).inspect, [[3, "c"], [1, "a"]].sort.map(&:last).join, %w[b a].sort.first, ("a".."c").zip(1..3).flatten.inspect
puts <<~A.lines.map(&:strip).join("|")
  x
    y #{[1, 2].map { |z| "<#{z}>" }.join}
A
puts "a: %s, b: %p" % ["x", "y"], "#{"nested #{"deep #{1 + 1}"}"}", 'a' 'b', "\u00e9\x41\101\n".inspect, "a\
b", %q{a{b}c}, %w(a\ b c).inspect, %i[a b].inspect, :"x-y".inspect, "é".bytes.inspect
#=>
Debian apt a+b
rhel yum 
web:80:0
web:443:1
"a" 1
:b 0
1-2,3-4
6
["ab", "bc"]
ac
a
["a", 1, "b", 2, "c", 3]
x|y <1><2>
a: x, b: "y"
nested deep 2
ab
"éAA\n"
ab
a{b}c
["a b", "c"]
[:a, :b]
:"x-y"
[195, 169]
#---
begin; require 'rspec_not_there'; rescue LoadError => e; puts e.message; end
p [1, 2, 3].frozen?, ENV.fetch("NOPE", nil), ENV["NOPE"].to_s.empty?, File.join(File.dirname("/a/b.rb"), "..", "x"), File.expand_path("../x", "/a/b.rb"), "%03o" % 0644, 0644.to_s(8), "0644".to_i(8), "644".oct, 0o755 & 0o111 != 0, "755".to_i(8).to_s(2), Integer === 3, [nil, 1].compact
#=>
cannot load such file -- rspec_not_there
false
nil
true
"/a/../x"
"/a/x"
"644"
"644"
420
420
true
"111101101"
true
[1]
