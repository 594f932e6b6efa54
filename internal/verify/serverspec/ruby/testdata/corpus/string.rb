p "abc".upcase, "ABC".downcase, "hello world".capitalize, "aBc".swapcase, "ÄÖü".downcase
#=>
"ABC"
"abc"
"Hello world"
"AbC"
"äöü"
#---
p "  a b ".strip, "  a ".lstrip, " a  ".rstrip, "\t\n a\0".strip, "a\n".chomp, "a\r\n".chomp, "abc".chomp("c"), "a\n\n".chomp, "a\n\n".chomp(""), "abc".chop, "a\r\n".chop
#=>
"a b"
"a "
" a"
"a"
"a"
"a"
"ab"
"a\n"
"a"
"ab"
"a"
#---
p "a,b,,c,,".split(","), "a,b,,c,,".split(",", -1), "a b  c".split, " a b ".split(" "), "abc".split(""), "a1b2c".split(/\d/), "a1b2c".split(/(\d)/), "a,b,c".split(",", 2), "".split(","), "abc".split(//), "a b c".split(" ", 2), "aXbX".split("X"), " a  b".split(/ /), "hello".split("l")
#=>
["a", "b", "", "c"]
["a", "b", "", "c", "", ""]
["a", "b", "c"]
["a", "b"]
["a", "b", "c"]
["a", "b", "c"]
["a", "1", "b", "2", "c"]
["a", "b,c"]
[]
["a", "b", "c"]
["a", "b c"]
["a", "b"]
["", "a", "", "b"]
["he", "", "o"]
#---
p "foo\nbar\n".lines, "foo\nbar".each_line.to_a, "a\n\nb".lines, "foo\nbar".lines(chomp: true), "a-b-c".lines("-")
#=>
["foo\n", "bar\n"]
["foo\n", "bar"]
["a\n", "\n", "b"]
["foo", "bar"]
["a-", "b-", "c"]
#---
p "hello"[0], "hello"[-1], "hello"[1, 3], "hello"[1..], "hello"[1..-2], "hello"[1...-1], "hello"[10], "hello"[5], "hello"[5, 1], "hello"["ell"], "hello"["xyz"], "hello"[/l+/], "hello"[/h(.)l/, 1], "hello"[/(?<x>e)/, "x"], "hello"[-3, 2], "hello"[..2]
#=>
"h"
"o"
"ell"
"ello"
"ell"
"ell"
nil
nil
""
"ell"
nil
"ll"
"e"
"e"
"ll"
"hel"
#---
p "hello".sub("l", "L"), "hello".gsub("l", "L"), "hello".gsub(/l/) { |m| m.upcase }, "hello".gsub(/(l)(o)/, '\2\1'), "hello".gsub(/[el]/, "e" => "3", "l" => "1"), "a.b".gsub(".", "-"), "hello".sub(/(?<first>h)/, '\k<first>\k<first>'), "abc".gsub(/b/, '[\0]'), "abc".gsub(/b/, '[\\\\]'), "path/to".gsub("/", "\\/"), "hello".gsub(/x*/, "-"), "abc".gsub(/$/, "!")
#=>
"heLlo"
"heLLo"
"heLLo"
"helol"
"h311o"
"a-b"
"hhello"
"a[b]c"
"a[\\]c"
"path\\/to"
"-h-e-l-l-o-"
"abc!"
#---
p "hello".tr("el", "ip"), "hello".tr("a-y", "b-z"), "hello".tr("^l", "*"), "hello".delete("l"), "aaabbb".squeeze, "aaabbb".squeeze("a"), "hello".count("lo"), "he-llo".tr("-", "_"), "hello".tr("l", ""), "aabbcc".tr_s("ab", "x"), "hello".count("a-z", "^l"), "hello world".delete("l-o")
#=>
"hippo"
"ifmmp"
"**ll*"
"heo"
"ab"
"abbb"
3
"he_llo"
"heo"
"xcc"
3
"he wrd"
#---
p "abc" <=> "abd", "a" == "a", "a".eql?("a"), "a".equal?("a"), "a" === "a", "a".casecmp("A"), "a".casecmp?("A"), "abc".between?("abb", "abd"), "b" > "a", "a" == :a, "abc".hash == "abc".hash
#=>
-1
true
true
false
true
0
true
true
true
false
true
#---
p "%05d|%-5s|%+d|%x|%o|%b|%e|%.2f|%s|%p|%%|%c" % [42, "ab", 5, 255, 8, 5, 12345.678, 3.14159, :sym, nil, "z"], "%s and %s" % %w[a b], "%<a>d %{b}" % { a: 1, b: 2 }, "%08.3f" % 3.14159, "%+.1e" % 0.00012, "%#x %#o %#b" % [255, 8, 5], "%x" % -255, "%b" % -5, "%5s%-5s|" % ["a", "b"], "%3d%%" % 50, "%*d" % [5, 1], "%.3s" % "abcdef", "%c" % 65, "% d" % 5, "%08b" % 37, "%g %g" % [1e10, 0.0001], "%i" % 3.99
#=>
"00042|ab   |+5|ff|10|101|1.234568e+04|3.14|sym|nil|%|z"
"a and b"
"1 2"
"0003.142"
"+1.2e-04"
"0xff 010 0b101"
"..f01"
"..1011"
"    ab    |"
" 50%"
"    1"
"abc"
"A"
" 5"
"00100101"
"1e+10 0.0001"
"3"
#---
p "abc".succ, "az".succ, "zz".succ, "a9".succ, "Zz".succ, "1.9".succ, "".succ, "a-9".succ, "-".succ, "v9".next, "1.2.9".succ
#=>
"abd"
"ba"
"aaa"
"b0"
"AAa"
"2.0"
""
"a-10"
"."
"w0"
"1.3.0"
#---
p "hello world".index("o"), "hello world".index("o", 5), "hello".index("z"), "hello".rindex("l"), "hello".index(/l+/), "hello".rindex("l", 2), "äöü".index("ü"), "hello".index("l", -2)
#=>
4
7
nil
3
2
2
2
3
#---
p "abc".ljust(5, "."), "abc".rjust(5), "abc".center(8, "12"), "abc".ljust(2), "é".ljust(3, "-")
#=>
"abc.."
"  abc"
"12abc121"
"abc"
"é--"
#---
p "abc".each_char.to_a, "abc".chars, "abc".bytes, "äb".bytes, "ab".each_char.with_index.map { |c, i| c * i }, "äb".length, "äb".bytesize, "abc".ord, "abc".sum, "ä".codepoints
#=>
["a", "b", "c"]
["a", "b", "c"]
[97, 98, 99]
[195, 164, 98]
["", "b"]
2
3
97
294
[228]
#---
p "abc".start_with?("ab"), "abc".start_with?("x", "a"), "abc".end_with?("bc"), "abc".include?("b"), "abc".start_with?(/[a-c]+/), "abc".match?(/b/), "abc".match?("B"), "abc".empty?, "".empty?
#=>
true
true
true
true
true
true
false
false
true
#---
p "42".to_i, "42abc".to_i, "abc".to_i, "0x1A".hex, "1A".hex, "777".oct, "0b11".to_i(2), "11".to_i(2), "z".to_i(36), "1_000".to_i, " 12 ".to_i, "-5".to_i, "3.7".to_f, "1e3".to_f, "abc".to_f, ".5".to_f, "1.".to_f, "12abc".to_f, "1_0.5".to_f
#=>
42
42
0
26
26
511
3
3
35
1000
12
-5
3.7
1000.0
0.0
0.5
1.0
12.0
10.5
#---
p "a" + "b", "a" * 3, "a" "b", "abc".reverse, "abc".insert(1, "X"), "a".concat("b", "c"), "a" << "b" << 99, "abc".replace("x"), "b".prepend("a"), "abc".slice(1), "abc".delete_prefix("a"), "abc".delete_suffix("c"), "a-b_c d".tr("-_", "  ")
#=>
"ab"
"aaa"
"ab"
"cba"
"aXbc"
"abc"
"abc"
"x"
"ab"
"b"
"bc"
"ab"
"a b c d"
#---
s = "hello"; s[0] = "J"; p s; s[-1..] = "y"; p s; s[/l+/] = "L"; p s; s["L"] = "ll"; p s; p s.slice!(0), s, s.slice!(1..2), s
#=>
"Jello"
"Jelly"
"JeLy"
"Jelly"
"J"
"ey"
"ll"
"ey"
#---
s = "abc"; p s.upcase!, s.upcase!, s, s.sub!("A", "x"), s.sub!("zzz", ""), s.gsub!(/[BC]/) { |c| c.downcase }, s.strip!, s.chomp!, s.squeeze!, s.capitalize!, s
#=>
"Xbc"
nil
"Xbc"
"Xbc"
nil
"Xbc"
nil
nil
nil
"Xbc"
"Xbc"
#---
p "a\tb\n\e\a\0\x01\u00e9\u200b\\\"\#{x} \#x \#$a".inspect, "\xff".inspect, "\u{1F600}".inspect, 'a#b', "a\#b", "\u0080", "é"
#=>
"\"a\\tb\\n\\e\\a\\u0000\\u0001é​\\\\\\\"\\\#{x} #x \\\#$a\""
"\"\\xFF\""
"\"😀\""
"a#b"
"a#b"
"\u0080"
"é"
#---
p "foo bar baz".partition(" "), "foo bar baz".rpartition(" "), "foo".partition("x"), "foo".rpartition("x"), "a1b2".partition(/\d/), "a1b2".rpartition(/\d/)
#=>
["foo", " ", "bar baz"]
["foo bar", " ", "baz"]
["foo", "", ""]
["", "", "foo"]
["a", "1", "b2"]
["a1b", "2", ""]
#---
p "hello world foo".scan(/o/), "a1b22".scan(/([a-z])(\d+)/), "test".scan("t"), "abc".scan(/(?<x>.)/); "a1b2".scan(/[a-z]\d/) { |m| print m, $~[0], "\n" }
#=>
["o", "o", "o", "o"]
[["a", "1"], ["b", "22"]]
["t", "t"]
[["a"], ["b"], ["c"]]
a1a1
b2b2
#---
p "abc".frozen?, :a.frozen?, "abc".freeze.frozen?, "a".dup.frozen?, "lit".freeze.dup.frozen?
begin; "abc".freeze << "d"; rescue => e; p e.class, e.message; end
#=>
false
true
true
false
false
FrozenError
"can't modify frozen String: \"abc\""
#---
p "abc".unicode_normalize, "abc".encoding, "abc".force_encoding("ASCII-8BIT").encoding, "abc".b.encoding.to_s, "abc".valid_encoding?, "\xff".valid_encoding?, "a\xffb".scrub("?"), "abc".ascii_only?, "é".ascii_only?, "abc".encode("UTF-8"), "é".encode("US-ASCII", undef: :replace), "\xE9".force_encoding("BINARY").length, "aé".encode("US-ASCII", invalid: :replace, undef: :replace, replace: "")
#=>
"abc"
#<Encoding:UTF-8>
#<Encoding:ASCII-8BIT>
"ASCII-8BIT"
true
false
"a?b"
true
false
"abc"
"?"
1
"a"
#---
p "ab\n".dump, "snake_case_word".split("_").map(&:capitalize).join, "CamelCase".gsub(/([A-Z])/) { "_" + $1.downcase }.sub(/^_/, ""), "a b c".tr(" ", "_"), "x=1;y=2".split(";").map { |kv| kv.split("=") }.to_h
#=>
"\"ab\\n\""
"SnakeCaseWord"
"camel_case"
"a_b_c"
{"x"=>"1", "y"=>"2"}
#---
p "a".upto("e").to_a, ("aa".."ad").to_a, "08".upto("11").to_a, "a".ord.chr, "abc".each_char.with_index.to_a, "é".ord
#=>
["a", "b", "c", "d", "e"]
["aa", "ab", "ac", "ad"]
["08", "09", "10", "11"]
"a"
[["a", 0], ["b", 1], ["c", 2]]
233
#---
a = "x"; b = a; b << "y"; p a, a.equal?(b), a.dup.equal?(a), a.object_id == b.object_id
p "a".then { |s| s + "b" }, "a".tap { |s| s << "c" }, "a".itself
#=>
"xy"
true
false
true
"ab"
"ac"
"a"
#---
p "title case here".split.map(&:capitalize).join(" "), "%.2f%%" % 12.5, "abc".sub("b") { |m| m.ord.to_s }, "abc".tr('a-c', 'A-C'), "1,234".delete(",").to_i, "k: v".split(/:\s*/), "a\\b", 'a\nb', "tab\there"
#=>
"Title Case Here"
"12.50%"
"a98c"
"ABC"
1234
["k", "v"]
"a\\b"
"a\\nb"
"tab\there"
#---
puts "a".."c", [1, [2, [nil, 3]]], nil, true, :sym, 1.0, []
print "a", 1, nil, :b, "\n"
puts [nil], [[], []], ""
p
p 1, 2
pp({ a: 1 })
puts "é".center(5, "*"), "%-5s|" % "é"
#=>
a..c
1
2

3

true
sym
1.0
a1b


1
2
{:a=>1}
**é**
é    |
#---
p "ab".eql?("ab"), "abc" =~ /c/, "abc" !~ /d/, "abc".match(/(?<l>b)/)[:l], "abc".match(/z/), "abc".match("b").pre_match, "foo.bar" .tr(".", "/")
#=>
true
2
true
"b"
nil
"a"
"foo/bar"
#---
p "hello %s, you are %d" % ["Bob", 30], format("%-10s|%5.1f", "x", 2.25), sprintf("%03d", 7), format("%s", nil), format("%s", [1, 2]), format("%p", "a"), format("%-+5d|", 3), format("%.0f", 0.5), format("%.0f", 1.5), format("%5.2s|", "abc"), format("%2$s %1$s", "a", "b")
#=>
"hello Bob, you are 30"
"x         |  2.2"
"007"
""
"[1, 2]"
"\"a\""
"+3   |"
"0"
"2"
"   ab|"
"b a"
#---
b = "caf\u00e9\n".b
p b == "café\n", b != "café\n", b == b.dup, "abc".b == "abc", b.encoding, b =~ /caf/, b.match?(/caf..$/), b.match?(/caf.$/), b.strip.encoding, (b + "x").encoding, ("x" + b).encoding, b.include?("caf"), b.start_with?("caf"), b.lines.first.encoding
[-> { b.include?("é") }, -> { b =~ /é/ }, -> { b + "é" }, -> { b.start_with?("é") }, -> { "é" << b }].each do |f|
  begin
    p f.call
  rescue => e
    p e.class
  end
end
#=>
false
true
true
true
#<Encoding:ASCII-8BIT>
0
true
false
#<Encoding:ASCII-8BIT>
#<Encoding:ASCII-8BIT>
#<Encoding:ASCII-8BIT>
true
true
#<Encoding:ASCII-8BIT>
Encoding::CompatibilityError
Encoding::CompatibilityError
Encoding::CompatibilityError
Encoding::CompatibilityError
Encoding::CompatibilityError
