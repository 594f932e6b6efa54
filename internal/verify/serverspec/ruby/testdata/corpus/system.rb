p File.exist?("plain.txt"), File.exist?("nope"), File.file?("sub"), File.directory?("sub"), File.read("plain.txt"), File.readlines("plain.txt"), File.readlines("plain.txt", chomp: true), File.size("plain.txt"), File.zero?("empty"), File.size?("empty"), File.symlink?("link"), File.readlink("link"), File.readable?("plain.txt"), File.executable?("plain.txt"), File.extname("a/b.tar.gz"), File.basename("/a/b.rb"), File.basename("/a/b.rb", ".rb"), File.basename("/a/b.rb", ".*"), File.dirname("/a/b/c"), File.dirname("a"), File.dirname("/"), File.join("a", "b", "/c"), File.join("a/", "/b"), File.expand_path("/a/../b"), File.expand_path("x", "/r"), File.expand_path("../x", "/r/s"), File.expand_path("~/x"), File.split("/a/b"), File.extname(".bashrc"), File.extname("a."), File.stat("plain.txt").size, File.stat("sub").directory?, File.ftype("plain.txt"), File.basename("/"), File.fnmatch("*.rb", "a.rb"), File.fnmatch?("*", ".x"), File.join, File.absolute_path?("/x"), "%o" % (File.stat("plain.txt").mode & 0777), File.stat("plain.txt").file?
#=>
true
false
false
true
"one\ntwo\nthree\n"
["one\n", "two\n", "three\n"]
["one", "two", "three"]
14
true
nil
true
"plain.txt"
true
false
".gz"
"b.rb"
"b"
"b"
"/a/b"
"."
"/"
"a/b/c"
"a/b"
"/b"
"/r/x"
"/r/x"
"/home/me/x"
["/a", "b"]
""
"."
14
true
"file"
"/"
true
false
""
true
"644"
true
#---
begin; File.read("nope"); rescue Errno::ENOENT => e; puts e.message; p e.class, e.is_a?(SystemCallError), e.errno; end
begin; File.open("nope/x"); rescue SystemCallError => e; puts e.message; end
begin; File.read("sub"); rescue => e; puts e.class; end
begin; File.size("nope"); rescue => e; puts e.message; end
begin; Dir.entries("nope"); rescue => e; puts e.message; end
begin; raise Errno::ECONNREFUSED; rescue => e; puts e.message; end
begin; raise Errno::ENOENT, "file x"; rescue => e; puts e.message; end
begin; File.stat("nope"); rescue => e; puts e.message; end
#=>
No such file or directory @ rb_sysopen - nope
Errno::ENOENT
true
2
No such file or directory @ rb_sysopen - nope/x
Errno::EISDIR
No such file or directory @ rb_file_s_size - nope
No such file or directory @ dir_initialize - nope
Connection refused
No such file or directory - file x
No such file or directory @ rb_file_s_stat - nope
#---
File.open("plain.txt") { |f| p f.gets, f.read, f.eof?; f.rewind; p f.readline, f.each_line.to_a }
File.open("plain.txt", "r") do |f| f.each_line { |l| puts l.chomp } end
File.foreach("plain.txt") { |l| print l }
p File.foreach("plain.txt").map(&:chomp), IO.read("plain.txt").lines.count, IO.readlines("plain.txt").last, open("plain.txt", &:read).size, File.new("plain.txt").read.size, File.open("plain.txt").readlines.map(&:strip)
#=>
"one\n"
"two\nthree\n"
true
"one\n"
["two\n", "three\n"]
one
two
three
one
two
three
["one", "two", "three"]
3
"three\n"
14
14
["one", "two", "three"]
#---
p Dir.glob("*.txt").sort, Dir["sub/*"].sort, Dir.glob("**/*.rb").sort, Dir.glob("{plain,nope}.txt"), Dir.glob("sub/**/*").sort, Dir.exist?("sub"), Dir.entries("sub").sort, Dir.children("sub").sort, Dir.glob("nope/*"), Dir.glob("sub/?.txt"), Dir.glob("[a-p]*.txt"), Dir.glob("sub/").to_a, Dir.glob("**/").sort, Dir.glob(["*.yml", "*.json"]), Dir.glob("*", base: "sub").sort, Dir.glob(File.join("sub", "*.rb")), Dir.empty?("sub"), File.realpath("link") == File.join(Dir.pwd, "plain.txt")
#=>
["plain.txt"]
["sub/a.rb", "sub/b.txt", "sub/deep"]
["helper.rb", "sub/a.rb", "sub/deep/c.rb"]
["plain.txt"]
["sub/a.rb", "sub/b.txt", "sub/deep", "sub/deep/c.rb"]
true
[".", "..", ".hidden", "a.rb", "b.txt", "deep"]
[".hidden", "a.rb", "b.txt", "deep"]
[]
["sub/b.txt"]
["plain.txt"]
["sub/"]
["sub/", "sub/deep/"]
["config.yml", "config.json"]
["a.rb", "b.txt", "deep"]
["sub/a.rb"]
false
true
#---
p ENV["HOME"], ENV["NOPE"], ENV.fetch("HOME"), ENV.fetch("NOPE", "d"), ENV.fetch("NOPE") { |k| k }, ENV.key?("HOME"), ENV["X"] = "1", ENV["X"], ENV.delete("X"), ENV["X"], ENV.to_h.class, ENV.include?("LANG"), ENV["LANG"] || "none"
begin; ENV.fetch("NOPE"); rescue KeyError => e; puts e.message; end
begin; ENV["a"] = 1; rescue TypeError => e; puts e.message; end
#=>
"/home/me"
nil
"/home/me"
"d"
"NOPE"
true
"1"
"1"
"1"
nil
Hash
true
"C.UTF-8"
key not found: "NOPE"
no implicit conversion of Integer into String
#---
p `echo hi`, $?.exitstatus, $?.success?, %x(printf 'a\nb').lines, `false`, $?.exitstatus, $?.to_i, system("exit 3"), $?.exitstatus, system("true"), `echo $((1+2))`.to_i, `sh -c 'exit 7'; echo $?`.strip
ENV["FOO"] = "bar"; p `echo $FOO`.chomp; require "open3"; o, e, s = Open3.capture3("echo out; echo err >&2; exit 2"); p o, e, s.exitstatus, s.success?; o, s = Open3.capture2e("echo a; echo b >&2"); p o, s.success?; p Open3.capture2("cat", stdin_data: "in").first, IO.popen("echo pop").read, IO.popen(["echo", "a b"]) { |io| io.read }, system("nope-such-command-x"), IO.popen("printf '1\n2\n'").readlines
#=>
"hi\n"
0
true
["a\n", "b"]
""
1
256
false
3
true
3
"7"
"bar"
"out\n"
"err\n"
2
false
"a\nb\n"
true
"in"
"pop\n"
"a b\n"
nil
["1\n", "2\n"]
#---
require_relative "helper"; puts Helper.greet("x"); p require_relative("helper"), $loaded; require "./helper"; p $loaded; load "./helper.rb"; p $loaded
begin; require "zork_nope"; rescue LoadError => e; puts e.message, e.class; end
begin; require_relative "zork"; rescue LoadError => e; puts e.message[-4..]; end
p __FILE__, File.basename(__FILE__), __dir__.class, RUBY_VERSION[0, 3], RUBY_ENGINE
#=>
hello x
false
1
1
2
cannot load such file -- zork_nope
LoadError
zork
"main.rb"
"main.rb"
String
"3.1"
"ruby"
#---
require "stringio"; io = StringIO.new; io.puts "a", 1; io.print "b"; io << "c"; io.write("d"); p io.string, StringIO.new("x\ny").readlines, StringIO.new("q").read; old = $stdout; $stdout.puts "plain"
p rand.class, rand(1), [1, 2, 3].shuffle.size, [1].sample, Random.rand(1).class
#=>
"a\n1\nbcd"
["x\n", "y"]
"q"
plain
Float
0
3
1
Integer
#---
p File.write('w1', "it's\n"), File.read('w1'), File.write('w1', 42, mode: 'a'), File.read('w1'), File.open('w2', 'w') { |f| f.puts 'a', 'b'; f << 'c' << 1; f.print 'd'; f.write('e', 'f') }, File.read('w2')
f = File.new('w3', 'w'); f.puts 'x'; f.flush; p File.read('w3'); f.puts 'y'; f.close; p File.read('w3'), f.closed?
File.open('w3', 'a') { |g| g.puts 'z' }; p File.readlines('w3'), File.size('w2'), IO.write('w2', ''), File.zero?('w2')
p Dir.mkdir('d1'), Dir.exist?('d1'), File.rename('w3', 'd1/w4'), Dir.entries('d1').sort, File.chmod(0o640, 'w1', 'w2'), format('%o', File.stat('w1').mode & 0o777), File.symlink('w1', 'l1'), File.readlink('l1'), File.delete('d1/w4', 'l1'), Dir.rmdir('d1'), File.exist?('d1'), File.delete('w1', 'w2')
#=>
5
"it's\n"
2
"it's\n42"
2
"a\nb\nc1def"
"x\n"
"x\ny\n"
true
["x\n", "y\n", "z\n"]
9
0
true
0
true
0
[".", "..", "w4"]
2
"640"
0
"w1"
2
0
false
2
#---
[-> { Dir.mkdir('m'); Dir.mkdir('m') }, -> { File.write('no/such', 'x') }, -> { File.delete('nothing') }, -> { File.open('m', 'w') {} }, -> { File.open('m/x', 'w') { |f| raise 'out' } }].each { |l| begin; l.call; rescue StandardError => e; p e.class; end }; p File.size('m/x'), File.delete('m/x'), Dir.unlink('m')
#=>
Errno::EEXIST
Errno::ENOENT
Errno::ENOENT
Errno::EISDIR
RuntimeError
0
1
0
#---
here = Dir.pwd
p Dir.chdir('sub') { |d| [d, Dir.pwd == File.join(here, 'sub'), File.exist?('a.rb'), File.read('b.txt'), Dir.glob('*').sort, `ls b.txt`, File.expand_path('x') == File.join(here, 'sub/x'), Dir.chdir('deep') { Dir.glob('*.rb') }] }
p Dir.pwd == here, Dir.chdir('sub'), File.exist?('b.txt'), `cat b.txt`, system('test -e a.rb'), Dir.chdir('..'), Dir.pwd == here
begin; Dir.chdir('sub') { raise 'out' }; rescue => e; p e.message, Dir.pwd == here; end
begin; Dir.chdir('no/such'); rescue SystemCallError => e; p e.class, e.message; end
begin; Dir.chdir('plain.txt'); rescue SystemCallError => e; p e.class; end
require 'tmpdir'
gone = Dir.mktmpdir { |d| p File.directory?(d), File.basename(d).start_with?('d'); File.write(File.join(d, 'x'), 'y'); d }
p File.exist?(gone), Dir.mktmpdir('pre') { |d| File.basename(d)[0, 3] }, Dir.mktmpdir(['a', '.z']) { |d| File.extname(d) }
kept = Dir.mktmpdir; p File.directory?(kept), Dir.rmdir(kept)
#=>
["sub", true, true, "b", ["a.rb", "b.txt", "deep"], "b.txt\n", true, ["c.rb"]]
true
0
true
"b"
true
0
true
"out"
true
Errno::ENOENT
"No such file or directory @ dir_s_chdir - no/such"
Errno::ENOTDIR
true
true
false
"pre"
".z"
true
0
#---
p Process.pid == $$, Process.pid > 1
require 'pathname'
f = Pathname.new('path-of-mine'); p f.write('text'), f.read, f.exist?, f.delete, f.exist?
d = Pathname('dir-of-mine'); d.mkdir; p d.directory?, (d + 'x').write('1'), d.children.map(&:to_s), (d / 'x').unlink, d.rmdir
p d.exist?
require 'uri'; p URI('http://a.example:81/x?y=1').port
#=>
true
true
4
"text"
true
1
false
true
1
["dir-of-mine/x"]
1
0
false
81
#---
File.write('auto_me.rb', "class AutoMe; def hi; 'hi'; end; end\nmodule Outer; class Inner; X = 3; end; end\n$auto = ($auto || 0) + 1\n")
autoload :AutoMe, './auto_me'
p $auto; p AutoMe.new.hi, $auto; p AutoMe.name, $auto
module Holder; autoload :Kept, './kept.rb'; def self.k; Kept; end; end
File.write('kept.rb', "module Holder; class Kept; end; end\n")
p Holder.k, Holder::Kept
autoload :Missing, './missing_file'
begin; Missing; rescue LoadError => e; p e.class; end
File.delete('auto_me.rb', 'kept.rb')
#=>
nil
"hi"
1
"AutoMe"
1
Holder::Kept
Holder::Kept
LoadError
