module Forwardable
  def def_delegator(accessor, method, ali = method)
    accessor = accessor.to_s
    define_method(ali) do |*args, **opts, &block|
      target = accessor.start_with?('@') ? instance_variable_get(accessor) : send(accessor)
      target.__send__(method, *args, **opts, &block)
    end
    ali.to_sym
  end
  alias def_instance_delegator def_delegator

  def def_delegators(accessor, *methods)
    methods.each { |method| def_delegator(accessor, method) }
  end
  alias def_instance_delegators def_delegators

  def delegate(hash)
    hash.each do |methods, accessor|
      Array(methods).each { |method| def_delegator(accessor, method) }
    end
  end
  alias instance_delegate delegate
end
