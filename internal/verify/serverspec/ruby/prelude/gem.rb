module Gem
  VERSION = '3.3.15'.freeze

  class Version
    include Comparable

    attr_reader :version

    def self.create(version)
      version.is_a?(Version) || version.nil? ? version : new(version)
    end

    def self.correct?(version)
      version.to_s.match?(/\A\s*(\d+(\.\d+|[a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)?\s*\z/)
    end

    def initialize(version)
      unless Version.correct?(version) || version.to_s =~ /\A\s*[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\s*\z/
        raise ArgumentError, "Malformed version number string #{version}"
      end
      @version = version.to_s.strip
      @version = '0' if @version.empty?
      @version = @version.gsub('-', '.pre.')
    end

    def to_s
      @version
    end

    def inspect
      "#<Gem::Version #{@version.inspect}>"
    end

    def segments
      @version.scan(/[0-9]+|[a-z]+/i).map { |s| s =~ /\A\d/ ? s.to_i : s }
    end

    def prerelease?
      @version.match?(/[a-zA-Z]/)
    end

    def release
      prerelease? ? Version.new(segments.take_while { |s| s.is_a?(Integer) }.join('.')) : self
    end

    def bump
      parts = segments.take_while { |s| s.is_a?(Integer) }
      parts.pop if parts.size > 1
      parts[-1] += 1
      Version.new(parts.join('.'))
    end

    def <=>(other)
      return self <=> Version.new(other) if other.is_a?(String) && Version.correct?(other)
      return nil unless other.is_a?(Version)
      mine, theirs = trimmed, other.trimmed
      [mine.size, theirs.size].max.times do |i|
        a = mine.fetch(i, 0)
        b = theirs.fetch(i, 0)
        next if a == b
        return -1 if a.is_a?(String) && b.is_a?(Integer)
        return 1 if a.is_a?(Integer) && b.is_a?(String)
        return a <=> b
      end
      0
    end

    def eql?(other)
      other.is_a?(Version) && @version == other.version
    end

    def hash
      trimmed.hash
    end

    protected

    def trimmed
      list = segments
      list.pop while list.size > 1 && list.last == 0
      list
    end
  end

  class Requirement
    OPERATORS = {
      '=' => ->(v, r) { v == r },
      '!=' => ->(v, r) { v != r },
      '>' => ->(v, r) { v > r },
      '<' => ->(v, r) { v < r },
      '>=' => ->(v, r) { v >= r },
      '<=' => ->(v, r) { v <= r },
      '~>' => ->(v, r) { v >= r && v.release < r.bump }
    }.freeze

    def initialize(*requirements)
      @requirements = requirements.flatten.map do |text|
        operator, version = text.to_s.strip.match(/\A(=|!=|>=|<=|~>|>|<)?\s*(\S+)\z/).captures
        [operator || '=', Version.new(version)]
      end
    end

    def satisfied_by?(version)
      @requirements.all? { |operator, wanted| OPERATORS[operator].call(version, wanted) }
    end
    alias === satisfied_by?
  end

  class Dependency
    def initialize(name, *requirements)
      @name = name
      @requirement = Requirement.new(*requirements)
    end

    def match?(name, version)
      name == @name && @requirement.satisfied_by?(Version.new(version))
    end
  end
end
