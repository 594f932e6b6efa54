i = 0; while i < 3; i += 1; next if i == 2; puts i; end; until i == 0 do i -= 1 end; p i; begin; i += 1; end while i < 3; p i; for x in 1..3 do puts x end; p x; for a, b in [[1, 2], [3, 4]]; p a + b; end; p (while true; break; end), (while true; break 5; end)
#=>
1
3
0
3
1
2
3
3
3
7
nil
5
#---
def f(x)
  case x
  when nil then "nil"
  when Integer, Float then "num"
  when /^a/ then "a-ish #{$~[0]}"
  when "b".."d" then "b..d"
  when ->(v) { v.is_a?(Array) } then "array"
  when :a, :b then "sym"
  when *%w[x y] then "xy"
  else "other"
  end
end
p f(nil), f(1), f(2.0), f("abc"), f("c"), f([1]), f(:b), f("y"), f({})
case when 1 > 2 then p 1 when true then p 2 end
p (case 5 when 1..3 then :lo when 4.. then :hi end), (case "x" when "y" then 1 end)
#=>
"nil"
"num"
"num"
"a-ish a"
"b..d"
"array"
"sym"
"xy"
"other"
2
:hi
nil
#---
def g
  yield 1, 2
end
g { |a, b| p [a, b] }; g { |a| p a }; g { |a, b, c| p [a, b, c] }; g { |*a| p a }; g { |a, *b| p [a, b] }; g { |(a, b)| p [a, b] }; g { p _1 + _2 }
def h2; yield [1, [2, 3]]; end
h2 { |a, b| p [a, b] }; h2 { |a, (b, c)| p [a, b, c] }; h2 { |a| p a }; h2 { |a, b = 5, *c| p [a, b, c] }; h2 { |a, k: 1| p [a, k] }; h2 { p _1 }
def h3; yield; end
h3 { |a, b = 2| p [a, b] }; h3 { |a, b| p [a, b] }
p [[1, 2], [3, 4]].map { |a, b| a + b }, [[1, 2]].map { |a| a }, [[1, 2]].each_with_index.map { |(a, b), i| a + b + i }, [[1, { k: 2 }]].map { |a, h| h }
#=>
[1, 2]
1
[1, 2, nil]
[1, 2]
[1, [2]]
[1, nil]
3
[1, [2, 3]]
[1, 2, 3]
[1, [2, 3]]
[1, [2, 3], []]
[1, 1]
[1, [2, 3]]
[nil, 2]
[nil, nil]
[3, 7]
[[1, 2]]
[3]
[{:k=>2}]
#---
def m(*args, &blk) = [args, blk&.call, block_given?]
p m, m(1) { 2 }, m(&-> { 3 }), m(*[1, 2], 3), [1, 2].map(&:to_s), [1, 2].map(&method(:Integer)), %w[1 2].map(&method(:Integer))
add = ->(a, b = 2) { a + b }; p add.(1), add[1, 5], add.call(3), add.lambda?, add.arity, proc { |a, b| }.arity, proc { |*a| }.arity, lambda { |a, *b| }.arity, add.curry.class, method(:m).arity, method(:puts).owner, proc { |a, b| [a, b] }.call(1), proc { |a, b| [a, b] }.call([1, 2]), proc { |a| a }.call(1, 2), (add >> ->(x) { x * 10 }).call(1), :upcase.to_proc.call("a")
begin; add.call; rescue ArgumentError => e; puts e.message; end
begin; add.call(1, 2, 3); rescue ArgumentError => e; puts e.message; end
#=>
[[], nil, false]
[[1], 2, true]
[[], 3, true]
[[1, 2, 3], nil, false]
["1", "2"]
[1, 2]
[1, 2]
3
6
5
true
-2
2
-1
-2
Proc
-1
Kernel
[1, nil]
[1, 2]
1
30
"A"
wrong number of arguments (given 0, expected 1..2)
wrong number of arguments (given 3, expected 1..2)
#---
def r; [1, 2, 3].each { |x| return x if x == 2 }; :none; end; p r
def r2; l = -> { return 5 }; l.call; 6; end; p r2
def r3; return 1, 2; end; p r3
def r4; return; end; p r4
def counter; n = 0; -> { n += 1 }; end; c = counter; c.call; p c.call
p [1, 2, 3].each_with_index.find { |x, i| break [x, i] if i == 1 }
x = 10; [1].each { |i; x| x = i }; p x; [1].each { |i| x = i }; p x
y = if false then 1 end; p y; z = unless false then 1 else 2 end; p z; p (true && nil), (nil || 1), (not true), (1 and 2), (false or 3); a = nil; a ||= 5; a &&= a + 1; p a; b = a > 3 ? "big" : "small"; p b
puts "mod" if true; puts "no" unless true; p [*"a".."c"], (1 if false), (begin 1; 2 end)
s = +""; 3.times { |i| s << i.to_s }; p s; p __method__.inspect; def mm; __method__; end; p mm
#=>
2
6
[1, 2]
nil
2
[2, 1]
10
1
nil
1
nil
1
false
2
3
6
"big"
mod
["a", "b", "c"]
nil
2
"012"
"nil"
:mm
#---
begin; raise "boom"; rescue => e; p e.class, e.message, e.backtrace.class; end
begin; raise ArgumentError; rescue => e; p e.message; end
begin; raise ArgumentError, "bad"; rescue TypeError, ArgumentError => e; p e.message; else p 1; ensure puts "ens"; end
begin; raise ArgumentError.new("x"); rescue StandardError => e; p e; end
def t; yield; rescue ZeroDivisionError => e; "div #{e.message}"; else "else"; ensure puts "ensure"; end
p t { 1 / 0 }, t { 1 }
class MyError < StandardError; def initialize(msg = "default my"); super; end; end
begin; raise MyError; rescue MyError => e; p e.message, e; end
begin; raise MyError, "custom"; rescue => e; p e.message; end
n = 0; begin; n += 1; raise "again" if n < 3; p n; rescue; retry; end
p (Integer("x") rescue "rescued"), (raise "a" rescue $!.message)
begin; begin; raise "inner"; rescue; raise "outer"; end; rescue => e; p e.message, e.cause.message; end
begin; raise Class.new(StandardError), "anon"; rescue => e; p e.message; end
begin; raise 5; rescue TypeError => e; p e.message; end
def ens; return 1; ensure; puts "cleanup"; end; p ens
p catch(:done) { 10.times { |i| throw :done, i if i == 3 }; :never }, catch(:x) { 5 }, catch { |t| throw t, 7 }
begin; throw :nope; rescue ArgumentError => e; p e.class, e.message; end
begin; loop { raise StopIteration }; p :ok; end
begin; Object.new.foo; rescue NoMethodError => e; puts e.message.sub(/0x\h+/, "0x"); p e.name, e.receiver.class; end
begin; [].fooo; rescue => e; puts e.message; end
begin; self.zzz; rescue => e; puts e.message; end
begin; zzz(1); rescue => e; puts e.message, e.class; end
begin; String.zork; rescue => e; puts e.message; end
begin; Comparable.zork; rescue => e; puts e.message; end
begin; def ar(a, b = 1); end; ar; rescue ArgumentError => e; puts e.message; end
begin; ar(1, 2, 3); rescue ArgumentError => e; puts e.message; end
begin; [1].first(1, 2); rescue ArgumentError => e; puts e.message; end
begin; raise Exception, "exc"; rescue Exception => e; p e; end
begin; exit; rescue SystemExit => e; p e.status, e.success?; end
begin; abort; rescue SystemExit => e; p e.status; end
e = RuntimeError.new("m"); p e.message, e.inspect
#=>
RuntimeError
"boom"
Array
"ArgumentError"
"bad"
ens
#<ArgumentError: x>
ensure
ensure
"div divided by 0"
"else"
"default my"
#<MyError: default my>
"custom"
3
"rescued"
"a"
"outer"
"inner"
"anon"
"exception class/object expected"
cleanup
1
3
5
7
UncaughtThrowError
"uncaught throw :nope"
:ok
undefined method `foo' for #<Object:0x>
:foo
Object
undefined method `fooo' for []:Array
undefined method `zzz' for main:Object
undefined method `zzz' for main:Object
NoMethodError
undefined method `zork' for String:Class
undefined method `zork' for Comparable:Module
wrong number of arguments (given 0, expected 1..2)
wrong number of arguments (given 3, expected 1..2)
wrong number of arguments (given 2, expected 0..1)
#<Exception: exc>
0
true
1
"m"
"#<RuntimeError: m>"
#---
def deep(n) = n == 0 ? 0 : 1 + deep(n - 1)
p deep(500)
def forever = forever
begin; forever; rescue SystemStackError => e; p e.class, e.message; end
#=>
500
SystemStackError
"stack level too deep"
#---
p defined?(foo), defined?(p), defined?(String), defined?(@a), defined?(x = 1), defined?(nil), defined?(1 + 1), defined?(Zork), defined?($zork), defined?(self), defined?(yield), defined?(@@a), defined?("a".upcase), defined?("a".zork)
@iv = 1; p defined?(@iv), @iv, @nope; $gv = 2; p $gv, $nope
X = 5; p X, defined?(X), self.to_s, self.class, self.inspect
BEGIN_OK = true; p __FILE__, __LINE__, [1, 2, 3].frozen?, "a".frozen?
puts <<~A + <<~B
  one
    two
