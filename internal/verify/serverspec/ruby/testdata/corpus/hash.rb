h = { a: 1, "b" => 2, 3 => [4], nil => nil, 1.5 => :x }; p h, h[:a], h["b"], h[:zz], h.keys, h.values, h.size, h.to_a, h.inspect, {}.to_s, { "a b": 1, "c" => :d, e?: 1, "f-g": 2 }
#=>
{:a=>1, "b"=>2, 3=>[4], nil=>nil, 1.5=>:x}
1
2
nil
[:a, "b", 3, nil, 1.5]
[1, 2, [4], nil, :x]
5
[[:a, 1], ["b", 2], [3, [4]], [nil, nil], [1.5, :x]]
"{:a=>1, \"b\"=>2, 3=>[4], nil=>nil, 1.5=>:x}"
"{}"
{:"a b"=>1, "c"=>:d, :e?=>1, :"f-g"=>2}
#---
h = { a: 1, b: 2 }; p h.map { |k, v| [k, v * 2] }, h.select { |k, v| v > 1 }, h.reject { |k, v| v > 1 }, h.to_h { |k, v| [v, k] }, h.each_with_object({}) { |(k, v), m| m[v] = k }, h.find { |k, v| v == 2 }, h.sort_by { |k, v| -v }, h.min_by { |k, v| v }, h.sum { |k, v| v }, h.any? { |k, v| v > 1 }, h.all? { |k, v| v > 1 }, h.count { |k, v| v > 1 }, h.partition { |k, v| v > 1 }, h.group_by { |k, v| v.odd? }, h.each_with_index.map { |(k, v), i| [k, v, i] }, h.inject(0) { |s, (k, v)| s + v }, h.reduce(0) { |s, kv| s + kv[1] }, h.flat_map { |k, v| [k] * v }, h.filter_map { |k, v| k if v > 1 }, h.zip([1, 2]), h.map(&:first), h.sort { |a, b| b <=> a }
#=>
[[:a, 2], [:b, 4]]
{:b=>2}
{:a=>1}
{1=>:a, 2=>:b}
{1=>:a, 2=>:b}
[:b, 2]
[[:b, 2], [:a, 1]]
[:a, 1]
3
true
false
1
[[[:b, 2]], [[:a, 1]]]
{true=>[[:a, 1]], false=>[[:b, 2]]}
[[:a, 1, 0], [:b, 2, 1]]
3
3
[:a, :b, :b]
[:b]
[[[:a, 1], 1], [[:b, 2], 2]]
[:a, :b]
[[:b, 2], [:a, 1]]
#---
h = { a: 1 }; h[:b] = 2; h.store(:c, 3); p h, h.delete(:a), h.delete(:zz), h.delete(:zz) { |k| "no #{k}" }, h.key?(:b), h.has_key?(:x), h.include?(:b), h.member?(:b), h.value?(2), h.key(2), h.fetch(:b), h.fetch(:x, 0), h.fetch(:x) { |k| k.to_s }, h.dig(:b), h.empty?, h.length, h.first, h.invert, h.values_at(:b, :x)
begin; h.fetch(:nope); rescue KeyError => e; p e.message, e.key, e.receiver == h; end
begin; { "a" => 1 }.fetch("x"); rescue => e; puts e.message; end
#=>
{:b=>2, :c=>3}
1
nil
"no zz"
true
false
true
true
true
:b
2
0
"x"
2
false
2
[:b, 2]
{2=>:b, 3=>:c}
[2, nil]
"key not found: :nope"
:nope
true
key not found: "x"
#---
p({ a: 1 }.merge({ b: 2 }), { a: 1 }.merge({ a: 2 }) { |k, o, n| o + n }, { a: 1, b: nil }.compact, { a: 1 }.transform_values { |v| v + 1 }, { a: 1 }.transform_keys(&:to_s), { a: 1 }.transform_keys(a: :z), { a: 1, b: 2 }.slice(:a), { a: 1, b: 2 }.except(:a), { a: { b: { c: 1 } } }.dig(:a, :b, :c), { a: 1 }.update(b: 2), { a: 1 }.to_a.flatten, { b: 1, a: 2 }.sort.to_h, { a: 1 } == { a: 1.0 }, { a: 1, b: 2 } == { b: 2, a: 1 }, { a: 1 }.eql?({ a: 1 }), { a: 2 }.filter_map { |k, v| k if v }, { a: nil }.key?(:a))
#=>
{:a=>1, :b=>2}
{:a=>3}
{:a=>1}
{:a=>2}
{"a"=>1}
{:z=>1}
{:a=>1}
{:b=>2}
1
{:a=>1, :b=>2}
[:a, 1]
{:a=>2, :b=>1}
true
true
true
[:a]
true
#---
h = Hash.new(0); "hello".each_char { |c| h[c] += 1 }; p h, h.default, h[:x], h.size
h = Hash.new { |hash, k| hash[k] = k * 2 }; p h[2], h, h.fetch(2), h.key?(5)
g = Hash.new { |hh, k| "no #{k}" }; p g[:a], g.size, g.dig(:q)
#=>
{"h"=>1, "e"=>1, "l"=>2, "o"=>1}
0
0
4
4
{2=>4}
4
false
"no a"
0
"no q"
#---
h = { b: 1, a: 2 }; h.each { |k, v| puts "#{k}=#{v}" }; h.each_pair { |k, v| print k, v, "\n" }; h.each { |kv| p kv }; h.each_key { |k| p k }; h.each_value { |v| p v }; h.each_with_index { |(k, v), i| p [k, v, i] }; p h.sort.to_h, h.min_by { |_, v| v }, h.sum { |_, v| v }, h.sort_by { |k, _| k }.first
#=>
b=1
a=2
b1
a2
[:b, 1]
[:a, 2]
:b
:a
1
2
[:b, 1, 0]
[:a, 2, 1]
{:a=>2, :b=>1}
[:b, 1]
3
[:a, 2]
#---
h = { a: 1, b: 2, c: 3 }; h.delete_if { |k, v| v > 2 }; p h; h.keep_if { |k, v| v > 1 }; p h; h.clear; p h; h.merge!(x: 1) ; p h, h.select! { |k, v| true }, h.reject! { |k, v| v == 1 }, h, h.shift, Hash[[[1, 2]]], Hash[1, 2, 3, 4], [[1, 2]].to_h, { a: 1 }.any?, {}.none?, { a: 1 }.compare_by_identity.class
#=>
{:a=>1, :b=>2}
{:b=>2}
{}
{}
nil
{}
{}
nil
{1=>2}
{1=>2, 3=>4}
{1=>2}
true
true
Hash
#---
def kw(a:, b: 2, **rest) = [a, b, rest]
p kw(a: 1), kw(a: 1, b: 3, c: 4), kw(**{ a: 5 })
begin; kw; rescue ArgumentError => e; puts e.message; end
def one(x) = x
p one(a: 1), one({ b: 2 })
def opts(x, o = {}) = [x, o]
p opts(1, a: 2), opts(1), opts({ z: 1 })
begin; def nokw(a: 1) = a; nokw(b: 2); rescue ArgumentError => e; puts e.message; end
begin; nokw(1); rescue ArgumentError => e; puts e.message; end
x = 1; y = 2; p({ x:, y: })
def splat(*a, **k) = [a, k]
p splat(1, 2, a: 3), splat(*[1, 2], **{ b: 1 }), splat({ a: 1 }), splat("a" => 1)
#=>
[1, 2, {}]
[1, 3, {:c=>4}]
[5, 2, {}]
missing keyword: :a
{:a=>1}
{:b=>2}
[1, {:a=>2}]
[1, {}]
[{:z=>1}, {}]
unknown keyword: :b
wrong number of arguments (given 1, expected 0)
{:x=>1, :y=>2}
[[1, 2], {:a=>3}]
[[1, 2], {:b=>1}]
[[{:a=>1}], {}]
[[], {"a"=>1}]
#---
a = { "x" => 1, :y => "two", 3 => nil, [1] => { z: :w } }; puts a, a.to_s, "#{a}"; b = a.dup; b["x"] = 9; p a["x"], a.frozen?, a.freeze.frozen?
begin; a[:q] = 1; rescue => e; p e.class; puts e.message; end
p a.hash == a.dup.hash, { [1, 2] => :a }[[1, 2]], { "a" => 1 }["a"], { 1 => :a }[1.0], { nil => 1 }[nil]
#=>
{"x"=>1, :y=>"two", 3=>nil, [1]=>{:z=>:w}}
{"x"=>1, :y=>"two", 3=>nil, [1]=>{:z=>:w}}
{"x"=>1, :y=>"two", 3=>nil, [1]=>{:z=>:w}}
1
false
true
FrozenError
can't modify frozen Hash: {"x"=>1, :y=>"two", 3=>nil, [1]=>{:z=>:w}}
true
:a
1
nil
1
#---
h = { a: 1, b: { c: [1, 2, { d: 3 }] } }; p h[:b][:c][2][:d], h.dig(:b, :c, 2, :d), h.to_a, h.flatten, h.sum { |k, v| 1 }, h.find { |k, v| v.is_a?(Hash) }&.first, h.key({ c: [1, 2, { d: 3 }] }), h.each_slice(1).to_a, h.min_by { |k, v| k }, h.entries, h >= { a: 1 }, h.assoc(:a), h.sort_by { |k, v| k.to_s }.map(&:first), h.each_entry.to_a.size, h.group_by { |k, v| v.class }.keys, h.partition { |k, v| v == 1 }.map(&:to_h), h.reduce { |a, b| a }, h.max_by { |k, v| k }.first, h.each_cons(2).to_a.length, h.tally.size, h.zip([1]).first, h.uniq.size
#=>
3
3
[[:a, 1], [:b, {:c=>[1, 2, {:d=>3}]}]]
[:a, 1, :b, {:c=>[1, 2, {:d=>3}]}]
2
:b
:b
[[[:a, 1]], [[:b, {:c=>[1, 2, {:d=>3}]}]]]
[:a, 1]
[[:a, 1], [:b, {:c=>[1, 2, {:d=>3}]}]]
true
[:a, 1]
[:a, :b]
2
[Integer, Hash]
[{:a=>1}, {:b=>{:c=>[1, 2, {:d=>3}]}}]
[:a, 1]
:b
1
2
[[:a, 1], 1]
2
