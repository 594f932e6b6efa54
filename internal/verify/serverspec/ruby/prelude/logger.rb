# Log lines go to $stdout and $stderr where one of them was given; there is no other file.
class Logger
  module Severity
    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3
    FATAL = 4
    UNKNOWN = 5
  end
  include Severity

  attr_accessor :progname, :formatter, :datetime_format
  attr_reader :level

  def initialize(device = nil, *, level: DEBUG, progname: nil, formatter: nil, **)
    @device = device if device.respond_to?(:puts)
    @progname = progname
    @formatter = formatter
    self.level = level
  end

  def level=(value)
    @level = value.is_a?(Integer) ? value : Severity.const_get(value.to_s.upcase)
  end

  def add(severity, message = nil, progname = nil)
    return true if severity < @level || @device.nil?

    message = block_given? ? yield : progname if message.nil?
    name = %w[DEBUG INFO WARN ERROR FATAL ANY][severity]
    line = if @formatter
             @formatter.call(name, Time.now, @progname, message)
           else
             "#{name[0]}, [#{Time.now.strftime('%Y-%m-%dT%H:%M:%S')}] #{name.rjust(5)} -- #{@progname}: #{message}\n"
           end
    @device.print(line)
    true
  end
  alias log add

  %w[debug info warn error fatal unknown].each_with_index do |name, severity|
    define_method(name) { |message = nil, &block| add(severity, nil, message, &block) }
    define_method("#{name}?") { @level <= severity }
    define_method("#{name}!") { @level = severity }
  end

  def <<(text)
    @device&.print(text)
    self
  end

  def close; end
end