A
  three
B
puts <<-'RAW'
    raw #{x}\n
    RAW
p "a" \
  "b", ?a, %q(it's), %Q(a #{1}), %(b), :"a b", :'c', %s(d), /a/i, %r{/b/}m
#=>
nil
"method"
"constant"
nil
"assignment"
"nil"
"method"
nil
nil
"self"
nil
nil
"method"
nil
"instance-variable"
1
nil
2
nil
5
"constant"
"main"
Object
"main"
"main.rb"
4
false
false
one
  two
three
    raw #{x}\n
"ab"
"a"
"it's"
"a 1"
"b"
:"a b"
:c
:d
/a/i
/\/b\//m
#---
p 1
#=>
1
#---
f = ->(n) { n < 2 ? n : f.(n - 1) + f.(n - 2) }; p f.(15)
p (1..3).each_with_object([]).to_a rescue p 1
p 5.then { _1 + 1 }, [3, 4].each_with_index.map { _1 * _2 }, [[1, 2]].map { _1 }
i = 10; i -= 1 while i > 5; p i; p [1, 2, 3].each_slice(2).with_index.map { |a, i| [a, i] }
v = [1, 2, 3].each_with_index.map do |x, i| x * i end; p v
a = [1, 2, 3]; case a when Array then puts "arr" end
#=>
610
[[1, []], [2, []], [3, []]]
6
[0, 4]
[[1, 2]]
5
[[[1, 2], 0], [[3], 1]]
[0, 2, 6]
arr
