p :a, :"a b", :a?, :b!, :c=, :[], :+, :"1a", :"", :A, :@iv, :$g, :@@c, :"foo-bar", :"é", :<=>, :!, :"a=b", %i[a b], :a.to_proc.call("x") rescue p $!.class
p :abc.to_s, :abc.length, :a <=> :b, :a == :a, :abc[1], :a.to_sym, :abc.upcase, "abc".to_sym, :a.inspect, :abc.start_with?("a"), :b.succ, :a.hash == :a.hash, :abc =~ /b/, [:b, :a].sort, %w[x y].map(&:to_sym), { "a-b": 1 }, :a.size, :a.empty?, "foo bar".to_sym.inspect, :a.frozen?, :a.object_id == :a.object_id, [:a, :b].include?(:b), :abc.end_with?("c"), :"9".inspect, :nil.inspect, :a.class
#=>
NoMethodError
"abc"
3
-1
true
"b"
:a
:ABC
:abc
":a"
true
:c
true
1
[:a, :b]
[:x, :y]
{:"a-b"=>1}
1
false
":\"foo bar\""
true
true
true
true
":\"9\""
":nil"
Symbol
