p (1..5).to_a, (1...5).to_a, ("a".."e").to_a, (1..5).include?(3), (1..5).cover?(2.5), (1..5) === 5, (1...5).size, (1..10).step(3).to_a, (1..3).map { |x| x * 2 }, (1..3).reduce(:*), (1..).first(2), (1..3).each_with_index.to_a, ("a".."z").count, (1..3).to_s, (1..3).inspect, ("a".."c").inspect, (1..nil).inspect, (nil..1).inspect, (1..3) == (1..3), (1..3).min, (1..3).max, (1...3).max, (1..3).sum, (1..3).first, (1..3).last, (1..5).last(2), (1.0..2.0).include?(1.5), (1..3).reverse_each.to_a, (3..1).to_a, (1..3).begin, (1..3).end, (1..3).exclude_end?, ("a".."e").include?("c"), ("a".."e").cover?("cc"), ("a".."e") === "cc"
#=>
[1, 2, 3, 4, 5]
[1, 2, 3, 4]
["a", "b", "c", "d", "e"]
true
true
true
4
[1, 4, 7, 10]
[2, 4, 6]
6
[1, 2]
[[1, 0], [2, 1], [3, 2]]
26
"1..3"
"1..3"
"\"a\"..\"c\""
"1.."
"..1"
true
1
3
2
6
1
3
[4, 5]
true
[3, 2, 1]
[]
1
3
false
true
true
true
#---
begin; (1.0..2.0).to_a; rescue TypeError => e; puts e.message; end
begin; (1.."a"); rescue ArgumentError => e; puts e.message; end
begin; (1..).last; rescue RangeError => e; puts e.message; end
p (1..10).each_slice(3).to_a, (1..10).find { |i| i % 7 == 0 }, (1..4).each_cons(2).to_a, (1..3).zip(4..6), Range.new(1, 3, true), (1..3).hash == (1..3).hash, (1..6).partition(&:even?), (1..3).inject { |a, b| a - b }, (1..3).each_with_object([]) { |x, a| a << x }, ("08".."11").to_a, ("a".."c").each_with_index.map { |c, i| c * i }, (1..3).cycle.first(4), (1..2).flat_map { |x| [x, x] }, (80..82).map { |port| "p#{port}" }, [*1..3, *"a".."b"], (1..20).step(5).map { |x| x }, 1.step(2, 0.5).to_a, ('A'..'C').to_a.join, (0...3).to_a, (-1..1).to_a, (1..3).none? { |x| x > 3 }, (1..3).tally, (1..0).sum, (1..3).entries
#=>
can't iterate from Float
bad value for range
cannot get the last element of endless range
[[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
7
[[1, 2], [2, 3], [3, 4]]
[[1, 4], [2, 5], [3, 6]]
1...3
true
[[2, 4, 6], [1, 3, 5]]
-4
[1, 2, 3]
["08", "09", "10", "11"]
["", "b", "cc"]
[1, 2, 3, 1]
[1, 1, 2, 2]
["p80", "p81", "p82"]
[1, 2, 3, "a", "b"]
[1, 6, 11, 16]
[1.0, 1.5, 2.0]
"ABC"
[0, 1, 2]
[-1, 0, 1]
true
{1=>1, 2=>1, 3=>1}
0
[1, 2, 3]
