module Singleton
  def self.included(base)
    base.extend(ClassMethods)
    base.private_class_method(:new)
  end

  module ClassMethods
    def instance
      @singleton__instance__ ||= new
    end
  end

  def dup
    raise TypeError, "can't dup instance of singleton #{self.class}"
  end

  def clone
    raise TypeError, "can't clone instance of singleton #{self.class}"
  end
end
