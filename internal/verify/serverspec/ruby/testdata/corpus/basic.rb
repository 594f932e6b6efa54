puts "hello #{1 + 2}"
def add(a, b = 2, *rest, k: 1, **opts, &blk)
  [a, b, rest, k, opts, blk && blk.call]
end
p add(1)
p add(1, 3, 4, 5, k: 6, z: 7) { :blk }
%w[a b].each { |x| puts x }
#=>
hello 3
[1, 2, [], 1, {}, nil]
[1, 3, [4, 5], 6, {:z=>7}, :blk]
a
b
#---
x = <<~EOS
  one
    two #{1 + 1}
  three
EOS
puts x
p x =~ /two (\d)/, $1, $~[0], $`
#=>
one
  two 2
three
6
"2"
"two 2"
"one\n  "
#---
begin
  nil.foo
rescue NoMethodError => e
  puts e.message
end
begin
  foo
rescue NameError => e
  puts e.message, e.class, e.name.inspect
end
begin
  Foo
rescue NameError => e
  puts e.message
end
"abc".bar
#=>
undefined method `foo' for nil:NilClass
undefined local variable or method `foo' for main:Object
NameError
:foo
uninitialized constant Foo
uncaught NoMethodError: undefined method `bar' for "abc":String
