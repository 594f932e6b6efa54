require "json"
p JSON.parse('{"a": [1, 2.5, null, true, "x\u00e9\n"], "b": {"c": -1e3}}'), JSON.parse('{"a": 1}', symbolize_names: true), JSON.parse("[]"), JSON.parse("2"), { "a" => [1, nil, true, 1.5, "x\"y\n\u00e9</"], b: :sym, 3 => {} }.to_json, [1, "a", nil].to_json, "str".to_json, nil.to_json, :s.to_json, 1.5.to_json, JSON.generate({ a: 1 }), JSON.dump([1]), JSON.parse('{"a":{"b":[]}}').dig("a", "b"), JSON.parse('"a\/b"'), JSON.parse('[1e2, 12345678901234567890]')
puts JSON.pretty_generate({ "a" => [1, { "b" => 2 }], "c" => {}, "d" => [], "e" => nil })
begin; JSON.parse("{bad"); rescue JSON::ParserError => e; p e.class, e.is_a?(StandardError); end
begin; JSON.parse(""); rescue JSON::ParserError => e; p e.class; end
class J; def to_json(*a) = { x: 1 }.to_json(*a); end; puts [J.new].to_json, { j: J.new }.to_json; class J2; def to_s = "j2"; end; puts [J2.new].to_json
#=>
{"a"=>[1, 2.5, nil, true, "xé\n"], "b"=>{"c"=>-1000.0}}
{:a=>1}
[]
2
"{\"a\":[1,null,true,1.5,\"x\\\"y\\né</\"],\"b\":\"sym\",\"3\":{}}"
"[1,\"a\",null]"
"\"str\""
"null"
"\"s\""
"1.5"
"{\"a\":1}"
"[1]"
[]
"a/b"
[100.0, 12345678901234567890]
{
  "a": [
    1,
    {
      "b": 2
    }
  ],
  "c": {
  },
  "d": [

  ],
  "e": null
}
JSON::ParserError
true
JSON::ParserError
[{"x":1}]
{"j":{"x":1}}
["j2"]
#---
require "yaml"
y = YAML.load_file("config.yml", aliases: true); p y, y["ports"].sum
p YAML.load("a: 1\nb: [x, 'y', \"z\"]\nc:\n  d: true\n  e: null\n  f: 1.5\n  g: 012\n  h: 0x1f\n  i: 1_000\n  j: yes\n  k: 'yes'\n  l: on\n  m: ~\n  n: \n  o: 10:30\n  p: 1.2.3\n  q: 1e3\n  r: .inf\n  s: :sym\n  t: !!str 5\n"), YAML.load("- 1\n- - 2\n  - 3\n"), YAML.load("just text"), YAML.load(""), YAML.load("--- |\n  a\n  b\n"), YAML.load("--- >\n  a\n  b\n"), YAML.safe_load("a: b"), YAML.load("base: &b\n  x: 1\nother:\n  <<: *b\n  y: 2\n", aliases: true), YAML.load("a: 1", symbolize_names: true), YAML.load("12"), YAML.load("'12'"), YAML.load("08"), YAML.load("1,000"), YAML.load("0.5"), YAML.load("-1"), YAML.load("+1"), YAML.load("a: :b c"), YAML.load(":a: 1"), YAML.load("x: \"a\\tb\"")
begin; YAML.load("a: [1"); rescue Psych::SyntaxError => e; p e.class; end
begin; YAML.load("a: &x 1\nb: *x"); rescue Psych::BadAlias => e; p e.class; end
begin; YAML.load_file("nope.yml"); rescue Errno::ENOENT => e; puts e.message; end
#=>
{"name"=>"web", "ports"=>[80, 443], "hosts"=>[{"ip"=>"10.0.0.1"}, "10.0.0.2"], "flag"=>true, "none"=>nil, "sym"=>:value, "oct"=>420, "float"=>1.5, "ver"=>"1.10", "multi"=>"line 1\nline 2\n"}
523
{"a"=>1, "b"=>["x", "y", "z"], "c"=>{"d"=>true, "e"=>nil, "f"=>1.5, "g"=>10, "h"=>31, "i"=>1000, "j"=>true, "k"=>"yes", "l"=>true, "m"=>nil, "n"=>nil, "o"=>37800, "p"=>"1.2.3", "q"=>"1e3", "r"=>Infinity, "s"=>:sym, "t"=>"5"}}
[1, [2, 3]]
"just text"
nil
"a\nb\n"
"a b\n"
{"a"=>"b"}
{"base"=>{"x"=>1}, "other"=>{"x"=>1, "y"=>2}}
{:a=>1}
12
"12"
"08"
1000
0.5
-1
1
{"a"=>:"b c"}
{:a=>1}
{"x"=>"a\tb"}
Psych::SyntaxError
Psych::BadAlias
No such file or directory @ rb_sysopen - nope.yml
#---
require "shellwords"; p Shellwords.escape("a b'c$d"), "it's".shellescape, %w[a b\ c].shelljoin, Shellwords.split("a 'b c' \"d e\" f\\ g"), "x y".shellsplit, Shellwords.escape(""), Shellwords.join(["a", "b c"]), "a/b:c@d=e,f%g+h".shellescape, "é".shellescape
require "digest"; p Digest::MD5.hexdigest("a"), Digest::SHA1.hexdigest("a"), Digest::SHA256.hexdigest("a"), Digest::SHA256.new.update("a").hexdigest, Digest::MD5.base64digest("x")
require "base64"; p Base64.encode64("hello world"), Base64.strict_encode64("hi"), Base64.decode64("aGk="), Base64.urlsafe_encode64("??>"), Base64.strict_decode64("aGk="), Base64.encode64("x" * 60)
require "securerandom"; p SecureRandom.hex(4).size, SecureRandom.uuid =~ /\A\h{8}-/, SecureRandom.alphanumeric(5).size
require "uri"; u = URI.parse("http://user:pw@example.com:8080/a/b?q=1#f"); p u.scheme, u.host, u.port, u.path, u.query, u.fragment, u.userinfo, u.to_s, URI.parse("https://x.org").port, URI("http://a.b/c").request_uri, URI.join("http://a.b/c/d", "e").to_s, URI.encode_www_form(a: 1, b: "x y"), URI.encode_www_form_component("a b&c/é"), URI.decode_www_form_component("a+b%26"), u.class, URI.parse("file:///etc/x").path
require "ipaddr"; i = IPAddr.new("10.0.0.0/8"); p i.include?("10.1.2.3"), i.include?("11.0.0.1"), i.to_s, IPAddr.new("1.2.3.4") == "1.2.3.4", IPAddr.new("::1").ipv6?, IPAddr.new("10.1.2.3/16").to_s, IPAddr.new("192.168.1.1").to_i, IPAddr.new("10.0.0.1").private?, IPAddr.new("2001:db8::1").to_s, IPAddr.new("10.0.0.0/30").to_range.map(&:to_s)
begin; IPAddr.new("nonsense"); rescue IPAddr::InvalidAddressError => e; p e.class; end
require "pathname"; q = Pathname.new("/a/b/c.rb"); p q.basename.to_s, q.dirname.to_s, q.extname, (q + "../d").to_s, q.parent.to_s, q.join("x", "y").to_s, q.absolute?, Pathname.new("a") / "b", Pathname("x").exist?, Pathname.new("plain.txt").read, Pathname.new("a//b/../c").cleanpath.to_s, q.sub("b", "z").to_s, q.relative_path_from(Pathname.new("/a")).to_s, Pathname.new("sub").children.map(&:to_s).sort, q.to_s, q == Pathname.new("/a/b/c.rb")
require "English"; `true`; p $CHILD_STATUS.exitstatus; "ab" =~ /b/; p $PREMATCH, $MATCH
require "time"; p Time.parse("2024-05-06 07:08:09 UTC").to_i, Time.parse("2024-05-06T07:08:09Z").iso8601, Time.iso8601("2024-01-02T03:04:05Z").year, Time.at(0).utc.httpdate, Time.parse("May 6 2024 10:00 UTC").hour, Time.parse("Dec 31 23:59:59 2030 GMT").year
#=>
"a\\ b\\'c\\$d"
"it\\'s"
"a b\\ c"
["a", "b c", "d e", "f g"]
["x", "y"]
"''"
"a b\\ c"
"a/b:c@d\\=e,f\\%g+h"
"\\é"
"0cc175b9c0f1b6a831c399e269772661"
"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
"ndTkYSaMgDT1yFZOFVxnpg=="
"aGVsbG8gd29ybGQ=\n"
"aGk="
"hi"
"Pz8-"
"hi"
"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\neHh4eHh4eHh4eHh4eHh4\n"
8
0
5
"http"
"example.com"
8080
"/a/b"
"q=1"
"f"
"user:pw"
"http://user:pw@example.com:8080/a/b?q=1#f"
443
"/c"
"http://a.b/c/e"
"a=1&b=x+y"
"a+b%26c%2F%C3%A9"
"a b&"
URI::HTTP
"/etc/x"
true
false
"10.0.0.0"
true
true
"10.1.0.0"
3232235777
true
"2001:db8::1"
["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]
IPAddr::InvalidAddressError
"c.rb"
"/a/b"
".rb"
"/a/b/d"
"/a/b"
"/a/b/c.rb/x/y"
true
#<Pathname:a/b>
false
"one\ntwo\nthree\n"
"a/c"
"/a/z/c.rb"
"b/c.rb"
["sub/.hidden", "sub/a.rb", "sub/b.txt", "sub/deep"]
"/a/b/c.rb"
true
0
"a"
"b"
1714979289
"2024-05-06T07:08:09Z"
2024
"Thu, 01 Jan 1970 00:00:00 GMT"
10
2030
#---
t = Time.utc(2024, 5, 6, 7, 8, 9); p t, t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.to_i, t + 60, t - 3600, t - Time.utc(2024, 5, 6), t < t + 1, t.to_s, t.monday?, t.strftime("%Y-%m-%d %H:%M:%S %j %a %A %b %B %e %I %p %y %Z %z %s %% %F %T %D %R %-d %-m %3N %L %^a %10Y %:z %u %V %C %k|%l %U %c %x %X %n%t %P %h %r"), t == Time.utc(2024, 5, 6, 7, 8, 9), t <=> t + 1, Time.at(1715000000).utc.to_s, t.usec, t.to_f, t.zone, t.utc?, (t + 0.5).inspect, t.round.to_i, Time.utc(2024, "1", 2).month, Time.at(1.5).utc.usec, t.strftime("%d/%b/%Y:%H:%M:%S %z"), Time.gm(2000).to_s, [t, t - 1].min == t - 1
begin; Time.utc(2024, 13); rescue ArgumentError => e; puts e.message; end
#=>
2024-05-06 07:08:09 UTC
2024
5
6
7
8
9
1
127
1714979289
2024-05-06 07:09:09 UTC
2024-05-06 06:08:09 UTC
25689.0
true
"2024-05-06 07:08:09 UTC"
true
"2024-05-06 07:08:09 127 Mon Monday May May  6 07 AM 24 UTC +0000 1714979289 % 2024-05-06 07:08:09 05/06/24 07:08 6 5 000 000 MON 0000002024 +00:00 1 19 20  7| 7 18 Mon May  6 07:08:09 2024 05/06/24 07:08:09 \n\t am May 07:08:09 AM"
true
-1
"2024-05-06 12:53:20 UTC"
0
1714979289.0
"UTC"
true
"2024-05-06 07:08:09.5 UTC"
1714979289
1
500000
"06/May/2024:07:08:09 +0000"
"2000-01-01 00:00:00 UTC"
true
mon out of range
#---
require "date"
d = Date.new(2024, 1, 31); p d.year, d.to_s, (d + 1).to_s, (d >> 1).to_s, (d << 2).to_s, (Date.new(2024, 3, 1) - d).to_i, d < d + 1, d.strftime("%d/%m/%y %a"), d.wday, d.yday, d.leap?, d.saturday?, Date.parse("2024-05-06").mon, (d..d + 2).map(&:day), Date.valid_date?(2023, 2, 29), d == Date.new(2024, 1, 31), { d => 1 }[Date.new(2024, 1, 31)], Time.utc(2024, 2, 3).to_date.to_s, d.next_month.to_s, Date.new(2024, -1, -1).to_s, Date::MONTHNAMES[2], Date.parse("May 6 2024").to_s
begin; Date.new(2024, 2, 30); rescue ArgumentError => e; p e.class, e.message; end
begin; Date.parse("zzz"); rescue ArgumentError => e; p e.class, e.message; end
#=>
2024
"2024-01-31"
"2024-02-01"
"2024-02-29"
"2023-11-30"
30
true
"31/01/24 Wed"
3
31
true
false
5
[31, 1, 2]
false
true
1
"2024-02-03"
"2024-02-29"
"2024-12-31"
"February"
"2024-05-06"
Date::Error
"invalid date"
Date::Error
"invalid date"
#---
require "timeout"
begin; Timeout.timeout(0.02) { sleep 5; puts "no" }; rescue Timeout::Error => e; p e.class, e.message; end
begin; Timeout.timeout(0.02, ArgumentError) { sleep 5 }; rescue ArgumentError => e; p e.message; end
begin; Timeout.timeout(5) { Timeout.timeout(0.01) { sleep 1 } }; rescue Timeout::Error => e; p e.message; end
p Timeout.timeout(5) { sleep 0.01; :done }, Timeout.timeout(nil) { 1 }, Timeout.timeout(0) { sleep 0.01; 2 }
#=>
Timeout::Error
"execution expired"
"execution expired"
"execution expired"
:done
1
2
#---
require 'erb'
x = 3; p ERB.new("a <%= x + 1 %> b\n").result(binding)
def of_template(v) ; list = [1, 2]; ERB.new("<% list.each do |i| -%>\n  - <%= i %>:<%= v %>\n<%- end -%>\nend\n", trim_mode: '-').result(binding); end
puts of_template('q')
p ERB.new("<% 2.times do |i| %>\n<%= i %>\n<% end %>\n").result
p ERB.new("<% 2.times do |i| %>\n<%= i %>\n x <%= i %>\n<% end %>\n", trim_mode: '<>').result
p ERB.new("<% 2.times do |i| %>\n<%= i %>\n x <%= i %>\n<% end %>\n", trim_mode: '>').result
p ERB.new("% 2.times do |i|\n<%= i %>,\n% end\n%% x\n", trim_mode: '%').result
p ERB.new("% 2.times do |i|\n<%= i -%>\n,\n% end\n", trim_mode: '%-').result
p ERB.new("<%# no %>a\n<%% b %>\n\"\#{c}\\n\"\n").result
p ERB.new("<%= name %>-<%= n * 2 %>").result_with_hash(name: 'web', n: 4)
p ERB.new("  <%- if true -%>\n  yes\n  <%- else -%>\n  no\n  <%- end -%>\n", trim_mode: '-').result
p ERB.new("<%= '%%>' %> <%= nil %>|<%= :a %>|<%= [1] %>").result
class Page; def initialize; @t = 'title'; end; def helper; 'h'; end; def get; binding; end; end
p ERB.new("<%= @t %> <%= helper %>").result(Page.new.get)
p ERB.new("a\n\n<% y = 1 %>\n<%= y %>").result(binding)
begin; ERB.new("<%= nothing_here %>").result; rescue NameError => e; p e.class; end
begin; ERB.new("<% if %>").result; rescue SyntaxError => e; p e.class; end
p ERB.new("é <%= 'ü' %>\n\t#x\n").result
p ERB.new("<% if true %>y<% end %>\nz <%= 1 -%>\nw", trim_mode: '-').result
p ERB.new("<% if true %>\ny<% end %>\n<%= 1 %> <%= 2 %>\nw", trim_mode: '<>').result
b = binding; b.local_variable_set(:x, 9); p x, b.local_variable_get(:x), b.local_variable_defined?(:nope), b.receiver.to_s
#=>
"a 4 b\n"
  - 1:q
  - 2:q
end
"\n0\n\n1\n\n"
"0 x 0\n1 x 1\n"
"0 x 01 x 1"
"0,\n1,\n% x\n"
"0,\n1,\n"
"a\n<% b %>\n\"\#{c}\\n\"\n"
"web-8"
"  yes\n"
"%> |a|[1]"
"title h"
"a\n\n\n1"
NameError
SyntaxError
"é ü\n\t#x\n"
"y\nz 1w"
"y\n1 2w"
9
9
false
"main"
#---
require 'date'
d = DateTime.new(2024, 5, 6, 7, 8, 9); p d, d.to_s, d.hour, d.min, d.minute, d.sec, d.year, d.day, d.wday, d.zone
p DateTime.parse('2024-02-03T04:05:06+02:00'), DateTime.parse('2024-02-03 04:05:06'), DateTime.parse('2024-02-03'), DateTime.parse('2024-02-03T04:05:06Z').to_time.to_i
p DateTime.strptime('1714979289', '%s'), DateTime.strptime('06/05/2024 07:08', '%d/%m/%Y %H:%M').to_s, DateTime.strptime('May  6 07:08:09 2024 GMT', '%b %d %H:%M:%S %Y %Z'), DateTime.strptime('2024-05-06T07:08:09+0200', '%FT%T%z')
p d + 1, d - 1, d >> 1, d > DateTime.new(2024, 5, 6), d == DateTime.parse('2024-05-06T07:08:09Z'), d == DateTime.parse('2024-05-06T09:08:09+02:00'), (DateTime.new(2024, 5, 8) - DateTime.new(2024, 5, 6)).to_i, ((DateTime.new(2024, 5, 8, 12) - DateTime.new(2024, 5, 6)) * 24).to_i
p d.strftime('%Y/%m/%d %H'), d.to_date, d.is_a?(Date), DateTime.now.is_a?(DateTime), d.iso8601, d.new_offset('+02:00').to_s, d < DateTime.now, (d..DateTime.now).cover?(DateTime.new(2024, 5, 6, 7, 8, 9)), Date.new(2024, 1, 2).to_datetime.to_s, Time.at(0).utc.to_datetime.to_s
begin; DateTime.parse('nothing'); rescue ArgumentError => e; p e.class, e.message; end
#=>
#<DateTime: 2024-05-06T07:08:09+00:00 ((2460437j,25689s,0n),+0s,2299161j)>
"2024-05-06T07:08:09+00:00"
7
8
8
9
2024
6
1
"+00:00"
#<DateTime: 2024-02-03T04:05:06+02:00 ((2460344j,7506s,0n),+7200s,2299161j)>
#<DateTime: 2024-02-03T04:05:06+00:00 ((2460344j,14706s,0n),+0s,2299161j)>
#<DateTime: 2024-02-03T00:00:00+00:00 ((2460344j,0s,0n),+0s,2299161j)>
1706933106
#<DateTime: 2024-05-06T07:08:09+00:00 ((2460437j,25689s,0n),+0s,2299161j)>
"2024-05-06T07:08:00+00:00"
#<DateTime: 2024-05-06T07:08:09+00:00 ((2460437j,25689s,0n),+0s,2299161j)>
#<DateTime: 2024-05-06T07:08:09+02:00 ((2460437j,18489s,0n),+7200s,2299161j)>
#<DateTime: 2024-05-07T07:08:09+00:00 ((2460438j,25689s,0n),+0s,2299161j)>
#<DateTime: 2024-05-05T07:08:09+00:00 ((2460436j,25689s,0n),+0s,2299161j)>
#<DateTime: 2024-06-06T07:08:09+00:00 ((2460468j,25689s,0n),+0s,2299161j)>
true
true
true
2
60
"2024/05/06 07"
#<Date: 2024-05-06 ((2460437j,0s,0n),+0s,2299161j)>
true
true
"2024-05-06T07:08:09+00:00"
"2024-05-06T09:08:09+02:00"
true
true
"2024-01-02T00:00:00+00:00"
"1970-01-01T00:00:00+00:00"
Date::Error
"invalid date"
