p [1, 2, 3].map { |x| x * 2 }, [1, 2, 3].select(&:odd?), [1, 2, 3].reject(&:odd?), [1, 2, 3].inject(:+), [1, 2, 3].reduce(10) { |a, b| a + b }, [3, 1, 2].sort, [3, 1, 2].sort { |a, b| b <=> a }, %w[bb a].sort_by(&:length), [1, 2, 3].sum, [1.5, 2].sum, %w[a b].sum(""), [1, 2, 3].min, [1, 2, 3].max, [1, 2, 3, 4].minmax, %w[aa b].max_by(&:size), [5, 1, 3].max(2), [5, 1, 3].min(2), [0.1] * 3, [0.1, 0.2, 0.3].sum
#=>
[2, 4, 6]
[1, 3]
[2]
6
16
[1, 2, 3]
[3, 2, 1]
["a", "bb"]
6
3.5
"ab"
1
3
[1, 4]
"aa"
[5, 3]
[1, 3]
[0.1, 0.1, 0.1]
0.6
#---
a = [1, 2, 3, 4, 5]; p a[0], a[-1], a[1..3], a[1...-1], a[10], a[5], a[5, 1], a[2..], a[..1], a.first, a.last, a.first(2), a.last(2), a.take(3), a.drop(3), a.at(1), a.fetch(1), a.fetch(10, :d), a.fetch(10) { |i| i * 2 }, a.values_at(0, 2, 9), a.dig(0), a.slice(1, 2), a[-3, 2], a.take_while { |x| x < 3 }, a.drop_while { |x| x < 3 }
#=>
1
5
[2, 3, 4]
[2, 3, 4]
nil
nil
[]
[3, 4, 5]
[1, 2]
1
5
[1, 2]
[4, 5]
[1, 2, 3]
[4, 5]
2
2
:d
20
[1, 3, nil]
1
[2, 3]
[3, 4]
[1, 2]
[3, 4, 5]
#---
begin; [1].fetch(5); rescue => e; p e.class, e.message; end
begin; [1].first(-1); rescue => e; p e.class, e.message; end
begin; [1, 2].freeze << 3; rescue => e; p e.class, e.message; end
#=>
IndexError
"index 5 outside of array bounds: -1...1"
ArgumentError
"negative array size"
FrozenError
"can't modify frozen Array: [1, 2]"
#---
a = [1, 2]; a << 3; a.push(4, 5); a.unshift(0); a.insert(2, :x); p a, a.pop, a.shift, a, a.delete(:x), a.delete(99), a.delete_at(0), a, a.concat([7, 8]), a.clear, a.empty?
#=>
[]
5
0
[]
:x
nil
1
[]
[]
[]
true
#---
a = [1, 2, 3]; a[5] = 6; p a; a[1..2] = [9]; p a; a[0, 2] = []; p a; a[-1] = 0; p a; a += [1]; p a; a -= [nil]; p a; a |= [5]; p a; a &= [5, 0]; p a
#=>
[1, 2, 3, nil, nil, 6]
[1, 9, nil, nil, 6]
[nil, nil, 6]
[nil, nil, 0]
[nil, nil, 0, 1]
[0, 1]
[0, 1, 5]
[0, 5]
#---
p [1, [2, [3, [4]]]].flatten, [1, [2, [3]]].flatten(1), [nil, 1, nil].compact, [1, 1, 2].uniq, [1, 2, 3].reverse, [1, 2, 3].rotate, [[1, 2], [3, 4]].transpose, [1, 2].zip([3, 4], [5, 6]), [1, 2, 3].include?(2), [1, 2, 2].count(2), [1, 2, 3].count(&:odd?), [3, 4].index(4), [1, 2].product([3, 4]), [1, 2, 3].combination(2).to_a, [1, 2, 3].permutation(2).count, [1, 2, 3].each_slice(2).to_a, [1, 2, 3].each_cons(2).to_a
#=>
[1, 2, 3, 4]
[1, 2, [3]]
[1]
[1, 2]
[3, 2, 1]
[2, 3, 1]
[[1, 3], [2, 4]]
[[1, 3, 5], [2, 4, 6]]
true
2
2
1
[[1, 3], [1, 4], [2, 3], [2, 4]]
[[1, 2], [1, 3], [2, 3]]
6
[[1, 2], [3]]
[[1, 2], [2, 3]]
#---
p [1, 2, 3].partition(&:odd?), %w[a b a].group_by { |x| x }, %w[a b a].tally, [1, 2, 3].each_with_index.map { |x, i| x * i }, [1, 2].each_with_object([]) { |x, m| m << x * 2 }, %w[a b].each_with_index.to_a, [1, 2, 3].find { |x| x > 1 }, [1, 2, 3].detect { |x| x > 5 }, [1, 2, 3].find_index(2), [1, 2, 3, 4].each_slice(2).map(&:sum), %w[a b].map.with_index(1) { |x, i| "#{i}#{x}" }, [1, 2, 4].chunk_while { |a, b| b == a + 1 }.to_a, [1, 2, 3].filter_map { |x| x * 2 if x.odd? }, [[1, 2], [3]].flat_map { |x| x }, (1..6).each_slice(4).to_a
#=>
[[1, 3], [2]]
{"a"=>["a", "a"], "b"=>["b"]}
{"a"=>2, "b"=>1}
[0, 2, 6]
[2, 4]
[["a", 0], ["b", 1]]
2
nil
1
[3, 7]
["1a", "2b"]
[[1, 2], [4]]
[2, 6]
[1, 2, 3]
[[1, 2, 3, 4], [5, 6]]
#---
p [1, 2, 3].all? { |x| x > 0 }, [1, nil].all?, [].all?, [1, 2].any? { |x| x > 1 }, [nil].any?, [].any?, [1].none?, [1, 2].one? { |x| x > 1 }, [1, "a"].all?(Integer), %w[ab cd].any?(/b/), [1, 2, 3].none?(4)
#=>
true
false
true
true
false
false
false
true
false
true
true
#---
p [1, 2, 3].join, [1, 2, 3].join(", "), [1, [2, [3]]].join("-"), [nil, 1].join(","), %w[a b] * ",", [1, 2] * 2, [1, 2] + [3], [1, 2, 3] - [2], [1, 2] & [2, 3], [1, 2] | [2, 3], [1, 2] == [1, 2], [1, 2] <=> [1, 3], [1, 2].eql?([1.0, 2]), [[1, :a]].to_h, [1, 2].to_h { |x| [x, x * 2] }, [1, 2].hash == [1, 2].hash
#=>
"123"
"1, 2, 3"
"1-2-3"
",1"
"a,b"
[1, 2, 1, 2]
[1, 2, 3]
[1, 3]
[2]
[1, 2, 3]
true
-1
false
{1=>:a}
{1=>2, 2=>4}
true
#---
p [1, 2, 3].inspect, [nil, true, :a, "b", 1.0, [1], { a: 1 }].to_s, [].inspect, [[]].to_s, %i[a b], [1, 2, 3].to_a, [*1..3, *[4]], [1, 2, 3].first, Array.new(3), Array.new(2, 0), Array.new(3) { |i| i * i }, Array(1..3), %w[a#{1} b], %W[a#{1} b]
#=>
"[1, 2, 3]"
"[nil, true, :a, \"b\", 1.0, [1], {:a=>1}]"
"[]"
"[[]]"
[:a, :b]
[1, 2, 3]
[1, 2, 3, 4]
1
[nil, nil, nil]
[0, 0]
[0, 1, 4]
[1, 2, 3]
["a\#{1}", "b"]
["a1", "b"]
#---
a, b = [1, 2]; p a, b; a, (b, *c), d = 1, [2, 3, 4], 5; p a, b, c, d; *a, b = [1, 2, 3]; p a, b; a, b = b, a; p a, b; a = *1..3; p a; a = 1, 2; p a; h, *t = "x"; p h, t; (a, b), c = [1, 2], 3; p a, b, c
#=>
1
2
1
2
[3, 4]
5
[1, 2]
3
3
[1, 2]
[1, 2, 3]
[1, 2]
"x"
[]
1
2
3
#---
[1, 2, 3].each_with_index { |x, i| puts "#{i}: #{x}" }
[[1, [2, 3]]].each { |a, (b, c)| p a, b, c }
[1, 2, 3].each { |x| next if x == 2; puts x }
r = [1, 2, 3].each { |x| break x * 10 if x == 2 }; p r
p [1, 2, 3].each { |x| x }, [3, 1].sort!, [1, 2, 3].map!(&:to_s), [1, 2, 3].select! { |x| x > 1 }, [1, 2, 3].reject! { |x| x > 5 }, [1, nil].compact!, [1].compact!, [1, 1].uniq!, [1].flatten!, [2, 1].reverse!
#=>
0: 1
1: 2
2: 3
1
2
3
1
3
20
[1, 2, 3]
[1, 3]
["1", "2", "3"]
[2, 3]
nil
[1]
nil
[1]
nil
[1, 2]
#---
p [1, 2, 3, 4].each_slice(2).to_h { |a, b| [a, b] }, [3, 1, 2].sort.reverse, [3, 1, 2].max_by { |x| -x }, ["b", "a"].min, [1, 2, 3, 4, 5].each_cons(2).map { |a, b| b - a }, [1, 2, 3].cycle.first(5)
#=>
{1=>2, 3=>4}
[3, 2, 1]
1
"a"
[1, 1, 1, 1]
[1, 2, 3, 1, 2]
#---
p [1, 2, 3].sum { |x| x * 2 }, ["a", "b"].each_with_index.to_h, [1, 2, 3].inject { |m, x| m * x }, [[1, :a], [2, :b]].each_with_object({}) { |(n, s), h| h[s] = n }, [1, 2, 3].slice_when { |a, b| b > a }.to_a, [1, 2, 3, 4].bsearch { |x| x >= 3 }, [[3, 1], [1, 2]].sort, [[1, 2], [1, 1]].min, ["x", 1, :y, nil].map(&:to_s), [1, 2, 3].minmax, ["a", "B"].sort_by(&:downcase)
#=>
12
{"a"=>0, "b"=>1}
6
{:a=>1, :b=>2}
[[1], [2], [3]]
3
[[1, 2], [3, 1]]
[1, 1]
["x", "1", "y", ""]
[1, 3]
["a", "B"]
#---
p [0.1, 0.2, 0.3].sum, [1, 2].cycle(2).to_a, %w[x y z].each_entry.to_a, [4, 5].each_index.to_a, [1, 2, 3].reverse_each.to_a, [1, 2, 3].find_all(&:even?), [1, 2, 3].collect(&:succ), [1, 2] <=> [1], [3, 5].sum.fdiv(2), [1, 2, 3].dig(0), [[1, [2]]].dig(0, 1, 0), ["a"].cycle.take(2), [1, 2, 3].entries, ["a", "b"].assoc("a"), [["a", 1]].assoc("a"), [1, 2, 3].values_at(0, -1), [3, 1, 2].sort.first
#=>
0.6
[1, 2, 1, 2]
["x", "y", "z"]
[0, 1]
[3, 2, 1]
[2]
[2, 3, 4]
1
4.0
1
2
["a", "a"]
[1, 2, 3]
nil
["a", 1]
[1, 3]
1
#---
a = [1, 2]; a << a; p a, a.inspect
begin; a.flatten; rescue => e; p e.class, e.message; end
#=>
[1, 2, [...]]
"[1, 2, [...]]"
ArgumentError
"tried to flatten recursive array"
#---
e = [1, 2, 3].each; p e.next, e.next, e.next
begin; e.next; rescue StopIteration => x; puts x.message; end
e.rewind; p e.next, e.size, [1, 2].each, [1, 2].each_slice(2), [1].map, [1, 2].each_with_index, e.class
g = Enumerator.new { |y| y << 1; y.yield 2; y << 3 }; p g.to_a, g.next, g.map { |x| x * 2 }, g.first(2), g.include?(3)
p loop { break 5 }, [4, 5].each.with_index(1).to_a, [4, 5].each_with_index.select { |x, i| i == 1 }
#=>
1
2
3
iteration reached an end
1
3
#<Enumerator: [1, 2]:each>
#<Enumerator: [1, 2]:each_slice(2)>
#<Enumerator: [1]:map>
#<Enumerator: [1, 2]:each_with_index>
Enumerator
[1, 2, 3]
1
[2, 4, 6]
[1, 2]
true
5
[[4, 1], [5, 2]]
[[5, 1]]
