# Writes coremethods.txt: what the classes and the top level of Ruby itself have.
# Run as: ruby --disable-gems coremethods.rb > coremethods.txt
names = Object.constants.map(&:to_s).sort
puts "constants: #{names.join(' ')}"
[Object, *names.map { |n| Object.const_get(n) }.grep(Module)].uniq.sort_by(&:name).each do |mod|
  next if mod <= Exception && mod != Exception && mod.instance_methods(false).empty?
  own = (mod.instance_methods(false) + mod.private_instance_methods(false)).sort
  puts "#{mod.name}#: #{own.join(' ')}" unless own.empty?
  single = mod.singleton_methods(false).sort
  puts "#{mod.name}.: #{single.join(' ')}" unless single.empty?
end
