p 1 + 2, 7 / 2, -7 / 2, 7 % 3, -7 % 3, 7.fdiv(2), 2**10, 2**100, 10.divmod(3), -10.divmod(3), 7.0 / 2, 7.divmod(-2), 2**0.5, 10.pow(3, 7), 1_000_000, 0x1f, 0b101, 0o17, 017
#=>
3
3
-4
1
2
3.5
1024
1267650600228229401496703205376
[3, 1]
[-4, 2]
3.5
[-4, -1]
1.4142135623730951
6
1000000
31
5
15
15
#---
p 1.0, 1.5e20, 1e16, 1e15, 123456789012345.0, 0.1, 0.0001, 0.00001, 1e100, -0.0, 1.0 / 3, 100.0, 1e2, 2.5e-5, 1.23456789012345e+15, 1e23, 9007199254740993.0, Float::INFINITY, -Float::INFINITY, Float::NAN
#=>
1.0
1.5e+20
1.0e+16
1.0e+15
123456789012345.0
0.1
0.0001
1.0e-05
1.0e+100
-0.0
0.3333333333333333
100.0
100.0
2.5e-05
1.23456789012345e+15
1.0e+23
9.007199254740992e+15
Infinity
-Infinity
NaN
#---
p 3.7.to_i, 3.7.round, 3.2.ceil, 3.7.floor, -3.7.truncate, 3.14159.round(2), 1234.round(-2), 2.5.round, 3.5.round, -2.5.round, 2.5.round(half: :even), 15.round(-1), 1.005.round(2), 0.5.round, 1e20.to_i, 3.99.floor(1), 3.01.ceil(1), 10.0.round(2), 2.675.round(2)
#=>
3
4
4
3
-3
3.14
1200
3
4
-3
2
20
1.01
1
100000000000000000000
3.9
3.1
10.0
2.68
#---
p 5.times.to_a, 1.upto(3).to_a, 3.downto(1).to_a, 1.step(10, 3).to_a, 10.digits, 255.to_s(16), 255.to_s(2), "ff".to_i(16), 65.chr, 3.zero?, 0.zero?, 5.between?(1, 10), 5.clamp(1, 3), -5.abs, 5.pred, 5.succ, 6.gcd(4), 6.lcm(4), 5.even?, 5.odd?, 5.positive?, -5.negative?, 10.bit_length, 1.0.step(2.0, 0.5).to_a
#=>
[0, 1, 2, 3, 4]
[1, 2, 3]
[3, 2, 1]
[1, 4, 7, 10]
[0, 1]
"ff"
"11111111"
255
"A"
false
true
true
3
5
4
6
2
12
false
true
true
true
4
[1.0, 1.5, 2.0]
#---
p 1 == 1.0, 1.eql?(1.0), 1.equal?(1), 1 <=> 2, 1 <=> "a", 1 === 1, 3.integer?, 3.0.integer?, 1.0.nan?, 3.0.to_s, 3.to_f, 3.0.to_i, 1.hash == 1.0.hash, 0.1 + 0.2, 1e3.to_i, 3.is_a?(Integer), 3.is_a?(Numeric), 3.is_a?(Comparable), 3.class, 3.0.class, (2**64).class
#=>
true
false
true
-1
nil
true
true
false
false
"3.0"
3.0
3
false
0.30000000000000004
1000
true
true
true
Integer
Float
Integer
#---
p 12345678901234567890 * 98765432109876543210, 2**64 - 1, -(2**70), (2**64).to_s, 2**64 == 2**64, (2**64) / 3, (2**64) % 1000, 1 << 70, (1 << 70) >> 68, 0xff & 0x0f, 5 | 2, 5 ^ 1, ~5, 5[0], 9223372036854775807 + 1, -9223372036854775808 - 1, 4611686018427387904 * 2
#=>
1219326311370217952237463801111263526900
18446744073709551615
-1180591620717411303424
"18446744073709551616"
true
6148914691236517205
616
1180591620717411303424
4
15
7
4
-6
1
9223372036854775808
-9223372036854775809
9223372036854775808
#---
begin; 1 / 0; rescue => e; p e.class, e.message; end
p 1.0 / 0, 1 % 3.5
begin; 1 + "a"; rescue => e; p e.class, e.message; end
begin; 1 + nil; rescue => e; p e.class, e.message; end
begin; "a" + 1; rescue => e; p e.class, e.message; end
begin; Integer("abc"); rescue => e; p e.class, e.message; end
begin; Float("x"); rescue => e; p e.class, e.message; end
begin; Integer(nil); rescue => e; p e.class, e.message; end
begin; [1, "a"].sort; rescue => e; p e.class, e.message; end
begin; 1 < "a"; rescue => e; p e.class, e.message; end
begin; [3, nil].max; rescue => e; p e.class, e.message; end
#=>
ZeroDivisionError
"divided by 0"
Infinity
1.0
TypeError
"String can't be coerced into Integer"
TypeError
"nil can't be coerced into Integer"
TypeError
"no implicit conversion of Integer into String"
ArgumentError
"invalid value for Integer(): \"abc\""
ArgumentError
"invalid value for Float(): \"x\""
TypeError
"can't convert nil into Integer"
ArgumentError
"comparison of Integer with String failed"
ArgumentError
"comparison of Integer with String failed"
ArgumentError
"comparison of Integer with nil failed"
#---
p Integer("42"), Integer("0x1f", 16), Integer("0b11"), Integer("017"), Integer(" 42 "), Integer("1_000"), Integer(3.99), Integer("z", 36), Float("3.5"), Float("1e3"), String(5), Array(nil), Array([1]), Array(1..3), Array("a"), Array({ a: 1 }), Integer("x", exception: false), Float("y", exception: false), 1
#=>
42
31
3
15
42
1000
3
35
3.5
1000.0
"5"
[]
[1]
[1, 2, 3]
["a"]
[[:a, 1]]
nil
nil
1
#---
p Math.sqrt(16), Math::PI, Math.log(Math::E), Math.log2(8), Math.log10(1000), Math.hypot(3, 4), Integer.sqrt(17), Math.cbrt(27), Math.log(8, 2)
#=>
4.0
3.141592653589793
1.0
3.0
3.0
5.0
4
3.0
3.0
#---
p 10.fdiv(4), 7.remainder(-3), -7.remainder(3), 3.7 % 1, -3.7.abs, 1.5.to_s, 1e-7.to_s, 100.to_s.rjust(6, "0"), 1234567.89.to_s, 1.23.truncate, 12.34.divmod(5), 1.0.to_i
#=>
2.5
1
-1
0.7000000000000002
3.7
"1.5"
"1.0e-07"
"000100"
"1234567.89"
1
[2, 2.34]
1
#---
p 1234567.to_s.reverse.scan(/\d{1,3}/).join(",").reverse, 3.14.to_s, 5.fdiv(3).round(3), 1.1 + 2.2, 1.1 * 3, 0.1 * 3, 1e-10, 123e18, 4.35 * 100, 1.15.round(1), 1.25.round(1), 1.35.round(1)
#=>
"1,234,567"
"3.14"
1.667
3.3000000000000003
3.3000000000000003
0.30000000000000004
1.0e-10
1.23e+20
434.99999999999994
1.2
1.3
1.4
#---
p (1..10).sum, (1..10).step(3).to_a, 1.step(by: 2, to: 7).to_a, (1..Float::INFINITY).first(3), (1..).first(2), 10.downto(7).select(&:even?), 3.times.map { |i| i * i }, 5.pow(2), 2 ** -1.0, 7.lcm(3)
#=>
55
[1, 4, 7, 10]
[1, 3, 5, 7]
[1, 2, 3]
[1, 2]
[10, 8]
[0, 1, 4]
25
0.5
21
#---
p 1.respond_to?(:+), 1.nil?, nil.to_a, nil.to_s, nil.to_i, nil.inspect, nil & true, true & 1, false | nil, true ^ true, !nil, nil == false, nil.to_h, true.to_s, true.class, nil.class
#=>
true
false
[]
""
0
"nil"
false
true
false
false
true
false
{}
"true"
TrueClass
NilClass
