p "foo123" =~ /\d+/, $~[0], $&, $`, $', $1, "abc" =~ /z/, $~, "a-b" =~ /(\w)-(\w)/, $1, $2, $+, Regexp.last_match(1)
#=>
3
"123"
"123"
"foo"
""
nil
nil
nil
0
"a"
"b"
"b"
"a"
#---
m = "John Smith 42".match(/(?<first>\w+) (?<last>\w+) (?<age>\d+)/); p m, m[:first], m["last"], m[3], m.names, m.captures, m.named_captures, m.pre_match, m.post_match, m.to_a, m.begin(0), m.end(:age), m.offset(2), m.values_at(1, 3), m.size, m.string
#=>
#<MatchData "John Smith 42" first:"John" last:"Smith" age:"42">
"John"
"Smith"
"42"
["first", "last", "age"]
["John", "Smith", "42"]
{"first"=>"John", "last"=>"Smith", "age"=>"42"}
""
""
["John Smith 42", "John", "Smith", "42"]
0
13
[5, 10]
["John", "42"]
4
"John Smith 42"
#---
p /a.c/m.match?("a\nc"), /a.c/.match?("a\nc"), /A/i.match?("a"), /a b/x.match?("ab"), /^b$/.match?("a\nb\nc"), /\Ab\z/.match?("a\nb"), /\Aab\Z/.match?("ab\n"), /\h+/.match("xyz1f")[0], /[[:alpha:]]+/.match("12ab")[0], /[[:space:]]/.match?("a b"), /[^[:digit:]]+/.match("12ab")[0], /\p{Alpha}+/.match("1é")[0], /(?<=a)b/.match?("ab"), /a(?!b)/.match?("ab"), /(?<!a)b/.match?("ab"), /(?i)ab/.match?("AB"), /(?i:a)b/.match?("Ab"), /a++b/.match?("aab"), /\R/.match?("\r\n"), /(a)|(b)/.match("b").to_a, /[\w.-]+/.match("a.b-c d")[0], /\//.match?("a/b"), %r{/etc/(\w+)}.match("/etc/passwd")[1]
#=>
true
false
true
true
true
false
true
"1f"
"ab"
true
"ab"
"é"
true
false
false
true
true
true
true
["b", nil, "b"]
"a.b-c"
true
"passwd"
#---
p /a/, /a\/b/, %r{a/b}, /a/mix, Regexp.new("a.b"), Regexp.escape("a.b*c [x]-{y} \n"), Regexp.union("a", /b/i, "c.d"), Regexp.union(%w[x y]), /a/.source, /a/i.to_s, /#{"x+"}y/, /#{/a/i}b/, Regexp.new("a", Regexp::IGNORECASE), /a/ == /a/, /a/.hash == /a/.hash, /(?<a>.)(?<b>.)/.names, /x/.options, /x/i.options, /x/mix.options
#=>
/a/
/a\/b/
/a\/b/
/a/mix
/a.b/
"a\\.b\\*c\\ \\[x\\]\\-\\{y\\}\\ \\n"
/a|(?i-mx:b)|c\.d/
/x|y/
"a"
"(?i-mx:a)"
/x+y/
/(?i-mx:a)b/
/a/i
true
true
["a", "b"]
0
1
7
#---
if /(?<year>\d+)-(?<mon>\d+)/ =~ "2024-05" then p year, mon end
p "aXbX".gsub(/x/i) { $&.downcase + $~.begin(0).to_s }, "foo.bar".split(/\./), "2024-05-06".match(/(\d+)-(\d+)/).captures.map(&:to_i), "test" !~ /x/, "line1\nline2".scan(/^\w+$/), "k=v; k2=v2".scan(/(\w+)=(\w+)/).to_h, "aaa".gsub(/a{2}/, "b"), "a{b}".match?(/{b}/), "a{,2}"[/a{,2}/], "tel: 555-1234"[/\d{3}-\d{4}/], "x" =~ /(y)?/, $1
#=>
"2024"
"05"
"ax1bx3"
["foo", "bar"]
[2024, 5]
true
["line1", "line2"]
{"k"=>"v", "k2"=>"v2"}
"ba"
true
"a"
"555-1234"
0
nil
#---
begin; Regexp.new("("); rescue RegexpError => e; p e.class; end
begin; Regexp.new("[a"); rescue RegexpError => e; p e.class; end
begin; "a".match(nil); rescue TypeError => e; puts e.message; end
p "foo bar".sub(/(\w+) (\w+)/, '\2 \1'), "John".sub(/(?<n>J)/, '<\k<n>>'), "a.b.c".tr(".", "\\"), 'a\b'.gsub("\\", "/"), "a'b".gsub("'", "\\\\'"), "path".gsub(/t/, "\\\\0"), "x-1".gsub(/-(\d)/) { "#{$1.to_i + 1}" }, "hello"[/(l)(l)(o)/, 3], "日本語".match(/本/).begin(0), "日本語" =~ /語/, "äöü".scan(/./), "äöü".gsub(/ö/, "o"), "é" =~ /\w/, "aé b" =~ /\b/, "x\ty".split(/\s/), "\u00a0" =~ /\s/, "\u00a0" =~ /[[:space:]]/
#=>
RegexpError
RegexpError
wrong argument type nil (expected Regexp)
"bar foo"
"<J>ohn"
"a\\b\\c"
"a/b"
"a\\'b"
"pa\\0h"
"x2"
"o"
1
2
["ä", "ö", "ü"]
"äoü"
nil
0
["x", "y"]
nil
0
#---
p "root:x:0:0:root:/root:/bin/bash" =~ /^root:.*:\/bin\/bash$/, "PermitRootLogin no\n# x" =~ /^PermitRootLogin\s+no$/, "Listen 80\nListen 443".scan(/^Listen (\d+)/).flatten, "nginx version: nginx/1.18.0"[%r{nginx/([\d.]+)}, 1], "tcp 0 0 0.0.0.0:22" =~ /:22\b/, "enabled\n".match?(/^enabled$/), "Active: active (running)" =~ /active \(running\)/, "a=1 b=2".gsub(/(\w)=(\d)/, '\2=\1'), "ii  nginx  1.2"[/^ii\s+(\S+)/, 1], "net.ipv4.ip_forward = 1" =~ /net\.ipv4\.ip_forward\s*=\s*1/
p "ab12cd"[/[a-z]+(?=\d)/], "foobar".sub(/(?<=foo)bar/, "X"), "aaa"[/a+?/], "<a><b>"[/<.+?>/], "ab\ncd"[/b$/], "ab\ncd" =~ /^cd/, "abab".scan(/(?:ab)/), "\\d" =~ /\\d/, "a+b" =~ /a\+b/, "\e[31mred\e[0m".gsub(/\e\[\d+m/, ""), "2+2".match(/\+/).pre_match, "a\\"[/\\\z/], "[x]"[/\[(.)\]/, 1], "a]b"[/[\]]/], "a-b"[/[a\-]+/], "^$"[/[\^$]+/], "a&&b"[/&&/], "x#y"[/x#y/], "x y"[/x\ y/x], "a/b"[%r(a/b)]
#=>
0
0
["80", "443"]
"1.18.0"
15
true
8
"1=a 2=b"
"nginx"
0
"ab"
"fooX"
"a"
"<a>"
"b"
3
["ab", "ab"]
0
0
"red"
"2"
"\\"
"x"
"]"
"a-"
"^$"
"&&"
"x#y"
"x y"
"a/b"
#---
p "a\n" =~ /^\s*$/, "a\n\n" =~ /^\s*$/, "a\n" =~ /^$/, "" =~ /^$/, "\n" =~ /^$/, "a\nb" =~ /^$/, "\tuser x\n" =~ /^\s*#/, "a\n".gsub(/^/, '> '), "a\nb".gsub(/^/, '> '), "a\n".gsub(/$/, '<'), "a\n\n".split(/^/), "a\n".scan(/^b*/), "a\nb" =~ /^ b/x, "x\ny".gsub(/^(?=y)|^x/, '-')
#=>
nil
2
nil
0
0
nil
nil
"> a\n"
"> a\n> b"
"a<\n<"
["a\n", "\n"]
[""]
2
"-\n-y"
