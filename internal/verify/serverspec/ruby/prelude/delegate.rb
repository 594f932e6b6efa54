class SimpleDelegator
  def initialize(object)
    @delegate = object
  end

  def __getobj__
    @delegate
  end

  def __setobj__(object)
    @delegate = object
  end

  def method_missing(name, *args, **opts, &block)
    return super unless @delegate.respond_to?(name)
    @delegate.__send__(name, *args, **opts, &block)
  end

  def respond_to_missing?(name, include_private = false)
    @delegate.respond_to?(name)
  end

  def ==(other)
    other.equal?(self) || @delegate == other
  end

  def to_s
    @delegate.to_s
  end

  def inspect
    @delegate.inspect
  end
end
