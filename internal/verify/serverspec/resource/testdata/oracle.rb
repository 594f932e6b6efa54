# Answers calls of resources by the real ServerSpec: JSON in, JSON out. With "canned"
# outputs no command is run; the last one is given again and again.
require 'json'
require 'serverspec'
include Specinfra::Helper::Set
set :backend, :exec

$canned, $asked = nil, []

class Specinfra::Backend::Exec
  alias_method :really_run, :run_command
  def run_command(cmd, opts = {})
    $asked << cmd
    return really_run(cmd, opts) unless $canned
    out = $canned.length > 1 ? $canned.shift : $canned.first
    Specinfra::CommandResult.new(:stdout => out['stdout'].unpack1('m'), :stderr => '', :exit_status => out['exit'])
  end
end

def ruby(v)
  return v unless v.is_a?(Hash)
  kind, value = v.first
  case kind
  when 'symbol' then value.to_sym
  when 'regexp' then Regexp.new(value)
  when 'list' then value.map { |e| ruby(e) }
  when 'hash' then Hash[value.map { |k, e| [ruby(k), ruby(e)] }]
  end
end

def show(v)
  case v
  when nil then 'nil'
  when true, false then v.to_s
  when Integer then "int #{v}"
  when Float then "float #{v.round}"
  when Serverspec::Type::Package::Version then "version #{v.epoch}:#{v.version}"
  when DateTime then "time #{v.to_time.to_i}"
  when Array then '[' + v.map { |e| show(e) }.join(', ') + ']'
  when Hash then '{' + v.map { |k, e| show(k) + ': ' + show(e) }.join(', ') + '}'
  else "string #{v.to_s.b.unpack1('H*')}"
  end
end

results = JSON.parse($stdin.read).map do |c|
  Specinfra.configuration.os = { :family => c['family'], :release => c['release'], :arch => 'x86_64' }
  Specinfra.backend.instance_variable_set(:@os_info, Specinfra.configuration.os)
  property[:os] = Specinfra.configuration.os
  $canned, $asked = c['canned'] && c['canned'].map(&:dup), []
  begin
    if c['type'] == 'host_inventory'
      next { 'value' => show(Specinfra::HostInventory.new(Specinfra.backend, {})[c['method']]), 'commands' => $asked.uniq }
    end
    args = [c['type']]
    args << ruby(c['name']) unless c['name'].nil?
    args << ruby(c['options']) if c['options']
    resource = send(*args)
    value = c['args'].map { |a| ruby(a) }
    # What the matcher makes of its from and to.
    value = value.first(1) + value.drop(1).map { |a| a && Regexp.new(a).inspect } if c['method'] == 'contain'
    if c['type'] == 'cgroup'
      found = c['method'].split('.').inject(resource) { |r, m| r.send(m) }
    else
      found = resource.send(c['method'], *value)
    end
    { 'value' => show(found), 'commands' => $asked.uniq }
  rescue NotImplementedError, StandardError => e
    { 'value' => "raised #{e.class}", 'commands' => $asked.uniq }
  end
end
puts JSON.generate(results)
